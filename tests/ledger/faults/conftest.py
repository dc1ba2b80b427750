"""Fixtures of the fault tests, and their figures at the end of the run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from cookiegate.ledger.receipts import Receipt
from cookiegate.ledger.recording.process import LedgerProcess
from cookiegate.ledger.storage.database import open_engine, upgrade
from tests.ledger.faults.site import SiteOptions

FIGURE = "figure"
#: Prints a figure at the end of the run.
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
    """Prints a figure at the end of the run."""
    return partial(record_property, FIGURE)


@pytest.fixture
def options(url: str, tmp_path: Path) -> SiteOptions:
    """The options of a site with an empty ledger; for each database in turn."""
    return ready(url, tmp_path)


def ready(url: str, folder: Path) -> SiteOptions:
    """
    Create the tables in an empty database, and return the options of a site that uses it.

    Args:
        url: The database.
        folder: The parent of the spool's folder.
    """
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return SiteOptions(url=url, spool=str(folder / "spool"))


class CommitTimeout:
    """How long choices of this process wait for their commits: long enough for a busy machine."""

    def __init__(self) -> None:
        self.seconds = 60.0

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Use another timeout inside of the context."""
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
