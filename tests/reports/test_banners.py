"""Banners are counted by day and language, in the same file as verdicts."""

import sqlite3
from pathlib import Path

import pytest

from cookiegate.reports import Banners, Counts
from cookiegate.reports.sqlite import BannerRow, CountsFile, ReportFileError
from tests.registries import NOON
from tests.reports.rows import row, verdict

DAY_SECONDS = 86_400


def counted(path: Path) -> list[tuple[str, str, int]]:
    rows = CountsFile(path).read_banners() or []
    return [(row.day, row.language, row.count) for row in rows]


def test_banners_are_counted_by_day_and_language(tmp_path: Path) -> None:
    now = [float(NOON)]
    banners = Banners(tmp_path / "report.db", clock=lambda: now[0])
    for language in ("sv", "en", "sv"):
        banners(language)
    banners.flush()
    now[0] += DAY_SECONDS
    banners("sv")
    banners.close()
    assert counted(tmp_path / "report.db") == [
        ("2026-11-24", "en", 1),
        ("2026-11-24", "sv", 2),
        ("2026-11-25", "sv", 1),
    ]


def test_banners_and_verdicts_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "report.db"
    counts, banners = Counts(path), Banners(path)
    assert counts.path == path
    counts(verdict("a"))
    counts.close()
    # The table of banners is made with the first one.
    assert CountsFile(path).read_banners() is None
    banners("sv")
    banners.close()
    assert [one.count for one in CountsFile(path).read_banners() or []] == [1]
    counts(verdict("a"))
    counts.close()
    assert [one.count for one in CountsFile(path).read()] == [2]


def test_counts_that_could_not_be_written_are_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "later" / "report.db"
    banners = Banners(path)
    banners("sv")
    banners.flush()
    assert "counts could not be written and are kept" in caplog.text
    path.parent.mkdir()
    banners("sv")
    banners.close()
    assert [row[1:] for row in counted(path)] == [("sv", 2)]


def test_many_languages_of_one_day_are_counted_together(tmp_path: Path) -> None:
    banners = Banners(tmp_path / "report.db", interval=1000, clock=lambda: NOON)
    for number in range(1_200):
        banners(f"l{number}")
    banners("l0")
    banners.close()
    rows = counted(tmp_path / "report.db")
    assert len(rows) == 1_001
    assert rows[0] == ("2026-11-24", "", 200)
    assert ("2026-11-24", "l0", 2) in rows


@pytest.mark.parametrize(
    "values", [("2026-13-01", "sv", 1), ("\x1b[31m", "sv", 1), ("2026-11-24", "sv", "many")]
)
def test_a_banner_that_cannot_be_read_is_an_error(
    values: tuple[object, ...], tmp_path: Path
) -> None:
    path = tmp_path / "report.db"
    CountsFile(path).add_banners([])
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO banners VALUES (?, ?, ?)", values)
    connection.close()
    with pytest.raises(ReportFileError, match="holds a banner that this version"):
        CountsFile(path).read_banners()


def test_banners_are_neither_read_from_nor_written_to_another_file(tmp_path: Path) -> None:
    path = tmp_path / "report.db"
    path.write_bytes(b"x")
    with pytest.raises(ReportFileError):
        CountsFile(path).add_banners([BannerRow(day="2026-11-25", language="sv", count=1)])
    with pytest.raises(ReportFileError):
        CountsFile(path).read_banners()
    with pytest.raises(FileNotFoundError):
        CountsFile(tmp_path / "none.db").read_banners()
    CountsFile(tmp_path / "new.db").add([row("a")], now=1)
    assert CountsFile(tmp_path / "new.db").read_banners() is None
