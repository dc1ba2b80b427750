"""Compare requests per second with and without the gate, and with other middleware.

Each server has one worker. Two clients measure it. One thread of wrk with several connections says
how many requests per second there are; on a machine that does other things, that says little. One
connection sends a few requests to each server in turn, again and again, and the operating system
says how much processor time the server took for them. Neighbours in time are compared, so what
slows down the machine slows down both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from random import Random

from benchmarks.figures import Row, at
from benchmarks.rounds import Spread, Times
from benchmarks.servers.client import Client
from benchmarks.servers.lineup import Comparison, run_all
from benchmarks.servers.processes import Server
from benchmarks.servers.sites import BARE
from benchmarks.servers.wrk import load, require_wrk

__all__ = ["COMPARISONS", "alternate", "rates"]

SECONDS = 1
# The same server, started twice, may differ by more than the gate adds: in where its memory lies,
# on Granian in how its threads take turns.
STARTS = 3
# Few, so that neighbours are near; the first of a burst finds the caches of another server.
BURST = 25
COMPARISONS = (
    Comparison("uvicorn h11", "bare", (6, 30), with_peers=True),
    Comparison("uvicorn h11", "Starlette JSON", with_peers=True),
    Comparison("uvicorn h11", "Starlette page", (6, 30)),
    Comparison("uvicorn httptools", "bare", with_peers=True),
    Comparison("uvicorn httptools", "Starlette page"),
    Comparison("granian ASGI", "bare"),
    Comparison("granian ASGI", "Starlette page"),
    Comparison("gunicorn", "bare WSGI"),
    Comparison("gunicorn", "Flask page", (6, 30), with_peers=True),
    Comparison("gunicorn", "Django page", with_peers=True),
    Comparison("granian WSGI", "Flask page"),
)
# A server and the number of cookies that its visitors send.
Turn = tuple[str, int]


def rates(rounds: int) -> list[Row]:
    """Measure all comparisons: with wrk in a tenth of the rounds, with two bursts in each."""
    require_wrk()
    return [row for one in COMPARISONS for row in _compare(one, rounds)]


def _compare(comparison: Comparison, rounds: int) -> list[Row]:
    turns = [(name, count) for name in comparison.names for count in comparison.counts_of(name)]
    requests = {count: comparison.requests(count) for count in comparison.counts}
    by_load: Times = []
    by_burst: Times = []
    for _ in range(STARTS):
        with run_all(comparison) as servers, ExitStack() as opened:
            clients = {
                turn: opened.enter_context(Client(servers[turn[0]].port, requests[turn[1]]))
                for turn in turns
            }
            loads = partial(_load, servers, requests)
            by_burst += alternate(turns, partial(_burst, servers, clients), rounds * 2 // STARTS)
            by_load += alternate(turns, loads, max(1, rounds // 30))
    rows = []
    for name, count in turns:
        if name != BARE:
            what = f"{comparison.label(count)}: requests/s"
            rows.append(_row(f"{what} with {name} / without", by_load, name, count))
            what = f"{what} of processor time with {name} / without"
            rows.append(_row(what, by_burst, name, count))
    return rows


def _load(
    servers: Mapping[str, Server], requests: Mapping[int, list[str]], turn: Turn, number: int
) -> float:
    # The requests per second that wrk gets. Their numbers go on, so that no value comes twice.
    name, count = turn
    first = number * 100_000
    return load(servers[name].port, requests[count], seconds=SECONDS, first=first)["rate"]


def _burst(
    servers: Mapping[str, Server], clients: Mapping[Turn, Client], turn: Turn, number: int
) -> float:
    # The requests per second of the server's processor time.
    server, client = servers[turn[0]], clients[turn]
    before = server.seconds()
    for _ in range(BURST):
        client.get()
    # The system counts what a thread has run when it sleeps again.
    time.sleep(0.003)
    return BURST / (server.seconds() - before)


def alternate(turns: list[Turn], measure: Callable[[Turn, int], float], rounds: int) -> Times:
    """
    Measure all in turn, and add to each round the ratio of each to the bare site in that round.

    Args:
        turns: What to measure. A bare site has the name `BARE`.
        measure: Measures one, and gets a number that differs with each call.
        rounds: The number of rounds after the first, which is a warm-up.
    """
    times: Times = []
    number = 0
    chance = Random(0)
    for _ in range(rounds + 1):
        one: dict[str, float] = {}
        # What one leaves in the processor's caches differs, so none always has the same before it.
        for turn in chance.sample(turns, len(turns)):
            number += 1
            one["{} {}".format(*turn)] = measure(turn, number)
        for name, count in turns:
            one[f"{name} {count} ratio"] = one[f"{name} {count}"] / one[f"{BARE} {count}"]
        times.append(one)
    return times[1:]


def _row(what: str, times: Times, name: str, count: int) -> Row:
    return Row(
        what,
        Spread.of(times, at(f"{name} {count} ratio")),
        at_least=True,
        ours=1e6 / Spread.of(times, at(f"{name} {count}")).middle,
        theirs=1e6 / Spread.of(times, at(f"{BARE} {count}")).middle,
    )
