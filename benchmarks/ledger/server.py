"""A choice through the ASGI middleware on a real server: with the ledger and without."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.figures import Row, at
from benchmarks.rounds import Spread, Times
from benchmarks.servers.processes import serve
from benchmarks.servers.traffic import templates
from benchmarks.servers.wrk import load

__all__ = ["measure_server"]

CONNECTIONS = 64
SECONDS = 2
COMMAND = [
    *("uvicorn", "--port", "{port}", "--log-level", "error"),
    *("--no-access-log", "--lifespan", "off"),
]


def measure_server(rounds: int) -> Sequence[Row]:
    """
    Measure choices per second in one uvicorn process, with a ledger in an SQLite file.

    Returns nothing if wrk is missing: apt-get install wrk.
    """
    if shutil.which("wrk") is None:
        return []
    times: Times = []
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="cgbench-")))
        environment = {"COOKIEGATE_BENCH_LEDGER": f"sqlite:///{folder}/consent.db"}
        servers = {
            app: running.enter_context(
                serve([*COMMAND, f"benchmarks.ledger.app:{app}"], environment)
            )
            for app in ("unrecorded", "recorded")
        }
        requests = templates("plain", 6)
        names = list(servers)
        for number in range(max(4, rounds // 2) + 1):
            one = {}
            for app in names if number % 2 else names[::-1]:
                one[app] = load(
                    servers[app].port,
                    requests,
                    seconds=SECONDS,
                    first=number * 100_000,
                    connections=CONNECTIONS,
                )["rate"]
            times.append(one)
    # The first round is a warm-up.
    times = times[1:]
    where = f"uvicorn, {CONNECTIONS} connections, each request a choice"
    ratio = Spread.of(times, lambda one: one["recorded"] / one["unrecorded"])
    return [
        Row(f"{where}: requests/s with the ledger / without a recorder", ratio),
        Row(f"{where}, without", Spread.of(times, at("unrecorded")), unit="1/s"),
        Row(f"{where}, with", Spread.of(times, at("recorded")), unit="1/s"),
    ]
