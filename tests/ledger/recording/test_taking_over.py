"""Before an erasure, the spool of ended processes is committed; what was erased stays erased."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from cookiegate.ledger import LedgerError
from cookiegate.ledger.audit.operations import erase, prune, related_receipts
from cookiegate.ledger.audit.verify import verify
from cookiegate.ledger.recording.replay import take_over
from cookiegate.ledger.recording.spool import Spool
from cookiegate.ledger.storage.rows import NewReceipt
from cookiegate.ledger.storage.store import Store
from tests.ledger.books import SIGNER, fill, items, made, receipt
from tests.ledger.choices import Outage, choosing, in_sqlite, until
from tests.ledger.conftest import Commit, Make
from tests.registries import DAY, NOON


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = made(url)
    yield engine
    engine.dispose()


def left(folder: Path, *new: NewReceipt, name: str = "left") -> Spool:
    """Leave receipts in a spool, as a process does that has not ended yet."""
    spool = Spool(folder, name, 1_000_000)
    spool.append([msgspec.json.encode(one) for one in new])
    return spool


def committed(engine: Engine, new: list[NewReceipt]) -> None:
    store = Store(engine)
    store.append(store.chain_end("slow"), new)


def test_a_receipt_in_the_spool_does_not_come_back_after_its_erasure(
    engine: Engine, make: Make, tmp_path: Path
) -> None:
    # The visitor's wait ended before the commit did, so the receipt is in both.
    withdrawal, other = items([receipt(0, kind="withdrawal", granted=()), receipt(1)])
    left(tmp_path / "spool", withdrawal, other).close()
    committed(engine, [withdrawal])
    erase(engine, related_receipts(Store(engine), "r0"), SIGNER, now=NOON)
    # Another process takes the files over.
    make().start()
    until(lambda: Store(engine).known(["r1"]) == {"r1"})
    until(lambda: not any((tmp_path / "spool").iterdir()))
    assert Store(engine).find("r0") is None
    seen = verify(engine)
    assert (seen.finding, seen.receipts, seen.erased) == (None, 2, 1)


def test_pruned_receipts_do_not_come_back(engine: Engine, make: Make, tmp_path: Path) -> None:
    new = items(receipt(n, time=NOON - 2 * DAY) for n in range(1200))
    left(tmp_path / "spool", *new).close()
    committed(engine, new[:1199])
    assert prune(engine, SIGNER, keep_seconds=DAY, now=NOON) == 1199
    make().start()
    until(lambda: Store(engine).find("r1199") is not None)
    until(lambda: not any((tmp_path / "spool").iterdir()))
    assert verify(engine).receipts == 1200


@in_sqlite
def test_a_process_does_not_write_its_own_erased_receipt_again(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make()
    withdrawal = choosing(before=("analysis",))
    outage.is_down = True
    commit(ledger, withdrawal)
    (line,) = [path.read_bytes().splitlines()[0] for path in ledger.options.spool.glob("*.spool")]
    new = msgspec.json.decode(line, type=NewReceipt)
    committed(kept.engine, [new])
    erase(kept.engine, related_receipts(kept, new.id), SIGNER, now=NOON)
    outage.is_down = False
    until(lambda: not ledger.health().waiting)
    assert kept.find(new.id) is None
    assert kept.count() == 1


def test_receipts_of_ended_processes_are_committed_once(engine: Engine, tmp_path: Path) -> None:
    new = items(map(receipt, range(3)))
    committed(engine, new[:1])
    left(tmp_path, *new).close()
    left(tmp_path, *new[2:], name="another").close()
    take_over(engine, tmp_path)
    take_over(engine, tmp_path)
    assert Store(engine).count() == 3
    assert list(tmp_path.glob("*.spool*")) == []


def test_receipts_of_a_running_process_prevent_an_erasure(engine: Engine, tmp_path: Path) -> None:
    running = left(tmp_path, *items([receipt(0)]))
    ended = left(tmp_path, *items([receipt(1)]), name="ended")
    ended.close()
    with pytest.raises(LedgerError, match=r"\(1\).* nothing was changed"):
        take_over(engine, tmp_path)
    assert Store(engine).known(["r0", "r1"]) == {"r1"}
    running.close()
    take_over(engine, tmp_path)
    assert Store(engine).known(["r0", "r1"]) == {"r0", "r1"}


@in_sqlite
def test_a_spool_that_cannot_be_read_prevents_an_erasure(engine: Engine, tmp_path: Path) -> None:
    # Like a file of another user; root can open anything except a folder.
    (tmp_path / "x.1.spool").mkdir()
    (tmp_path / "x.spool-lock").touch()
    with pytest.raises(LedgerError, match=r"cannot be read .*site's user"):
        take_over(engine, tmp_path)


@in_sqlite
def test_a_damaged_line_is_set_aside_and_the_others_are_committed(
    engine: Engine, tmp_path: Path
) -> None:
    left(tmp_path, *items([receipt(0)])).close()
    (path,) = tmp_path.glob("*.spool")
    path.write_bytes(b"{}\n" + path.read_bytes())
    take_over(engine, tmp_path)
    assert Store(engine).count() == 1
    assert (tmp_path / "unreadable").read_bytes() == b"{}\n"


@in_sqlite
def test_a_receipt_that_is_twice_in_the_spool_is_committed_once(
    engine: Engine, tmp_path: Path
) -> None:
    left(tmp_path, *items([receipt(0)]) * 2).close()
    take_over(engine, tmp_path)
    assert Store(engine).count() == 1
    assert not (tmp_path / "unreadable").exists()


@in_sqlite
def test_receipts_of_another_writer_are_not_taken_for_erased_ones(
    engine: Engine,
) -> None:
    fill(engine, [receipt(0)])
    same = items([receipt(0), receipt(1)])
    assert [one.id for one in Store(engine).without_erased(same)] == ["r0", "r1"]
