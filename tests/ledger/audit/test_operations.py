"""An operator's operations: look up, erase, prune."""

import secrets
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine

from cookiegate.ledger import LedgerError
from cookiegate.ledger.audit.operations import erase, prune, related_receipts
from cookiegate.ledger.audit.verify import verify
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.database import open_engine, scrub
from cookiegate.ledger.storage.rows import StoredReceipt
from cookiegate.ledger.storage.store import Store
from tests.ledger.books import SIGNER, execute, fill, made, receipt
from tests.ledger.postgres import cluster
from tests.registries import DAY, NOON


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = made(url)
    yield engine
    engine.dispose()


def ids(rows: list[StoredReceipt]) -> list[str | None]:
    return [row.id for row in rows]


def test_related_receipts_are_found_from_each_of_them(engine: Engine) -> None:
    line = [receipt(0), receipt(1, closes="r0"), receipt(2, closes="r1")]
    fill(engine, [receipt(8), *line], [receipt(3, closes="r2"), receipt(9)])
    for id in ("r0", "r1", "r2", "r3"):
        assert ids(related_receipts(Store(engine), id)) == ["r0", "r1", "r2", "r3"]
    assert ids(related_receipts(Store(engine), "r9")) == ["r9"]


def test_two_tabs_may_replace_the_same_receipt(engine: Engine) -> None:
    fill(engine, [receipt(0), receipt(1, closes="r0"), receipt(2, closes="r0")])
    assert ids(related_receipts(Store(engine), "r0")) == ["r0", "r1", "r2"]


def test_an_erased_receipt_interrupts_the_line(engine: Engine) -> None:
    fill(engine, [receipt(0, closes="gone"), receipt(1, closes="r0")])
    assert ids(related_receipts(Store(engine), "r1")) == ["r0", "r1"]
    with pytest.raises(LedgerError, match="no receipt with this id"):
        related_receipts(Store(engine), "gone")


def test_a_forged_ring_of_receipts_is_followed_once(engine: Engine) -> None:
    fill(engine, [receipt(0, closes="r1"), receipt(1, closes="r0")])
    assert sorted(map(str, ids(related_receipts(Store(engine), "r0")))) == ["r0", "r1"]


def test_only_the_hash_of_an_erased_receipt_stays(engine: Engine) -> None:
    fill(engine, [receipt(0), receipt(1, closes="r0")])
    erase(engine, related_receipts(Store(engine), "r0"), SIGNER, now=NOON)
    from cookiegate.ledger.storage.database import reading
    from cookiegate.ledger.storage.store import receipts_in

    with reading(engine) as connection:
        rows = list(receipts_in(connection))
    assert {(row.id, row.time, row.closes, row.salt, row.body) for row in rows} == {(None,) * 5}
    assert all(row.leaf for row in rows)


def test_erased_data_is_not_in_the_files_of_sqlite(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path}/consent.db")
    fill(engine, (receipt(n, evidence=f"paper form 47{n:02}") for n in range(40)))
    assert b"paper form 4711" in b"".join(p.read_bytes() for p in tmp_path.iterdir())
    row = Store(engine).find("r11")
    assert row is not None
    erase(engine, [row], SIGNER, now=NOON)
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"paper form 4711" not in left
    assert b"paper form 4712" in left
    engine.dispose()


def in_files(folder: Path, *texts: str) -> set[str]:
    """Return those of the texts that are in the files of a folder, at any place."""
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {text for text in texts if text.encode() in content}


@pytest.mark.parametrize("does_prune", [False, True])
def test_no_id_closes_or_body_of_erased_receipts_is_in_the_files_of_sqlite(
    tmp_path: Path, does_prune: bool
) -> None:
    engine = made(f"sqlite:///{tmp_path}/consent.db")
    # Ids as they are in use fill many pages of the index in random order, so that SQLite splits
    # and joins pages.
    all_ids = [secrets.token_urlsafe(16) for _ in range(2000)]
    old = [
        receipt(n, id=id, closes=f"c{id}", time=NOON - 9 * DAY, evidence=f"e{id}")
        for n, id in enumerate(all_ids[:1500])
    ]
    kept = [receipt(n, id=id, time=NOON) for n, id in enumerate(all_ids[1500:])]
    shuffled = sorted([*old, *kept], key=lambda one: one.id)
    fill(engine, shuffled, size=7)
    words = [f"{before}{id}" for id in all_ids[:1500] for before in ("", "c", "e")]
    assert len(in_files(tmp_path, *words)) == len(words)
    if does_prune:
        pruned = prune(engine, SIGNER, keep_seconds=DAY, now=NOON, batch=400, rewrites=True)
        assert pruned == 1500
    else:
        store = Store(engine)
        for start in range(0, 1500, 250):
            rows = [row for id in all_ids[start : start + 250] if (row := store.find(id))]
            erase(engine, rows, SIGNER, now=NOON)
    assert in_files(tmp_path, *words) == set()
    assert len(in_files(tmp_path, *all_ids)) == 500
    assert verify(engine).finding is None
    engine.dispose()


@pytest.mark.needs("postgres")
def test_a_rewritten_table_of_postgresql_has_nothing_of_erased_receipts() -> None:
    with cluster() as server:
        engine = made(server.new_database())

        def left() -> set[str]:
            with engine.connect() as connection:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql("ANALYZE")
                # Also removes the files that a rewrite has replaced.
                connection.exec_driver_sql("CHECKPOINT")
                where = "SELECT oid FROM pg_database WHERE datname = current_database()"
                oid = connection.exec_driver_sql(where).scalar()
            files = (server.folder / f"data/base/{oid}").iterdir()
            content = b"".join(path.read_bytes() for path in files)
            return {id for id in words if id.encode() in content}

        ids = {secrets.token_urlsafe(16) for _ in range(1500)}
        words = {*ids, *(f"closes {id}" for id in ids)}
        fill(
            engine,
            # Long receipts are in a table of their own.
            [
                receipt(n, id=id, time=0, closes=f"closes {id}", evidence=id * (n % 300))
                for n, id in enumerate(ids)
            ],
        )
        fill(engine, [receipt(2000)])
        assert prune(engine, SIGNER, keep_seconds=DAY, now=NOON) == 1500
        assert left(), "the test is about leftovers"
        assert prune(engine, SIGNER, keep_seconds=DAY, now=NOON, rewrites=True) == 0
        assert left() == set()
        assert verify(engine).finding is None
        engine.dispose()


@pytest.mark.needs("postgres")
def test_only_the_owner_of_the_table_can_have_it_rewritten() -> None:
    with cluster() as server:
        engine = made(server.new_database())
        fill(engine, [receipt(0)])
        execute(engine, "CREATE ROLE operator LOGIN")
        execute(engine, "GRANT ALL ON ALL TABLES IN SCHEMA public TO operator")
        other = open_engine(str(engine.url.set(username="operator")))
        with pytest.raises(LedgerError, match="run this as the owner of the table"):
            prune(other, SIGNER, keep_seconds=0, now=NOON + DAY, rewrites=True)
        other.dispose()
        assert verify(engine).erased == 1
        assert prune(engine, SIGNER, keep_seconds=0, now=NOON + DAY, rewrites=True) == 0
        engine.dispose()


def test_an_erasure_reports_what_prevents_sqlite_from_rewriting_its_file(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path}/locked.db")
    fill(engine, map(receipt, range(9)))
    rows = related_receipts(Store(engine), "r0")

    with closing(sqlite3.connect(tmp_path / "locked.db", timeout=0)) as other:
        with engine.connect() as connection:
            # The pool reuses the connection; the wait is short.
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")

        def scrub_while_another_writes(engine: Engine, *, rewrites: bool) -> None:
            other.execute("BEGIN IMMEDIATE")
            scrub(engine, rewrites=rewrites)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("cookiegate.ledger.audit.operations.scrub", scrub_while_another_writes)
            with pytest.raises(LedgerError, match=r"database is locked.* run: cookiegate ledger"):
                erase(engine, rows, SIGNER, now=NOON)
    assert Store(engine).find("r0") is None
    assert prune(engine, SIGNER, keep_seconds=DAY, now=NOON) == 0
    engine.dispose()


def test_an_erasure_reports_data_left_in_the_log_of_sqlite(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path}/read.db")
    fill(engine, [receipt(0, evidence="paper form 4711"), receipt(1)])
    log = tmp_path / "read.db-wal"
    with engine.connect() as connection:
        # The pool reuses the connection; the wait is short.
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(tmp_path / "read.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cookiegate_receipts").fetchall()
        with pytest.raises(LedgerError, match="run: cookiegate ledger prune"):
            erase(engine, related_receipts(Store(engine), "r0"), SIGNER, now=NOON)
        assert b"paper form 4711" in log.read_bytes()
    assert Store(engine).find("r0") is None
    assert prune(engine, SIGNER, keep_seconds=DAY, now=NOON) == 0
    assert log.read_bytes() == b""
    engine.dispose()


def test_an_erasure_with_a_missing_receipt_changes_nothing(engine: Engine) -> None:
    fill(engine, map(receipt, range(3)))
    rows = [row for id in ("r0", "r1") if (row := Store(engine).find(id))]
    erase(engine, rows[:1], SIGNER, now=NOON)
    with pytest.raises(LedgerError, match="nothing was changed"):
        erase(engine, rows, SIGNER, now=NOON)
    assert Store(engine).find("r1") is not None
    assert verify(engine).finding is None


def test_pruning_removes_older_receipts_to_the_day(engine: Engine) -> None:
    times = [NOON - 3 * DAY, NOON - 2 * DAY - 1, NOON - DAY - 3600, NOON]
    fill(engine, [receipt(n, time=time) for n, time in enumerate(times)], [receipt(9, time=0)])
    assert prune(engine, SIGNER, keep_seconds=DAY, now=NOON) == 3
    store = Store(engine)
    assert [n for n in (0, 1, 2, 3, 9) if store.find(f"r{n}")] == [2, 3]
    assert verify(engine).erased == 3
    assert prune(engine, SIGNER, keep_seconds=DAY, now=NOON) == 0
    assert verify(engine).removals == 1


def test_pruning_commits_complete_batches(
    engine: Engine,
) -> None:
    fill(engine, (receipt(n, time=0) for n in range(10)))
    reported: list[int] = []
    assert (
        prune(engine, SIGNER, keep_seconds=DAY, now=NOON, batch=4, progress=reported.append) == 10
    )
    assert reported == [4, 8, 10]
    seen = verify(engine)
    assert (seen.finding, seen.removals, seen.erased) == (None, 3, 10)


def test_bodies_are_ordered_and_limited_by_time(engine: Engine) -> None:
    fill(engine, [receipt(5), receipt(1)], [receipt(3)])
    store = Store(engine)

    def read(**between: int) -> list[str]:
        ids = [load_receipt(body).id for body in store.bodies(**between)]
        assert store.count_bodies(**between) == len(ids)
        return ids

    assert read() == ["r1", "r3", "r5"]
    assert read(since=NOON + 3) == ["r3", "r5"]
    assert read(until=NOON + 3) == ["r1"]
    assert store.newest() == NOON + 5
    execute(engine, "DELETE FROM cookiegate_receipts")
    assert store.newest() is None


def test_two_concurrent_erasures_exclude_each_other(engine: Engine) -> None:
    fill(engine, map(receipt, range(8)))
    store = Store(engine)
    rows = [row for n in range(8) if (row := store.find(f"r{n}"))]
    all_there = Barrier(4)

    def take_away(some: list[StoredReceipt]) -> None:
        all_there.wait()
        erase(engine, some, SIGNER, now=NOON)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take_away, [rows[n::4] for n in range(4)]))
    seen = verify(engine)
    assert (seen.finding, seen.erased, seen.removals) == (None, 8, 4)
