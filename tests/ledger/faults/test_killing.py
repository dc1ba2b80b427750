"""Processes that are killed under load lose nothing of what they acknowledged."""

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
from tests.ledger.faults.site import Told
from tests.ledger.faults.visitors import crowd

# How late after an acknowledgement a process is killed at most: some commits.
LATE_SECONDS = 0.03
SERVERS: list[Server] = ["uvicorn", "gunicorn"]


def kill(server: Server, told: Told, log: Path, *, seed: int, times: int, say: Say) -> None:
    """Kill the process that serves, again and again, and see what is in the ledger."""
    rng = random.Random(seed)
    killed: set[int] = set()
    with serve(server, told, log) as site:
        with crowd(site, seed) as visitors:
            for number in range(times):
                # Each third time it is killed while it spools, with a commit under way.
                is_held = number % 3 == 2
                count = rng.randint(1, 10 if is_held else 80)
                with hold(told.url) if is_held else nullcontext():
                    process = visitors.await_more(count, but_by=frozenset(killed))
                    time.sleep(rng.random() * LATE_SECONDS)
                    os.kill(process, signal.SIGKILL)
                    killed.add(process)
                    site.await_gone(process)
            # Whoever takes its place works.
            visitors.await_more(20, but_by=frozenset(killed))
        site.await_drained()
    noted = visitors.noted
    missing = lost(find(told.url), noted, were_killed=True)
    say(
        f"{told.url.partition(':')[0]}, {server}: killed {len(killed)} times, "
        f"{noted.acknowledged:,} receipts acknowledged, {missing} lost"
    )
    assert not missing
    assert len(killed) == times
    assert noted.unanswered


@pytest.mark.parametrize("server", SERVERS)
def test_nothing_acknowledged_is_lost_when_a_process_is_killed(
    server: Server, told: Told, tmp_path: Path, say: Say
) -> None:
    kill(
        server,
        msgspec.structs.replace(told, timeout=1.0),
        tmp_path / "log",
        seed=1,
        times=7,
        say=say,
    )


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("server", SERVERS)
def test_nothing_acknowledged_is_lost_however_often_processes_are_killed(
    server: Server, seed: int, told: Told, tmp_path: Path, say: Say
) -> None:
    kill(
        server,
        msgspec.structs.replace(told, timeout=1.0),
        tmp_path / "log",
        seed=seed,
        times=40,
        say=say,
    )
