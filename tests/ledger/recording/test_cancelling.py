"""Visitors who are gone before their grant was committed: what is kept says that it is void."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType

import pytest

from cookiegate import NotKeptError
from cookiegate.consent.choice import Choice
from cookiegate.ledger import Ledger, Receipt
from cookiegate.ledger.recording.process import Running
from cookiegate.ledger.recording.waiters import Waiting
from cookiegate.ledger.storage.store import Item, Store
from tests.ledger.choices import Outage, granting, in_sqlite, kinds, until, withdrawing
from tests.ledger.conftest import Make

either = pytest.mark.parametrize("unproved", ["refuse", "accept"])


async def cancelled(
    ledger: Ledger, choice: Choice, ready: Callable[[], bool], act: Callable[[], object]
) -> None:
    """A task that is cancelled in the midst of a commit, once what is to be ready is."""
    task = asyncio.create_task(ledger.asgi.commit(choice))
    while not ready():
        await asyncio.sleep(0)
    act()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def nothing() -> None:
    pass


@either
def test_a_grant_whose_task_was_cancelled_is_void(
    make: Make, kept: Store, outage: Outage, unproved: str
) -> None:
    ledger = make(timeout=60, unproved=unproved)
    outage.hold()
    asyncio.run(cancelled(ledger, granting(), outage.is_reached.is_set, nothing))
    outage.goes_on.set()
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]
    assert (ledger.health().refused, ledger.health().accepted) == (0, 0)


@in_sqlite
@either
def test_a_grant_whose_task_was_cancelled_when_it_was_just_committed_is_void(
    make: Make, kept: Store, outage: Outage, unproved: str
) -> None:
    ledger = make(timeout=60, unproved=unproved)

    def commit() -> None:
        # The loop stands still meanwhile, and hears of it too late.
        outage.goes_on.set()
        until(lambda: ledger.health().committed == 1)

    outage.hold()
    asyncio.run(cancelled(ledger, granting(), outage.is_reached.is_set, commit))
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]


@in_sqlite
def test_a_withdrawal_whose_task_was_cancelled_is_not_void(
    make: Make, kept: Store, outage: Outage
) -> None:
    ledger = make(timeout=60)
    outage.hold()
    asyncio.run(cancelled(ledger, withdrawing(), outage.is_reached.is_set, nothing))
    outage.goes_on.set()
    ledger.close()
    assert kinds(kept) == ["withdrawal"]


@in_sqlite
def test_a_grant_whose_task_was_cancelled_before_its_commit_began_is_not_kept(
    make: Make, kept: Store, outage: Outage
) -> None:
    ledger = make(timeout=60)
    queue = ledger.start()._writer._queue
    outage.hold()
    first = threading.Thread(target=ledger.commit, args=(granting(),))
    first.start()
    assert outage.is_reached.wait(60)
    asyncio.run(cancelled(ledger, granting(), lambda: len(queue) == 1, nothing))
    outage.goes_on.set()
    first.join()
    ledger.close()
    assert kinds(kept) == ["grant"]


@in_sqlite
def test_a_grant_whose_task_was_cancelled_at_the_end_of_its_wait_is_void(
    make: Make, kept: Store, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = make()
    is_settling, may_settle = threading.Event(), threading.Event()
    settle = Running.settle

    def slowly(
        running: Running, waiting: Waiting | None, item: Item, grant: Receipt | None
    ) -> None:
        is_settling.set()
        assert may_settle.wait(60)
        settle(running, waiting, item, grant)

    monkeypatch.setattr(Running, "settle", slowly)

    def commit() -> None:
        outage.goes_on.set()
        until(lambda: kept.count() == 1)

    async def choose() -> None:
        await cancelled(ledger, granting(), is_settling.is_set, commit)
        may_settle.set()

    outage.hold(patience=0.01)
    asyncio.run(choose())
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]


@in_sqlite
def test_a_task_that_was_cancelled_while_the_database_was_away_leaves_nothing(
    make: Make, kept: Store, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = make(timeout=60)
    outage.is_down = True
    with pytest.raises(NotKeptError):
        ledger.commit(granting())
    is_settling = threading.Event()
    settle = Running.settle

    def note(running: Running, waiting: Waiting | None, item: Item, grant: Receipt | None) -> None:
        is_settling.set()
        settle(running, waiting, item, grant)

    monkeypatch.setattr(Running, "settle", note)
    asyncio.run(cancelled(ledger, granting(), is_settling.is_set, nothing))
    outage.is_down = False
    until(lambda: not ledger.health().is_away)
    ledger.close()
    assert kinds(kept) == []


class Ended(BaseException):
    """What a server raises in a request that it ends."""


@in_sqlite
@either
def test_a_grant_whose_request_was_ended_by_the_server_is_void(
    make: Make, kept: Store, outage: Outage, unproved: str
) -> None:
    ledger = make(timeout=60, unproved=unproved)

    def end(number: int, frame: FrameType | None) -> None:
        raise Ended

    outage.hold()
    before = signal.signal(signal.SIGUSR1, end)
    own = threading.get_ident()

    def shoot() -> None:
        assert outage.is_reached.wait(60)
        signal.pthread_kill(own, signal.SIGUSR1)

    shooter = threading.Thread(target=shoot)
    shooter.start()
    try:
        with pytest.raises(Ended):
            ledger.commit(granting())
    finally:
        signal.signal(signal.SIGUSR1, before)
        shooter.join()
    outage.goes_on.set()
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]


@in_sqlite
def test_after_a_wait_that_was_too_long_the_thread_goes_on(
    make: Make, kept: Store, outage: Outage
) -> None:
    ledger = make()
    awaited: list[Awaitable[None]] = []

    async def choose() -> None:
        outage.hold(patience=0.01)
        with pytest.raises(NotKeptError):
            await ledger.asgi.commit(granting())
        outage.goes_on.set()
        # Others of the same loop, after it.
        for _ in range(3):
            awaited.append(ledger.asgi.commit(withdrawing()))
            await awaited[-1]

    asyncio.run(choose())
    until(lambda: kept.count() == 5)
    assert kinds(kept) == ["grant", "void", *["withdrawal"] * 3]
