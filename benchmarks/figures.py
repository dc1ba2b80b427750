"""What a benchmark comes to: a ratio within one run, its spread, and its goal."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.rounds import Figure, Spread, Times

__all__ = ["Row", "added", "at", "row", "slope"]


@dataclass(frozen=True)
class Row:
    """One line of a table: a figure, and its goal where it has one."""

    #: What is measured, and against what.
    what: str
    figure: Spread
    #: What the figure is: a ratio, or with a unit, "ms" say.
    unit: str = "ratio"
    goal: float | None = None
    at_least: bool = False
    #: The two times it is made of, in microseconds, where it is made of two.
    ours: float | None = None
    theirs: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
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
    """The ratio of two figures of the same rounds; theirs to ours where it is to be large."""
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
    """The time of one subject."""
    return lambda times: times[name]


def slope(name: str) -> Figure:
    """What a response takes for each further cookie, from five to twenty."""
    return lambda times: (times[f"{name} 20"] - times[f"{name} 5"]) / 15


def added(name: str, to: str) -> Figure:
    """What one subject takes more than another."""
    return lambda times: times[name] - times[to]
