"""The goals of the hot path, for pure Python and with C, and those of loading and importing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from benchmarks.figures import Row
from benchmarks.instructions.cases import name_of
from benchmarks.variants import Variant

__all__ = ["GOALS", "Goal", "with_goal"]


@dataclass(frozen=True)
class Goal:
    """
    A goal of one row, or of several rows.

    Args:
        section: The section of `python -m benchmarks` that has the rows.
        what: The row's name. A `*` stands for any text.
        pure: The goal in pure Python.
        with_c: The goal with C.
        at_least: Whether the figure must be at least as large, instead of at most.
    """

    section: str
    what: str
    pure: float
    with_c: float
    at_least: bool = False

    def of(self, variant: Variant) -> float:
        """Return the goal of one form of the gate."""
        return self.pure if variant == "pure" else self.with_c

    def is_about(self, section: str, row: Row) -> bool:
        """Return whether a row has this goal."""
        return section == self.section and fnmatchcase(row.what, self.what)


def _instructions(
    protocol: str, request: str, goals: Mapping[int, tuple[float, float]]
) -> list[Goal]:
    return [
        Goal("instructions", name_of(protocol, request, count), *pair)
        for count, pair in goals.items()
    ]


_RATE = "requests/s of processor time with the gate / without"
GOALS: Final = (
    *_instructions(
        "ASGI", "script's request", {0: (46, 36), 1: (75, 56), 5: (105, 70), 20: (190, 100)}
    ),
    *_instructions("ASGI", "page load", {0: (65, 50), 5: (105, 70)}),
    *_instructions("ASGI", "first sight", {0: (150, 135)}),
    *_instructions("ASGI", "script's request, a listener", {5: (130, 120)}),
    *_instructions(
        "WSGI", "script's request", {0: (24, 24), 1: (47, 40), 5: (68, 55), 20: (132, 85)}
    ),
    *_instructions("WSGI", "page load", {5: (70, 60)}),
    Goal("goals", "no Set-Cookie / a forwarding wrapper", 1.8, 1.4),
    Goal("goals", "a page load, no Set-Cookie / a forwarding wrapper", 2.9, 1.9),
    Goal("goals", "each further Set-Cookie / that of the minimal filter", 1.4, 0.6),
    Goal("goals", "the first Set-Cookie, minus that of the minimal filter", 2.0, 1.5),
    Goal("goals", "20 Set-Cookie: added by hand / by the gate", 20, 40, at_least=True),
    Goal("goals", "with a listener*, each further Set-Cookie / that of the minimal filter", 3.5, 3),
    Goal("goals", "first sight of a consent / itsdangerous' loads", 0.40, 0.35),
    Goal(
        "peers",
        "page load, 0 Set-Cookie: added by the gate / by Starlette SessionMiddleware",
        1.5,
        1.0,
    ),
    Goal("scale", "load of 100,000 entries / tomllib alone", 1.5, 1.5),
    Goal("startup", "import cookiegate.starlette, added to starlette", 20, 20),
    Goal("servers", f"uvicorn h11, bare, 6 cookies sent: {_RATE}", 0.93, 0.97, at_least=True),
    Goal("servers", f"*page, * cookies sent: {_RATE}", 0.98, 0.99, at_least=True),
)


def with_goal(section: str, row: Row, variant: Variant) -> Row:
    """Return the row with its goal, if it has one in `GOALS`."""
    for goal in GOALS:
        if goal.is_about(section, row):
            return replace(row, goal=goal.of(variant), at_least=goal.at_least)
    return row
