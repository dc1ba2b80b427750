"""Banners are counted by day and language, in the file that verdicts are counted in."""

import subprocess
import sys
from pathlib import Path

import pytest

from cookiegate.reports import Banners, Counts
from cookiegate.reports.banners import BannerTally
from cookiegate.reports.sqlite import BannerRow, CountsFile, NotCounts
from tests.registries import NOON
from tests.reports.rows import row, verdict

DAY_SECONDS = 86_400


def counted(path: Path) -> list[tuple[str, str, int]]:
    rows = CountsFile(path).read_banners() or []
    return [(one.day, one.language, one.count) for one in rows]


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
    # A file of verdicts alone, as an older version leaves it.
    assert CountsFile(path).read_banners() is None
    banners("sv")
    banners.close()
    assert [one.count for one in CountsFile(path).read_banners() or []] == [1]
    counts(verdict("a"))
    counts.close()
    assert [one.count for one in CountsFile(path).read()] == [2]


def test_what_could_not_be_told_is_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "later" / "report.db"
    banners = Banners(path)
    banners("sv")
    banners.flush()
    assert "counts could not be told, and are kept" in caplog.text
    path.parent.mkdir()
    banners("sv")
    banners.close()
    assert [one[1:] for one in counted(path)] == [("sv", 2)]


def test_many_languages_are_counted_together_and_fill_no_memory() -> None:
    tally = BannerTally()
    for number in range(1_200):
        tally.add(("2026-11-25", f"l{number}"))
    tally.add(("2026-11-25", "l0"))
    rows = tally.take()
    assert len(rows) == 1_001
    assert BannerRow(day="2026-11-25", language="", count=200) in rows
    assert BannerRow(day="2026-11-25", language="l0", count=2) in rows
    assert tally.take() == []


def test_what_is_left_is_told_when_the_process_ends(tmp_path: Path) -> None:
    program = (
        "from cookiegate.reports import Banners\n"
        f"banners = Banners({str(tmp_path / 'report.db')!r}, every=1000)\n"
        "banners('sv')\n"
    )
    folder = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=folder, timeout=60)
    assert [one[1:] for one in counted(tmp_path / "report.db")] == [("sv", 1)]


def test_another_programs_file_gets_no_banners(tmp_path: Path) -> None:
    path = tmp_path / "report.db"
    path.write_bytes(b"x")
    with pytest.raises(NotCounts):
        CountsFile(path).add_banners([BannerRow(day="2026-11-25", language="sv", count=1)])
    with pytest.raises(NotCounts):
        CountsFile(path).read_banners()
    with pytest.raises(FileNotFoundError):
        CountsFile(tmp_path / "none.db").read_banners()
    CountsFile(tmp_path / "new.db").add([row("a")], now=1)
    assert CountsFile(tmp_path / "new.db").read_banners() is None


@pytest.mark.parametrize("every", [0, -1, float("nan")])
def test_no_time_between_two_tellings_is_an_error(tmp_path: Path, every: float) -> None:
    with pytest.raises(ValueError, match=r"every is .*; give a number of seconds above 0"):
        Banners(tmp_path / "report.db", every=every)
