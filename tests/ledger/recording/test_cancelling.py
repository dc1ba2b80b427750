"""Requests that end before their grant is committed: a void receipt follows."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType

import pytest

from cookiegate import NotKeptError
from cookiegate.consent.choice import Choice
from cookiegate.ledger import Ledger, Receipt
from cookiegate.ledger.recording.waiters import Waiter
from cookiegate.ledger.refusals import RefusalKey
from cookiegate.ledger.storage.rows import NewReceipt
from cookiegate.ledger.storage.store import Store
from tests.ledger.choices import (
    Outage,
    OutageProcess,
    granting,
    in_sqlite,
    kinds,
    until,
    withdrawing,
)
from tests.ledger.conftest import Make

either = pytest.mark.parametrize("on_unavailable", ["refuse", "accept"])


async def cancelled(
    ledger: Ledger, choice: Choice, ready: Callable[[], bool], act: Callable[[], object]
) -> None:
    """Commit in a task, and cancel it when the condition is true."""
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
def test_a_grant_of_a_cancelled_task_is_voided(
    make: Make, kept: Store, outage: Outage, on_unavailable: str
) -> None:
    ledger = make(timeout=60, on_unavailable=on_unavailable)
    outage.hold()
    asyncio.run(cancelled(ledger, granting(), outage.is_reached.is_set, nothing))
    outage.goes_on.set()
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]
    assert (ledger.health().refused, ledger.health().accepted) == (0, 0)


@in_sqlite
@either
def test_a_grant_of_a_task_cancelled_just_after_the_commit_is_voided(
    make: Make, kept: Store, outage: Outage, on_unavailable: str
) -> None:
    ledger = make(timeout=60, on_unavailable=on_unavailable)

    def commit() -> None:
        # The event loop is blocked meanwhile.
        outage.goes_on.set()
        until(lambda: ledger.health().committed == 1)

    outage.hold()
    asyncio.run(cancelled(ledger, granting(), outage.is_reached.is_set, commit))
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]


@in_sqlite
def test_a_withdrawal_of_a_cancelled_task_is_not_voided(
    make: Make, kept: Store, outage: Outage
) -> None:
    ledger = make(timeout=60)
    outage.hold()
    asyncio.run(cancelled(ledger, withdrawing(), outage.is_reached.is_set, nothing))
    outage.goes_on.set()
    ledger.close()
    assert kinds(kept) == ["withdrawal"]


@in_sqlite
def test_a_grant_of_a_task_cancelled_before_its_commit_is_not_kept(
    make: Make, kept: Store, outage: Outage
) -> None:
    ledger = make(timeout=60)
    writer = ledger.start().writer
    outage.hold()
    first = threading.Thread(target=ledger.commit, args=(granting(),))
    first.start()
    assert outage.is_reached.wait(60)
    asyncio.run(cancelled(ledger, granting(), lambda: writer.queued == 1, nothing))
    outage.goes_on.set()
    first.join()
    ledger.close()
    assert kinds(kept) == ["grant"]


@in_sqlite
def test_a_grant_of_a_task_cancelled_after_its_timeout_is_voided(
    make: Make, kept: Store, outage: Outage
) -> None:
    is_finishing, may_finish = threading.Event(), threading.Event()

    class Slow(OutageProcess):
        def finish(
            self,
            waiter: Waiter | None,
            new: NewReceipt,
            grant: Receipt | None,
            refusal: RefusalKey | None = None,
        ) -> None:
            is_finishing.set()
            assert may_finish.wait(60)
            super().finish(waiter, new, grant, refusal)

    ledger = make(process=Slow)

    def commit() -> None:
        outage.goes_on.set()
        until(lambda: kept.count() == 1)

    async def choose() -> None:
        await cancelled(ledger, granting(), is_finishing.is_set, commit)
        may_finish.set()

    outage.hold(timeout=0.01)
    asyncio.run(choose())
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]


@in_sqlite
def test_a_task_cancelled_during_an_outage_leaves_nothing(
    make: Make, kept: Store, outage: Outage
) -> None:
    is_finishing = threading.Event()

    class Noted(OutageProcess):
        def finish(
            self,
            waiter: Waiter | None,
            new: NewReceipt,
            grant: Receipt | None,
            refusal: RefusalKey | None = None,
        ) -> None:
            is_finishing.set()
            super().finish(waiter, new, grant, refusal)

    ledger = make(timeout=60, process=Noted)
    outage.is_down = True
    with pytest.raises(NotKeptError):
        ledger.commit(granting())
    is_finishing.clear()
    asyncio.run(cancelled(ledger, granting(), is_finishing.is_set, nothing))
    outage.is_down = False
    until(lambda: not ledger.health().is_away)
    ledger.close()
    assert kinds(kept) == []


class Ended(BaseException):
    """The exception by which a server ends a request."""


@in_sqlite
@either
def test_a_grant_of_a_request_ended_by_the_server_is_voided(
    make: Make, kept: Store, outage: Outage, on_unavailable: str
) -> None:
    ledger = make(timeout=60, on_unavailable=on_unavailable)

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
def test_the_writer_continues_after_a_timeout_in_a_task(
    make: Make, kept: Store, outage: Outage
) -> None:
    ledger = make()
    awaited: list[Awaitable[None]] = []

    async def choose() -> None:
        outage.hold(timeout=0.01)
        with pytest.raises(NotKeptError):
            await ledger.asgi.commit(granting())
        outage.goes_on.set()
        # Other choices in the same loop.
        for _ in range(3):
            awaited.append(ledger.asgi.commit(withdrawing()))
            await awaited[-1]

    asyncio.run(choose())
    until(lambda: kept.count() == 5)
    assert kinds(kept) == ["grant", "void", *["withdrawal"] * 3]
