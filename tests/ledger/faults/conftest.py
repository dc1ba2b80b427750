"""What the fault tests report: figures, at the end of the run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from cookiegate.ledger.receipts import Receipt
from cookiegate.ledger.recording.process import LedgerProcess
from cookiegate.ledger.storage.database import open_engine, upgrade
from tests.ledger.faults.site import Told

FIGURE = "figure"
#: Says a figure at the end of the run.
Say = Callable[[str], None]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # Properties of a test travel from pytest-xdist's workers with its report.
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    properties = (pair for report in reports for pair in report.user_properties)
    if figures := [str(value) for name, value in properties if name == FIGURE]:
        terminalreporter.section("faults")
        for figure in figures:
            terminalreporter.line(figure)


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Say:
    """Says a figure at the end of the run."""
    return partial(record_property, FIGURE)


@pytest.fixture
def told(url: str, tmp_path: Path) -> Told:
    """What a site with an empty ledger is told; for each database in turn."""
    return ready(url, tmp_path)


def ready(url: str, folder: Path) -> Told:
    """
    What a site is told whose ledger is in an empty database; its tables are made.

    Args:
        url: The database.
        folder: Where the spool is to be.
    """
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return Told(url=url, spool=str(folder / "spool"))


class CommitTimeout:
    """How long choices of this process wait for their commits: long enough for a busy machine."""

    def __init__(self) -> None:
        self.seconds = 60.0

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Let them wait for this long while the context lasts."""
        before, self.seconds = self.seconds, seconds
        yield
        self.seconds = before


@pytest.fixture
def commit_timeout(monkeypatch: pytest.MonkeyPatch) -> CommitTimeout:
    """How long choices of this process wait for their commits."""
    found = CommitTimeout()

    def seconds(process: LedgerProcess, grant: Receipt | None) -> float:
        return found.seconds

    monkeypatch.setattr(LedgerProcess, "timeout", seconds)
    return found
