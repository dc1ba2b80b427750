"""The result of a benchmark: a ratio within one run, its spread, and its goal."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.rounds import Figure, Spread, Times

__all__ = ["Row", "added", "at", "row", "slope"]


@dataclass(frozen=True)
class Row:
    """One line of a table: a figure, and its goal if it has one."""

    #: What is measured, and what it is compared with.
    what: str
    figure: Spread
    #: "ratio", or the unit of the figure, such as "ms".
    unit: str = "ratio"
    goal: float | None = None
    at_least: bool = False
    #: The two times of a ratio, in microseconds.
    ours: float | None = None
    theirs: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        if self.at_least:
            return self.figure.middle >= self.goal
        return self.figure.middle <= self.goal


def row(
    what: str,
    times: Times,
    ours: Figure,
    theirs: Figure,
    goal: float | None = None,
    *,
    at_least: bool = False,
) -> Row:
    """Return the row of the ratio ours / theirs, or with `at_least` of theirs / ours."""
    over, under = (theirs, ours) if at_least else (ours, theirs)
    return Row(
        what,
        Spread.of(times, lambda one: over(one) / under(one)),
        goal=goal,
        at_least=at_least,
        ours=Spread.of(times, ours).middle / 1000,
        theirs=Spread.of(times, theirs).middle / 1000,
    )


def at(name: str) -> Figure:
    """Return the figure that is the time of one subject."""
    return lambda times: times[name]


def slope(name: str) -> Figure:
    """Return the figure that is the time for each further cookie, from five to twenty."""
    return lambda times: (times[f"{name} 20"] - times[f"{name} 5"]) / 15


def added(name: str, to: str) -> Figure:
    """Return the figure that is the additional time of one subject over another."""
    return lambda times: times[name] - times[to]
