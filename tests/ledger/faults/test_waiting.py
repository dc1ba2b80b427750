"""The writer continues after a wait has ended early."""

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
from tests.ledger.faults.site import SiteOptions
from tests.ledger.faults.waits import await_that


def ledger_of(options: SiteOptions) -> Ledger:
    return Ledger(
        options.url,
        spool=options.spool,
        timeout=60,
        min_free_bytes=0,
        refusals="keep",
        on_error=print,
    )


def test_the_writer_continues_after_a_timeout(
    options: SiteOptions, commit_timeout: CommitTimeout
) -> None:
    ledger = ledger_of(options)
    cancelled, no, kept = grant(), refusal(), grant()

    async def choose() -> None:
        with hold(options.url), commit_timeout.of(0.2):
            with pytest.raises(NotKeptError):
                await ledger.asgi.commit(cancelled)
            await ledger.asgi.commit(no)
        await asyncio.to_thread(
            await_that, lambda: not ledger.health().waiting, "the refusal is written"
        )
        await ledger.asgi.commit(kept)

    with closing(ledger):
        asyncio.run(choose())
    found = find(options.url)
    assert found.void <= {cancelled.receipt}
    assert {no.receipt, kept.receipt} <= found.receipts.keys()


def test_the_writer_continues_after_a_visitor_disconnects(options: SiteOptions) -> None:
    ledger = ledger_of(options)
    cancelled, kept = grant(), grant()

    async def choose() -> None:
        with hold(options.url):
            waiter = asyncio.create_task(ledger.asgi.commit(cancelled))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiter), 0.2)
            waiter.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiter
        await asyncio.to_thread(
            await_that, lambda: not ledger.health().is_away, "the database is back"
        )
        await ledger.asgi.commit(kept)

    with closing(ledger):
        asyncio.run(choose())
    assert kept.receipt in find(options.url).receipts


def test_the_writer_continues_after_an_event_loop_is_closed(
    options: SiteOptions, commit_timeout: CommitTimeout, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = ledger_of(options)
    kept = grant()
    with closing(ledger):
        # Longer than the time after which a commit counts as slow.
        with hold(options.url), commit_timeout.of(1.5), pytest.raises(NotKeptError):
            asyncio.run(ledger.asgi.commit(grant()))
        await_that(lambda: not ledger.health().is_away, "the database is back")
        asyncio.run(ledger.asgi.commit(kept))
    assert kept.receipt in find(options.url).receipts
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
