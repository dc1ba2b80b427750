"""Reads and writes of the ledger's tables."""

import gc
import threading
from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError

from cookiegate.ledger.receipts import (
    StoredPresentation,
    leaf_hash,
    load_receipt,
    page_hash,
    presentation_of,
    receipt_of,
)
from cookiegate.ledger.recording.writer import new_receipt
from cookiegate.ledger.storage import store, tables
from cookiegate.ledger.storage.database import open_engine, reading, upgrade, writing
from cookiegate.ledger.storage.hash_chain import first_link, next_link
from cookiegate.ledger.storage.rows import ChainEnd, NewReceipt
from cookiegate.ledger.storage.store import Store, presentations_in, receipts_in
from tests.ledger.choices import PAGE, choosing, granting, withdrawing
from tests.registries import NOON


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    found = open_engine(url)
    upgrade(found)
    yield found
    found.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Store:
    return Store(engine)


def item(
    time: int = NOON, id: str | None = None, page: StoredPresentation | None = None
) -> NewReceipt:
    found = receipt_of(granting())
    return new_receipt(msgspec.structs.replace(found, time=time, id=id or found.id), page)


def begin(writer: str) -> ChainEnd:
    return ChainEnd(writer=writer, size=0, link=first_link(writer))


def test_a_receipt_is_read_as_it_was_committed(ledger: Store) -> None:
    choice = withdrawing()
    receipt = receipt_of(choice)
    one = new_receipt(receipt, presentation_of(choice))
    ledger.append(begin("w"), [one])
    row = ledger.find(receipt.id)
    assert row is not None
    assert (row.writer, row.number, row.id, row.time) == ("w", 0, receipt.id, receipt.time)
    assert (row.closes, row.salt, row.body) == (receipt.closes, one.salt, one.body)
    assert load_receipt(row.body or b"") == receipt
    assert row.hash == leaf_hash(one.salt, one.body)
    assert ledger.find("nobody's") is None


def test_receipts_follow_each_other_in_a_chain(ledger: Store) -> None:
    items = [item() for _ in range(3)]
    chain = ledger.append(begin("w"), items[:2])
    assert ledger.chain_end("w") == chain
    chain = ledger.append(chain, items[2:])
    link = first_link("w")
    for one in items:
        link = next_link(link, leaf_hash(one.salt, one.body))
    assert chain == ChainEnd(writer="w", size=3, link=link)
    assert Store(ledger.engine).chain_end("w") == chain
    assert ledger.count() == 3


def test_each_writer_has_another_chain(ledger: Store) -> None:
    ledger.append(begin("v"), [item()])
    assert ledger.chain_end("w") == begin("w")
    ledger.append(begin("w"), [item()])
    assert ledger.chain_end("v").size == ledger.chain_end("w").size == 1
    assert ledger.chain_end("v").link != ledger.chain_end("w").link


def test_a_chain_has_one_end(ledger: Store) -> None:
    ledger.append(begin("w"), [item()])
    with pytest.raises(IntegrityError):
        ledger.append(begin("w"), [item()])


def test_a_batch_with_a_known_receipt_is_not_committed(ledger: Store) -> None:
    there = item()
    ledger.append(begin("v"), [there])
    page = presentation_of(granting())
    with pytest.raises(IntegrityError):
        ledger.append(begin("w"), [item(page=page), there])
    assert ledger.count() == 1
    assert ledger.presentation(page_hash(PAGE.html or "")) is None
    # A page of a failed commit does not count as stored.
    ledger.append(begin("w"), [item(page=page)])
    assert ledger.presentation(page_hash(PAGE.html or "")) == page


def test_a_page_shown_to_many_is_stored_once(ledger: Store) -> None:
    page = presentation_of(granting())
    other = presentation_of(granting(msgspec.structs.replace(PAGE, html="<p>Küche \U0001f36a")))
    assert page is not None
    assert other is not None
    chain = ledger.append(begin("w"), [item(page=page), item(page=page), item(page=other)])
    ledger.append(chain, [item(page=page)])
    # Another process does not know that the page is stored.
    Store(ledger.engine).append(begin("v"), [item(page=page)])
    with reading(ledger.engine) as connection:
        found = list(presentations_in(connection))
    assert sorted(found, key=lambda one: one.html) == [page, other]
    assert ledger.presentation(other.hash) == other
    assert ledger.presentation("0" * 64) is None


def test_two_writers_can_store_the_same_page_at_once(engine: Engine) -> None:
    page = presentation_of(granting())
    threads = [
        threading.Thread(target=Store(engine).append, args=(begin(name), [item(page=page)]))
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Store(engine).count() == 4


def test_known_returns_the_committed_ids(ledger: Store) -> None:
    items = [item() for _ in range(1200)]
    ledger.append(begin("w"), items[:1100])
    wanted = [one.id for one in items[50:]]
    assert ledger.known(wanted) == {one.id for one in items[50:1100]}
    assert ledger.known([]) == set()


def test_replacements_are_found(ledger: Store) -> None:
    first = receipt_of(granting())
    later = [
        new_receipt(msgspec.structs.replace(receipt_of(granting()), closes=first.id, time=time))
        for time in (NOON + 2, NOON + 1)
    ]
    ledger.append(begin("w"), [new_receipt(first), *later])
    assert [row.time for row in ledger.replacements(first.id)] == [NOON + 1, NOON + 2]
    assert ledger.replacements(later[0].id) == []


def test_bodies_are_ordered_by_time_and_limited_to_a_span(ledger: Store) -> None:
    ledger.append(begin("v"), [item(time=NOON + 3), item(time=NOON + 1)])
    ledger.append(begin("w"), [item(time=NOON + 2), item(time=NOON)])

    def times(since: int | None = None, until: int | None = None) -> list[int]:
        bodies = ledger.bodies(since=since, until=until)
        return [load_receipt(body).time - NOON for body in bodies]

    assert times() == [0, 1, 2, 3]
    assert times(since=NOON + 1) == [1, 2, 3]
    assert times(until=NOON + 2) == [0, 1]
    assert times(NOON + 1, NOON + 3) == [1, 2]


def test_receipts_are_fetched_in_parts(ledger: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FETCH_SIZE", 10)
    items = [item(time=NOON + number) for number in range(25)]
    ledger.append(begin("w"), items)
    assert list(ledger.bodies()) == [one.body for one in items]
    with reading(ledger.engine) as connection:
        assert [row.id for row in receipts_in(connection)] == [one.id for one in items]


def test_a_generator_that_is_not_exhausted_leaves_nothing_open(ledger: Store) -> None:
    ledger.append(begin("w"), [item(page=presentation_of(granting())) for _ in range(3)])
    bodies = ledger.bodies()
    assert next(bodies)
    del bodies
    with reading(ledger.engine) as connection:
        rows, pages = receipts_in(connection), presentations_in(connection)
        assert next(rows).number == 0
        assert next(pages).surface == "banner"
        del rows, pages
    # A generator that is not closed causes a warning, which is an error.
    gc.collect()
    assert ledger.count() == 3


def test_receipts_are_ordered_by_writer_and_number(ledger: Store) -> None:
    ledger.append(begin("w"), [item(), item()])
    ledger.append(begin("v"), [item()])
    with reading(ledger.engine) as connection:
        found = [(row.writer, row.number) for row in receipts_in(connection)]
    assert found == [("v", 0), ("w", 0), ("w", 1)]


def test_the_hash_of_an_erased_receipt_keeps_the_chain_valid(ledger: Store) -> None:
    one = item()
    ledger.append(begin("w"), [one, item()])
    leaf = leaf_hash(one.salt, one.body)
    gone = {"id": None, "time": None, "closes": None, "salt": None, "body": None, "leaf": leaf}
    with writing(ledger.engine) as connection:
        connection.execute(
            update(tables.receipts).where(tables.receipts.c.id == one.id).values(gone)
        )
    with reading(ledger.engine) as connection:
        rows = list(receipts_in(connection))
    assert rows[0].hash == leaf
    assert rows[1].hash != leaf
    assert ledger.find(one.id) is None
    assert ledger.count() == 2
    assert len(list(ledger.bodies())) == 1


def test_a_row_without_salt_and_leaf_has_no_hash(ledger: Store) -> None:
    ledger.append(begin("w"), [item()])
    with writing(ledger.engine) as connection:
        connection.execute(update(tables.receipts).values(salt=None))
    with reading(ledger.engine) as connection:
        (row,) = receipts_in(connection)
    assert row.hash == b""


def test_a_changed_page_is_read_and_has_another_hash(ledger: Store) -> None:
    page = presentation_of(granting())
    assert page is not None
    ledger.append(begin("w"), [item(page=page)])
    with writing(ledger.engine) as connection:
        connection.execute(update(tables.presentations).values(html=b"<p>\xff"))
    found = ledger.presentation(page.hash)
    assert found is not None
    assert page_hash(found.html) != found.hash


def test_ping_queries_the_database(ledger: Store) -> None:
    ledger.ping()
    with ledger.engine.begin() as connection:
        tables.receipts.drop(connection)
    with pytest.raises(Exception, match="cookiegate_receipts"):
        ledger.ping()


def test_no_repr_contains_ids_or_bodies(ledger: Store) -> None:
    choice = choosing(before=("analysis",))
    one = new_receipt(receipt_of(choice))
    ledger.append(begin("w"), [one])
    row = ledger.find(one.id)
    assert row is not None
    assert one.closes is not None
    for text in (repr(one), repr(row), str(one), str([row])):
        for secret in (one.id, one.closes, repr(one.salt)[2:-1], "granted"):
            assert secret not in text
