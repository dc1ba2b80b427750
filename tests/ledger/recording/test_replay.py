"""The spool is written to the database: completely, once, also after a crash."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from cookiegate import NotKeptError
from cookiegate.ledger import Ledger
from cookiegate.ledger.receipts import receipt_of
from cookiegate.ledger.recording.spool import Spool
from cookiegate.ledger.storage.database import open_engine, reading, upgrade
from cookiegate.ledger.storage.store import Store, presentations_in
from tests.ledger.choices import (
    PAGE,
    Outage,
    back,
    granting,
    in_sqlite,
    kinds,
    texts,
    until,
    withdrawing,
)
from tests.ledger.conftest import Commit, Make
from tests.ledger.postgres import cluster

KILLED = """
import os, signal, sys
from tests.ledger.choices import Outage, OutageLedger, withdrawing
outage = Outage()
outage.is_down = True
ledger = OutageLedger(sys.argv[1], outage, spool=sys.argv[2], on_error=lambda error: None)
for _ in range(3):
    choice = withdrawing()
    ledger.commit(choice)
    print(choice.receipt, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_spool_is_taken_over_when_its_process_was_killed(
    make: Make, kept: Store, url: str, tmp_path: Path
) -> None:
    ledger = make()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(tmp_path / "spool")],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
    )
    ids = killed.stdout.split()
    assert len(ids) == 3, killed.stderr
    ledger.start()
    until(lambda: kept.count() == 3)
    assert kept.known(ids) == set(ids)
    assert kept.presentation(receipt_of(withdrawing()).presentation or "") is not None
    until(lambda: not any((tmp_path / "spool").iterdir()))


@in_sqlite
def test_a_choice_without_a_page_is_spooled_without_one(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make()
    outage.is_down = True
    for shown in (None, PAGE, None):
        commit(ledger, withdrawing(shown))
    back(outage, ledger)
    with reading(kept.engine) as connection:
        assert len(list(presentations_in(connection))) == 1
    assert kept.count() == 3


@in_sqlite
def test_the_spool_of_a_closed_ledger_is_written_by_the_next(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make()
    outage.is_down = True
    commit(ledger, withdrawing())
    ledger.close()
    outage.is_down = False
    assert kept.count() == 0
    ledger.start()
    until(lambda: kept.count() == 1)


@in_sqlite
def test_a_locked_spool_does_not_hide_an_outage(
    make: Make, outage: Outage, commit: Commit, tmp_path: Path
) -> None:
    # It has no lines itself.
    ledger = make(spool_bytes=0)
    other = Spool(tmp_path / "spool", "other", 1000)
    other.append([b"one"])
    outage.is_down = True
    commit(ledger, withdrawing())
    asked = outage.questions
    until(lambda: outage.questions > asked + 3)
    assert ledger.health().is_away
    other.drain(lambda lines: None)
    other.close()


@in_sqlite
def test_a_spool_that_cannot_be_taken_over_is_reported_once_and_grants_continue(
    make: Make, kept: Store, outage: Outage, commit: Commit, errors: list[Exception], tmp_path: Path
) -> None:
    # Like a lock of another user; root can open anything except a folder.
    (tmp_path / "spool" / "another.spool-lock").mkdir(parents=True)
    ledger = make(timeout=3600)
    ledger.start()
    until(lambda: bool(errors))
    commit(ledger, granting())
    outage.is_down = True
    commit(ledger, withdrawing())
    back(outage, ledger)
    commit(ledger, granting())
    assert kinds(kept) == ["grant", "grant", "withdrawal"]
    assert [isinstance(error, OSError) for error in errors].count(True) == 1


@in_sqlite
@pytest.mark.parametrize("line", [b'{"id": "half', b'{"id": "\xff"}'])
def test_a_damaged_line_is_reported_and_does_not_block_others(
    make: Make,
    kept: Store,
    outage: Outage,
    commit: Commit,
    errors: list[Exception],
    tmp_path: Path,
    line: bytes,
) -> None:
    ledger = make()
    outage.is_down = True
    commit(ledger, withdrawing())
    (path,) = (tmp_path / "spool").glob("*.spool")
    whole = path.read_bytes()
    path.write_bytes(line + b"\n" + whole)
    commit(ledger, withdrawing())
    outage.is_down = False
    until(lambda: kept.count() == 2)
    until(lambda: ledger.health().lost > 0)
    assert ledger.health().lost == 1
    until(lambda: any("(1): the spool is damaged; " in text for text in texts(errors)))


@pytest.mark.needs("postgres")
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_receipt_that_the_database_rejects_does_not_block_others(
    make: Make, kept: Store, outage: Outage, commit: Commit, errors: list[Exception]
) -> None:
    ledger = make(timeout=60)
    # The column has 64 characters; SQLite does not enforce that.
    odd = "x" * 65
    with pytest.raises(NotKeptError):
        commit(ledger, msgspec.structs.replace(granting(), receipt=odd))
    assert not ledger.health().is_away
    outage.is_down = True
    for choice in (
        withdrawing(),
        msgspec.structs.replace(withdrawing(), receipt=odd),
        withdrawing(),
    ):
        commit(ledger, choice)
    outage.is_down = False
    until(lambda: kept.count() == 2)
    until(lambda: ledger.health().waiting == 0)
    assert ledger.health().lost == 1
    until(lambda: any("(1): the database rejects them; " in text for text in texts(errors)))
    commit(ledger, granting())
    assert kinds(kept) == ["grant", "withdrawal", "withdrawal"]


@pytest.mark.needs("postgres")
def test_the_spool_is_written_after_a_server_restarts(
    tmp_path: Path, errors: list[Exception]
) -> None:
    with cluster() as server:
        url = server.new_database()
        engine = open_engine(url)
        upgrade(engine)
        ledger = Ledger(url, spool=tmp_path, on_error=errors.append, timeout=60)
        before, without, taken, after = granting(), granting(), withdrawing(), granting()
        ledger.commit(before)
        server.stop("immediate")
        ledger.commit(taken)
        with pytest.raises(NotKeptError):
            ledger.commit(without)
        assert ledger.health().waiting == 1
        server.start()
        until(lambda: not ledger.health().is_away and not ledger.health().waiting)
        ledger.commit(after)
        ledger.close()
        engine.dispose()  # its connection belongs to the stopped server
        found = Store(engine)
        ids = {one.receipt for one in (before, without, taken, after)}
        assert found.known(ids) == ids - {without.receipt}
        assert found.count() == 3
        engine.dispose()
    assert errors
