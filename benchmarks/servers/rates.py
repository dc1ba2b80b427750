"""Compare requests per second with and without the gate, and with other middleware.

Each server has one worker. The load comes from one thread of wrk. Loads of a second alternate, so
that a slow moment of the machine affects all servers of a comparison.
"""

from __future__ import annotations

from benchmarks.figures import Row, at
from benchmarks.rounds import Figure, Spread, Times
from benchmarks.servers.lineup import Comparison, run_all
from benchmarks.servers.sites import BARE
from benchmarks.servers.wrk import load, require_wrk

__all__ = ["COMPARISONS", "rates"]

SECONDS = 1
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


def rates(rounds: int) -> list[Row]:
    """Measure all comparisons, in a tenth of the rounds."""
    require_wrk()
    return [row for one in COMPARISONS for row in _compare(one, max(3, rounds // 10))]


def _compare(comparison: Comparison, rounds: int) -> list[Row]:
    times: Times = []
    requests = {count: comparison.requests(count) for count in comparison.counts}
    turns = [(name, count) for name in comparison.names for count in comparison.counts_of(name)]
    with run_all(comparison) as servers:
        # The first round is a warm-up. Each begins with another server.
        for number in range(rounds + 1):
            shift = number % len(turns)
            one: dict[str, float] = {}
            for turn, (name, count) in enumerate(turns[shift:] + turns[:shift]):
                server = servers[name]
                before = server.seconds()
                found = load(
                    server.port,
                    requests[count],
                    seconds=SECONDS,
                    first=(number * len(turns) + turn) * 100_000,
                )
                one[f"{name} {count}"] = found["rate"]
                one[f"{name} {count} busy"] = found["requests"] / (server.seconds() - before)
            times.append(one)
    times = times[1:]
    rows = []
    for name, count in turns:
        for clock, words in (("", "requests/s"), (" busy", "requests/s of its processor time")):
            ours, theirs = f"{name} {count}{clock}", f"{BARE} {count}{clock}"
            if name != BARE:
                rows.append(
                    Row(
                        f"{comparison.label(count)}: {words} with {name} / without",
                        Spread.of(times, _ratio(ours, theirs)),
                        at_least=True,
                        ours=1e6 / Spread.of(times, at(ours)).middle,
                        theirs=1e6 / Spread.of(times, at(theirs)).middle,
                    )
                )
    return rows


def _ratio(over: str, under: str) -> Figure:
    return lambda one: one[over] / one[under]
