"""Receipts that cannot be written or read do not block the others."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from cookiegate.consent.choice import NotKeptError
from cookiegate.ledger import Ledger
from cookiegate.ledger.receipts import receipt_of
from cookiegate.ledger.recording.limits import DEFAULT_LIMITS
from cookiegate.ledger.recording.private_files import UnsafePathError
from cookiegate.ledger.recording.waiters import ThreadWaiter
from cookiegate.ledger.recording.writer import Writer, new_receipt
from cookiegate.ledger.storage.database import open_engine
from cookiegate.ledger.storage.rows import ChainEnd, NewReceipt
from cookiegate.ledger.storage.store import Store
from tests.ledger.faults.choices import grant, refusal, withdrawal
from tests.ledger.faults.holding import broken
from tests.ledger.faults.proof import find
from tests.ledger.faults.site import SiteOptions
from tests.ledger.faults.waits import await_that
from tests.ledger.faults.writing import Work, leave
from tests.registries import NOON


def test_an_error_in_on_error_stops_nothing(options: SiteOptions) -> None:
    def fail(error: Exception) -> None:
        raise RuntimeError("on_error fails as well")

    given = grant()
    with closing(
        Ledger(
            options.url,
            spool=options.spool,
            timeout=60,
            min_free_bytes=0,
            refusals="keep",
            on_error=fail,
        )
    ) as ledger:
        ledger.commit(given)
        with broken(options.url):
            with pytest.raises(NotKeptError):
                ledger.commit(grant())
            # The spool is full as well: the receipt is lost, and the choice takes effect.
            folder = Path(options.spool)
            folder.rmdir()
            folder.write_text("no folder")
            taken = withdrawal(given)
            ledger.commit(taken)
            assert ledger.health().lost == 1
            folder.unlink()
        await_that(lambda: not ledger.health().is_away, "the thread that writes is at work")
        ledger.commit(last := grant())
    assert find(options.url).receipts.keys() == {given.receipt, last.receipt}


def test_a_damaged_line_does_not_block_other_lines(options: SiteOptions) -> None:
    with broken(options.url):
        left = leave(Work(url=options.url, spool=options.spool, leaves=3))
    (file,) = Path(options.spool).glob("*.spool")
    first, *rest = file.read_bytes().splitlines(keepends=True)
    spoiled = [b"\0\0\0\n", b'{"id": 1}\n']
    file.write_bytes(b"".join([first, *spoiled, *rest]))
    errors: list[Exception] = []
    with closing(
        Ledger(
            options.url,
            spool=options.spool,
            timeout=60,
            min_free_bytes=0,
            refusals="keep",
            on_error=errors.append,
        )
    ) as ledger:
        ledger.start()
        await_that(lambda: not list(Path(options.spool).glob("*.spool")), "it is taken over")
        ledger.commit(last := grant())
    assert [row.id for row in find(options.url).rows] == [*left, last.receipt]
    (error,) = errors
    assert "lost (2)" in str(error)
    assert (Path(options.spool) / "unreadable").read_bytes() == b"".join(spoiled)


def test_an_unreadable_spool_does_not_block_choices(options: SiteOptions) -> None:
    with broken(options.url):
        left = leave(Work(url=options.url, spool=options.spool, leaves=3))
    folder = Path(options.spool)
    # As a file of another user, which root could read nevertheless.
    (folder / "0.1.spool").mkdir(parents=True)
    (folder / "0.spool-lock").touch()
    errors: list[Exception] = []
    with closing(
        Ledger(
            options.url,
            spool=options.spool,
            timeout=60,
            min_free_bytes=0,
            refusals="keep",
            on_error=errors.append,
        )
    ) as ledger:
        ledger.start()
        await_that(lambda: len(list(folder.glob("*.spool"))) == 1, "the other is taken over")
        await_that(lambda: bool(errors), "the error is reported")
        ledger.commit(last := grant())
        assert not ledger.health().is_away
    assert {one.receipt for one in (last,)} | set(left) == find(options.url).receipts.keys()
    assert [type(error) for error in errors] == [UnsafePathError]


def test_choices_do_not_wait_for_the_replay_of_a_spool(options: SiteOptions) -> None:
    count = 10_000
    body = receipt_of(refusal())
    items = (new_receipt(msgspec.structs.replace(body, id=f"left-{n}")) for n in range(count))
    lines = b"".join(msgspec.json.encode(item) + b"\n" for item in items)
    folder = Path(options.spool)
    folder.mkdir()
    (folder / "0.1.spool").write_bytes(lines)
    (folder / "0.spool-lock").touch()
    given = grant()
    with closing(
        Ledger(
            options.url,
            spool=options.spool,
            timeout=60,
            min_free_bytes=0,
            refusals="keep",
            on_error=print,
        )
    ) as ledger:
        with broken(options.url):
            ledger.commit(refusal())
            assert ledger.health().is_away
        await_that(lambda: not ledger.health().is_away, "the database is back")
        ledger.commit(given)
        await_that(lambda: not any(folder.glob("0.*")), "it is taken over")
    found = find(options.url)
    assert len(found.rows) == count + 2
    (row,) = [row for row in found.rows if row.id == given.receipt]
    assert row.number < count


class Forgetful(Store):
    """A store that commits a receipt and then fails without an answer."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.is_away = False

    def append(self, chain: ChainEnd, items: Sequence[NewReceipt]) -> ChainEnd:
        end = super().append(chain, items)
        if any(item.closes is None for item in items):
            self.is_away = True
            raise ConnectionError("the answer is lost")
        return end

    def chain_end(self, writer: str) -> ChainEnd:
        if self.is_away:
            raise ConnectionError("it is away")
        return super().chain_end(writer)


def writer_to(store: Store) -> Writer:
    return Writer(
        store,
        "w",
        clock=lambda: float(NOON),
        idle=lambda: None,
        on_error=lambda error: None,
        limits=DEFAULT_LIMITS,
    )


def test_an_uncertain_grant_is_voided_before_the_ledger_closes(options: SiteOptions) -> None:
    engine = open_engine(options.url)
    store = Forgetful(engine)
    writer = writer_to(store)
    receipt = receipt_of(grant())
    waiter = ThreadWaiter(new_receipt(receipt), receipt)
    writer.submit(waiter)
    writer.start()
    waiter.wait(60)
    assert isinstance(waiter.error, ConnectionError)
    store.is_away = False
    writer.close()
    engine.dispose()
    found = find(options.url)
    assert found.void == {receipt.id}


def test_a_refusal_with_a_lost_answer_is_committed_once(options: SiteOptions) -> None:
    engine = open_engine(options.url)
    store = Forgetful(engine)
    writer = writer_to(store)
    item = new_receipt(receipt_of(refusal()))
    waiter = ThreadWaiter(item)
    writer.submit(waiter)
    writer.start()
    waiter.wait(60)
    assert isinstance(waiter.error, ConnectionError)
    store.is_away = False
    # As it is read from the spool.
    again = ThreadWaiter(item)
    writer.submit(again)
    again.wait(60)
    assert again.is_committed
    writer.close()
    engine.dispose()
    assert [row.id for row in find(options.url).rows] == [item.id]
