"""Whoever stops waiting leaves the thread that writes at work."""

import asyncio
import logging
from contextlib import closing

import pytest

from cookiegate.consent.choice import NotKeptError
from cookiegate.ledger import Ledger
from tests.ledger.faults.choices import grant, refusal
from tests.ledger.faults.conftest import CommitTimeout
from tests.ledger.faults.holding import hold
from tests.ledger.faults.proof import find
from tests.ledger.faults.site import Told
from tests.ledger.faults.waits import await_that


def ledger_of(told: Told) -> Ledger:
    return Ledger(told.url, spool=told.spool, timeout=60, min_free_bytes=0, on_error=print)


def test_the_writer_continues_after_a_timeout(told: Told, commit_timeout: CommitTimeout) -> None:
    ledger = ledger_of(told)
    given_up, no, kept = grant(), refusal(), grant()

    async def choose() -> None:
        with hold(told.url), commit_timeout.of(0.2):
            with pytest.raises(NotKeptError):
                await ledger.asgi.commit(given_up)
            await ledger.asgi.commit(no)
        await asyncio.to_thread(
            await_that, lambda: not ledger.health().waiting, "the refusal is written"
        )
        await ledger.asgi.commit(kept)

    with closing(ledger):
        asyncio.run(choose())
    found = find(told.url)
    assert found.void <= {given_up.receipt}
    assert {no.receipt, kept.receipt} <= found.receipts.keys()


def test_the_writer_continues_after_a_visitor_disconnects(told: Told) -> None:
    ledger = ledger_of(told)
    given_up, kept = grant(), grant()

    async def choose() -> None:
        with hold(told.url):
            waiting = asyncio.create_task(ledger.asgi.commit(given_up))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiting), 0.2)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        await asyncio.to_thread(
            await_that, lambda: not ledger.health().is_away, "the database is back"
        )
        await ledger.asgi.commit(kept)

    with closing(ledger):
        asyncio.run(choose())
    assert kept.receipt in find(told.url).receipts


def test_the_writer_continues_after_an_event_loop_is_closed(
    told: Told, commit_timeout: CommitTimeout, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = ledger_of(told)
    kept = grant()
    with closing(ledger):
        # Longer than a commit is thought to be under way.
        with hold(told.url), commit_timeout.of(1.5), pytest.raises(NotKeptError):
            asyncio.run(ledger.asgi.commit(grant()))
        await_that(lambda: not ledger.health().is_away, "the database is back")
        asyncio.run(ledger.asgi.commit(kept))
    assert kept.receipt in find(told.url).receipts
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
