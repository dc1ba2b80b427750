"""A process that forks: its child begins a chain of its own, and leaves the rest to its parent."""

import subprocess
import sys
from pathlib import Path
from weakref import WeakSet

import pytest

from cookiegate.ledger.recording import recorder
from cookiegate.ledger.storage.database import reading
from cookiegate.ledger.storage.hash_chain import first_link, link_of
from cookiegate.ledger.storage.store import Store, rows_in
from tests.ledger.choices import until
from tests.ledger.conftest import Make

# The parent has a connection, a thread and a spool when it forks; so has the child afterwards.
FORKING = """
import gc, os, sys
from cookiegate.ledger import Ledger
from cookiegate.ledger.storage import store
from tests.ledger.choices import Outage, back, granting, withdrawing

outage = Outage()
store.writing, store.reading = outage.writing, outage.reading
ledger = Ledger(sys.argv[1], spool=sys.argv[2], on_error=lambda error: None, timeout=60)
ledger.commit(granting())
outage.is_down = True
ledger.commit(withdrawing())
pid = os.fork()
if not pid:
    try:
        gc.collect()
        assert ledger.running is None
        assert ledger.health().committed == 0
        outage.is_down = False
        ledger.commit(granting())
        outage.is_down = True
        ledger.commit(withdrawing())
        assert ledger.health().waiting == 1
        # What waits in the parent's spool is the parent's.
        back(outage, ledger)
        assert ledger.health().committed == 2
        ledger.close()
    except BaseException:
        import traceback
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
assert ledger.health().waiting == 1
back(outage, ledger)
ledger.commit(granting())
assert ledger.health().committed == 3
ledger.close()
"""


def test_a_forked_child_begins_a_chain_of_its_own(
    make: Make, kept: Store, url: str, tmp_path: Path
) -> None:
    make()
    run = subprocess.run(
        [sys.executable, "-c", FORKING, url, str(tmp_path / "spool")],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (run.returncode, run.stderr) == (0, "")
    with reading(kept.engine) as connection:
        rows = list(rows_in(connection))
    chains: dict[str, list[bytes]] = {}
    for row in rows:
        links = chains.setdefault(row.writer, [])
        previous = links[-1] if links else first_link(row.writer)
        assert row.number == len(links)
        assert row.link == link_of(previous, row.hash)
        links.append(row.link)
    assert sorted(map(len, chains.values())) == [2, 3]
    assert list((tmp_path / "spool").iterdir()) == []


def test_every_ledger_of_a_forked_process_begins_anew(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledgers = [make(), make()]
    running = [ledger.start() for ledger in ledgers]
    monkeypatch.setattr(recorder, "_LEDGERS", WeakSet(ledgers))
    recorder._begin_anew()
    assert [ledger.running for ledger in ledgers] == [None, None]
    for one in running:
        one.close()


def test_only_what_has_begun_is_left_behind(make: Make) -> None:
    ledger = make()
    ledger.after_fork()
    assert ledger.running is None
    running = ledger.start()
    ledger.after_fork()
    assert ledger.running is None
    assert ledger.start() is not running
    # The thread is still there, since nothing forked.
    running.close()
    until(lambda: not ledger.health().is_away)
