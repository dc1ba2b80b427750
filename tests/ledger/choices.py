"""Choices for the ledger's tests, and outages of its database."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from cookiegate import Gate, Presentation
from cookiegate.consent.choice import Choice
from cookiegate.ledger import Ledger, Receipt, open_engine
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.recording.limits import Limits
from cookiegate.ledger.recording.process import LedgerProcess
from cookiegate.ledger.storage import database
from cookiegate.ledger.storage.store import Store
from tests.registries import cookie_header, gate_for

__all__ = [
    "GATE",
    "PAGE",
    "QUICK",
    "Outage",
    "OutageLedger",
    "back",
    "choosing",
    "granting",
    "in_sqlite",
    "kinds",
    "lost_connection",
    "texts",
    "until",
    "withdrawing",
]

GATE = gate_for()
# For tests in which the kind of database makes no difference.
in_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
#: The writer looks for work more often than twice a second.
QUICK = Limits(rest_seconds=0.01)
PAGE = Presentation(surface="banner", language="sv", html="<!doctype html><p>Kakor?")


def choosing(
    *granted: str,
    before: tuple[str, ...] | None = None,
    evidence: str | None = None,
    presentation: Presentation | None = None,
    address: str | None = None,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    gate: Gate = GATE,
) -> Choice:
    """Return a choice of these categories by a visitor who chose `before` earlier."""
    cookies = () if before is None else (cookie_header(GATE.issue(before)),)
    visit = gate.visit((*cookies, *headers))
    visit.choose(granted, evidence=evidence, presentation=presentation)
    assert visit.choice is not None
    return msgspec.structs.replace(visit.choice, address=address)


def granting(presentation: Presentation | None = PAGE) -> Choice:
    """Return a choice that allows more."""
    return choosing("analysis", presentation=presentation)


def withdrawing(presentation: Presentation | None = PAGE) -> Choice:
    """Return a withdrawal."""
    return choosing(before=("analysis",), presentation=presentation)


def lost_connection() -> OperationalError:
    """Return the error that SQLAlchemy raises when a server has gone away."""
    return OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))


class Outage:
    """Stands between the ledger's store and its database, and can interrupt them."""

    def __init__(self) -> None:
        self.is_down = False
        #: How many of the next commits fail: before they are done, and after.
        self.broken_commits = 0
        self.lost_answers = 0
        #: Whether the database goes away after the next commit.
        self.falls_after_commit = False
        #: The number of transactions that were begun.
        self.questions = 0
        #: Commits wait until it is set.
        self.goes_on = threading.Event()
        self.goes_on.set()
        #: Set when a commit waits.
        self.is_reached = threading.Event()
        self._timeout: float | None = None

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        """Open `database.writing`, with the faults."""
        self.questions += 1
        self.is_reached.set()
        assert self.goes_on.wait(60)
        if self.is_down:
            raise lost_connection()
        with database.writing(engine) as connection:
            yield connection
            if self.broken_commits:
                self.broken_commits -= 1
                raise lost_connection()
        if self.falls_after_commit:
            self.falls_after_commit, self.is_down = False, True
            raise lost_connection()
        if self.lost_answers:
            self.lost_answers -= 1
            raise lost_connection()

    @contextmanager
    def reading(self, engine: Engine) -> Iterator[Connection]:
        """Open `database.reading`, with the faults."""
        self.questions += 1
        if self.is_down:
            raise lost_connection()
        with database.reading(engine) as connection:
            yield connection

    def hold(self, *, timeout: float | None = None) -> None:
        """
        Let the next commits wait.

        Args:
            timeout: How many seconds a choice waits for its commit meanwhile; by default the
                ledger's own timeout.
        """
        self._timeout = timeout
        self.is_reached.clear()
        self.goes_on.clear()

    def timeout(self, usual: float) -> float:
        """Return how long a choice waits for its commit, long enough for a busy machine."""
        if self.goes_on.is_set():
            return 60.0
        # A receipt that is cancelled before its commit has started is not committed at all.
        assert self.is_reached.wait(60)
        return usual if self._timeout is None else self._timeout


class _OutageStore(Store):
    def __init__(self, engine: Engine, outage: Outage, max_pages: int) -> None:
        super().__init__(engine, max_pages=max_pages)
        self._outage = outage

    def reading(self) -> AbstractContextManager[Connection]:
        return self._outage.reading(self.engine)

    def writing(self) -> AbstractContextManager[Connection]:
        return self._outage.writing(self.engine)


class OutageProcess(LedgerProcess):
    """The parts of an `OutageLedger`."""

    def __init__(self, ledger: "OutageLedger") -> None:
        self._outage, limits = ledger.outage, ledger.limits
        store = _OutageStore(open_engine(ledger.options.url), self._outage, limits.pages)
        super().__init__(ledger.options, is_current=ledger.is_current, store=store, limits=limits)

    def timeout(self, grant: Receipt | None) -> float:
        return self._outage.timeout(super().timeout(grant))


class OutageLedger(Ledger):
    """
    A ledger whose database can be taken away.

    Args:
        url: The database.
        outage: Takes it away.
        limits: Times and sizes.
        process: The class of its parts.
        options: Those of a ledger.
    """

    def __init__(
        self,
        url: str,
        outage: Outage,
        *,
        limits: Limits = QUICK,
        process: type[OutageProcess] = OutageProcess,
        **options: Any,
    ) -> None:
        self.outage, self.limits, self._process = outage, limits, process
        super().__init__(url, **options)

    def new_process(self) -> LedgerProcess:
        return self._process(self)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until the condition is true, at most a minute."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def back(outage: Outage, ledger: Ledger) -> None:
    """End the outage, and wait until the ledger has noticed."""
    outage.is_down = False
    until(lambda: not ledger.health().is_away and not ledger.health().waiting)


def kinds(kept: Store) -> list[str]:
    """Return the kinds of all receipts, sorted."""
    return sorted(load_receipt(body).kind for body in kept.bodies())


def texts(errors: list[Exception]) -> list[str]:
    """Return the messages of errors, without SQLAlchemy's additions."""
    return [str(getattr(error, "orig", error)) for error in errors]
