"""All processes share one file of counts."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cookiegate import Reason
from cookiegate.reports.sqlite import CountsFile, ReportFileError
from cookiegate.reports.tally import OTHERS
from tests.reports.rows import row


def shown(file: CountsFile) -> list[tuple[str, int]]:
    return [(one.key.subject, one.count) for one in file.read()]


def test_counts_add_up_over_time(tmp_path: Path) -> None:
    file = CountsFile(tmp_path / "counts.db")
    file.add([row("a", 2), row("b", 5)], now=100.9)
    file.add([row("a", 4, 60.0)], now=200.0)
    file.add([row("a", 1, 30.0)], now=150.0)
    first, second = file.read()
    assert (first.key, first.count, first.lifetime) == (row("a").key, 7, 60.0)
    assert (first.first_seen, first.last_seen) == (100, 200)
    assert (second.count, second.lifetime, second.first_seen) == (5, None, 100)


def test_a_row_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = CountsFile(tmp_path / "counts.db")
    written = row(
        "sid",
        category="essential",
        reason=Reason.REQUIRED,
        action="keep",
        allowed=True,
        notes=(Reason.OUTLIVES, Reason.REPORT_MODE),
        route="/users/<id>",
    )
    file.add([written], now=1)
    (read,) = file.read()
    assert read.key == written.key


def test_rows_beyond_the_limit_are_counted_together(tmp_path: Path) -> None:
    file = CountsFile(tmp_path / "counts.db", limit=3)
    file.add([row(f"n{number}", 10 - number) for number in range(5)], now=1)
    file.add([row("n0"), row("n9")], now=2)
    assert shown(file) == [(OTHERS, 14), ("n0", 11), ("n1", 9), ("n2", 8)]


def test_a_row_without_a_subject_needs_no_further_one(tmp_path: Path) -> None:
    file = CountsFile(tmp_path / "counts.db", limit=1)
    file.add([row("a")], now=1)
    file.add([row(OTHERS)], now=1)
    file.add([row(OTHERS), row("b")], now=1)
    assert shown(file) == [(OTHERS, 3), ("a", 1)]


def test_reading_does_not_create_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"counts\.db: there is no such file"):
        CountsFile(tmp_path / "counts.db").read()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"not a database, but a text of some length" * 30, b"x"])
def test_another_programs_file_is_neither_read_nor_changed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "counts.db"
    path.write_bytes(content)
    with pytest.raises(ReportFileError, match=r"counts\.db does not hold counts"):
        CountsFile(path).read()
    with pytest.raises(ReportFileError, match=r"counts\.db does not hold counts"):
        CountsFile(path).add([row("a")], now=1)
    assert path.read_bytes() == content


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_ordinary_file_is_not_opened(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "counts.db"
    make(path)
    with pytest.raises(ReportFileError, match=r"counts\.db does not hold counts"):
        CountsFile(path).read()
    with pytest.raises(ReportFileError, match=r"counts\.db does not hold counts"):
        CountsFile(path).add([row("a")], now=1)


def test_another_programs_database_is_neither_read_nor_changed(tmp_path: Path) -> None:
    path = tmp_path / "counts.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (id)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ReportFileError, match="give another path"):
        CountsFile(path).read()
    with pytest.raises(ReportFileError, match="give another path"):
        CountsFile(path).add([row("a")], now=1)
    assert path.read_bytes() == before


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="unable to open"):
        CountsFile(tmp_path / "nowhere" / "counts.db").add([row("a")], now=1)


def test_an_empty_file_becomes_a_file_of_counts(tmp_path: Path) -> None:
    path = tmp_path / "counts.db"
    path.touch()
    CountsFile(path).add([row("a")], now=1)
    assert shown(CountsFile(path)) == [("a", 1)]


def test_concurrent_processes_lose_no_count(tmp_path: Path) -> None:
    path = tmp_path / "counts.db"
    program = (
        "import sys\n"
        "from cookiegate.reports.sqlite import CountsFile\n"
        "from tests.reports.rows import row\n"
        "file = CountsFile(sys.argv[1])\n"
        "for number in range(40): file.add([row('a'), row(f'n{number % 7}')], now=number)\n"
    )
    folder = Path(__file__).parents[2]
    command = [sys.executable, "-c", program, str(path)]
    workers = [subprocess.Popen(command, cwd=folder) for _ in range(3)]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0, 0]
    rows = CountsFile(path).read()
    assert (rows[0].key.subject, rows[0].count) == ("a", 120)
    assert sum(one.count for one in rows) == 240
