"""Processes killed under load lose no acknowledged receipt."""

import os
import random
import signal
import time
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest

from tests.ledger.faults.conftest import Say
from tests.ledger.faults.holding import hold
from tests.ledger.faults.proof import find, lost
from tests.ledger.faults.serving import Server, serve
from tests.ledger.faults.site import SiteOptions
from tests.ledger.faults.visitors import crowd

# The maximum time between an acknowledgement and the kill: a few commits.
LATE_SECONDS = 0.03
SERVERS: list[Server] = ["uvicorn", "gunicorn"]


def kill(
    server: Server, options: SiteOptions, log: Path, *, seed: int, times: int, say: Say
) -> None:
    """Kill the serving process repeatedly, and check the ledger."""
    rng = random.Random(seed)
    killed: set[int] = set()
    with serve(server, options, log) as site:
        with crowd(site, seed) as visitors:
            for number in range(times):
                # Every third time, kill it while it writes to its spool during a commit.
                is_held = number % 3 == 2
                count = rng.randint(1, 10 if is_held else 80)
                with hold(options.url) if is_held else nullcontext():
                    process = visitors.await_more(count, but_by=frozenset(killed))
                    time.sleep(rng.random() * LATE_SECONDS)
                    os.kill(process, signal.SIGKILL)
                    killed.add(process)
                    site.await_gone(process)
            # The process that replaces it works.
            visitors.await_more(20, but_by=frozenset(killed))
        site.await_drained()
    noted = visitors.noted
    missing = lost(find(options.url), noted, were_killed=True)
    say(
        f"{options.url.partition(':')[0]}, {server}: killed {len(killed)} times, "
        f"{noted.acknowledged:,} receipts acknowledged, {missing} lost"
    )
    assert not missing
    assert len(killed) == times
    assert noted.unanswered


@pytest.mark.parametrize("server", SERVERS)
def test_nothing_acknowledged_is_lost_when_a_process_is_killed(
    server: Server, options: SiteOptions, tmp_path: Path, say: Say
) -> None:
    kill(
        server,
        msgspec.structs.replace(options, timeout=1.0),
        tmp_path / "log",
        seed=1,
        times=7,
        say=say,
    )


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("server", SERVERS)
def test_nothing_acknowledged_is_lost_however_often_processes_are_killed(
    server: Server, seed: int, options: SiteOptions, tmp_path: Path, say: Say
) -> None:
    kill(
        server,
        msgspec.structs.replace(options, timeout=1.0),
        tmp_path / "log",
        seed=seed,
        times=40,
        say=say,
    )
