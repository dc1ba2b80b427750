"""Count the instructions of a server for each request, by callgrind, with and without the gate.

They are nearly the same on every machine, however busy it is. One connection sends one request
after the other. What the kernel does is not counted, so the gate's part is larger than in time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryDirectory

from benchmarks.figures import Row, added, at
from benchmarks.rounds import Figure, Spread, Times
from benchmarks.servers.client import Client, refused_lengths
from benchmarks.servers.lineup import Comparison, check, run
from benchmarks.servers.sites import BARE, GATE
from benchmarks.servers.traffic import VISITORS
from benchmarks.subjects import STRIPPED as REFUSED

__all__ = ["COMPARISONS", "instructions", "read_count"]

COMPARISONS = (
    Comparison("uvicorn h11", "bare", (6, 30), with_peers=True),
    Comparison("uvicorn h11", "Starlette JSON", with_peers=True),
    Comparison("uvicorn h11", "Starlette page", (6, 30)),
    Comparison("uvicorn httptools", "bare", with_peers=True),
    Comparison("uvicorn httptools", "Starlette JSON"),
    Comparison("uvicorn httptools", "Starlette page"),
    Comparison("gunicorn", "bare WSGI"),
    Comparison("gunicorn", "Flask page", (6, 30), with_peers=True),
    Comparison("gunicorn", "Django page", with_peers=True),
)
# Each visitor comes once in a round, and once before the first: the interpreter has specialised
# its instructions then.
REQUESTS = VISITORS
# Servers that do less by the clock than those of `SERVERS`.
_QUIET = {
    f"uvicorn {http}": ("benchmarks.servers.quiet_uvicorn", "{port}", http)
    for http in ("h11", "httptools")
}
_THREAD = re.compile(r"^\s+Th [0-9]+ +([0-9,]+)\s*$", re.MULTILINE)


def instructions(rounds: int) -> list[Row]:
    """Count for all comparisons, in a fifteenth of the rounds, with a request of each visitor."""
    for program in ("valgrind", "callgrind_control"):
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is missing: apt-get install valgrind")
    # The counts do not depend on the load of the machine, so servers run side by side.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda one: _compare(one, max(2, rounds // 15)), COMPARISONS)
        return [row for rows in found for row in rows]


def _compare(comparison: Comparison, rounds: int) -> list[Row]:
    counts: dict[str, list[float]] = {}
    plain = b""
    stripped: list[int] = []
    turns = [(name, count) for name in comparison.names for count in comparison.counts_of(name)]
    for name in comparison.names:
        with TemporaryDirectory(prefix="cgbench-") as folder:
            # Without the last option, callgrind_control does not reach a forked worker.
            valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/%p"]
            valgrind += ["--instr-atstart=no", "--trace-children=yes"]
            command = _QUIET.get(comparison.server, ())
            with run(comparison, name, stripped, command=command, under=valgrind) as server:
                for count in comparison.counts_of(name):
                    with Client(server.port, comparison.requests(count)) as client:
                        answer = client.get()
                        if name == BARE:
                            plain, stripped = answer, refused_lengths(answer, REFUSED)
                        elif name == GATE:
                            check(plain, answer)
                        # A worker is the last process. It is there once it has answered.
                        pid = server.processes()[-1]
                        counts[f"{name} {count}"] = _count(client, pid, rounds)
    times: Times = [{key: values[turn] for key, values in counts.items()} for turn in range(rounds)]
    rows = []
    for name, count in turns:
        what, ours, bare = comparison.label(count), f"{name} {count}", f"{BARE} {count}"
        if name == BARE:
            rows.append(Row(f"{what}: instructions", Spread.of(times, at(bare)), unit="k"))
        else:
            more = Spread.of(times, added(ours, bare))
            rows.append(Row(f"{what}: instructions added by {name}", more, unit="k"))
            ratio = Spread.of(times, _ratio(bare, ours))
            rows.append(Row(f"{what}: instructions without {name} / with", ratio, at_least=True))
    return rows


def _ratio(over: str, under: str) -> Figure:
    return lambda one: one[over] / one[under]


def _count(client: Client, pid: int, rounds: int) -> list[float]:
    # The thousands of instructions of a request, in each round.
    _control("-i", "on", pid=pid)
    for _ in range(REQUESTS):
        client.get()
    found = []
    for _ in range(rounds):
        _control("-z", pid=pid)
        for _ in range(REQUESTS):
            client.get()
        found.append(read_count(_control("-e", pid=pid)) / REQUESTS / 1000)
    return found


def _control(*options: str, pid: int) -> str:
    done = subprocess.run(
        ["callgrind_control", *options, str(pid)], capture_output=True, check=True, text=True
    )
    return done.stdout


def read_count(text: str) -> int:
    """
    Return the instructions of all threads, from what `callgrind_control -e` prints.

    Raises:
        RuntimeError: It has none.
    """
    counts = [int(found[1].replace(",", "")) for found in _THREAD.finditer(text)]
    if not counts:
        raise RuntimeError(f"callgrind_control counted nothing: {text}")
    return sum(counts)
