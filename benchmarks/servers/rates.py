"""Compare requests per second with and without the gate, and with other middleware.

Each server has one worker. The load comes from one thread of wrk. Loads of a second alternate, so
that a slow moment of the machine affects all servers of a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.figures import Row, at
from benchmarks.rounds import Figure, Spread, Times
from benchmarks.servers.lineup import Comparison, run_all
from benchmarks.servers.sites import BARE, GATE
from benchmarks.servers.wrk import load, require_wrk

__all__ = ["COMPARISONS", "GOALS", "rates"]

SECONDS = 1
COMPARISONS = (
    Comparison("uvicorn h11", "bare", (6, 30)),
    Comparison("uvicorn h11", "Starlette JSON", with_peers=True),
    Comparison("uvicorn h11", "Starlette page", (6, 30)),
    Comparison("uvicorn httptools", "bare"),
    Comparison("uvicorn httptools", "Starlette JSON"),
    Comparison("uvicorn httptools", "Starlette page"),
    Comparison("granian ASGI", "bare"),
    Comparison("granian ASGI", "Starlette page"),
    Comparison("gunicorn", "bare WSGI"),
    Comparison("gunicorn", "Flask page", (6, 30), with_peers=True),
    Comparison("gunicorn", "Django page", with_peers=True),
    Comparison("granian WSGI", "Flask page"),
    Comparison("granian WSGI", "Django page"),
)
#: The least ratio of requests/s, by the variant of the gate: for pages, and for the bare site.
GOALS: Mapping[str, tuple[float, float]] = {"pure": (0.98, 0.93), "with C": (0.99, 0.97)}


def rates(rounds: int) -> list[Row]:
    """Measure all comparisons, in a sixth of the rounds."""
    require_wrk()
    return [row for one in COMPARISONS for row in _compare(one, max(5, rounds // 6))]


def _compare(comparison: Comparison, rounds: int) -> list[Row]:
    times: Times = []
    # Other middleware is measured with the first number of cookies.
    requests = dict(zip(comparison.counts, comparison.requests, strict=True))
    first = comparison.counts[0]
    with run_all(comparison) as servers:
        turns = [
            (name, count)
            for count in comparison.counts
            for name in servers
            if count == first or name == BARE or name.startswith(GATE)
        ]
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
        if name == BARE:
            continue
        what = f"{comparison.server}, {comparison.site}, {count} cookies sent: {name}"
        goal = _goal(comparison, name, count)
        for clock, words in (("", ""), (" busy", ", by processor time")):
            ours, theirs = f"{name} {count}{clock}", f"{BARE} {count}{clock}"
            rows.append(
                Row(
                    what + words,
                    Spread.of(times, _ratio(ours, theirs)),
                    goal=goal,
                    at_least=True,
                    ours=1e6 / Spread.of(times, at(ours)).middle,
                    theirs=1e6 / Spread.of(times, at(theirs)).middle,
                )
            )
    return rows


def _goal(comparison: Comparison, name: str, count: int) -> float | None:
    page, bare = GOALS.get(name.partition(", ")[2], (None, None))
    if comparison.site.endswith("page"):
        return page
    is_stated = comparison.server == "uvicorn h11" and comparison.site == "bare"
    return bare if is_stated and count == comparison.counts[0] else None


def _ratio(over: str, under: str) -> Figure:
    return lambda one: one[over] / one[under]
