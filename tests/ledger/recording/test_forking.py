"""A forked process starts another chain, and leaves the other parts to its parent."""

import subprocess
import sys
from pathlib import Path

from cookiegate.ledger.recording.recorder import reset_after_fork
from cookiegate.ledger.storage.database import reading
from cookiegate.ledger.storage.hash_chain import first_link, next_link
from cookiegate.ledger.storage.store import Store, receipts_in
from tests.ledger.choices import until
from tests.ledger.conftest import Make

# The parent has a connection, a thread and a spool when it forks; later the child has too.
FORKING = """
import gc, os, sys
from tests.ledger.choices import Outage, OutageLedger, back, granting, withdrawing

outage = Outage()
options = {"spool": sys.argv[2], "on_error": lambda error: None, "timeout": 60}
ledger = OutageLedger(sys.argv[1], outage, **options)
ledger.commit(granting())
outage.is_down = True
ledger.commit(withdrawing())
pid = os.fork()
if not pid:
    try:
        gc.collect()
        assert ledger.process is None
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


def test_a_forked_process_starts_another_chain(
    make: Make, kept: Store, url: str, tmp_path: Path
) -> None:
    make()
    run = subprocess.run(
        # Python 3.12 and later warn of what is tested: a process with threads forks.
        [
            sys.executable,
            "-W",
            "ignore::DeprecationWarning",
            "-c",
            FORKING,
            url,
            str(tmp_path / "spool"),
        ],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (run.returncode, run.stderr) == (0, "")
    with reading(kept.engine) as connection:
        rows = list(receipts_in(connection))
    chains: dict[str, list[bytes]] = {}
    for row in rows:
        links = chains.setdefault(row.writer, [])
        previous = links[-1] if links else first_link(row.writer)
        assert row.number == len(links)
        assert row.link == next_link(previous, row.hash)
        links.append(row.link)
    assert sorted(map(len, chains.values())) == [2, 3]
    assert list((tmp_path / "spool").iterdir()) == []


def test_every_ledger_of_a_forked_process_starts_again(
    make: Make,
) -> None:
    ledgers = [make(), make()]
    processes = [ledger.start() for ledger in ledgers]
    reset_after_fork()
    assert [ledger.process for ledger in ledgers] == [None, None]
    for process in processes:
        process.close()


def test_only_started_parts_are_discarded(make: Make) -> None:
    ledger = make()
    ledger.after_fork()
    assert ledger.process is None
    running = ledger.start()
    ledger.after_fork()
    assert ledger.process is None
    assert ledger.start() is not running
    # The thread is still running, since nothing forked.
    running.close()
    until(lambda: not ledger.health().is_away)
