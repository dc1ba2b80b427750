"""Counts made fit to be shown: no small one can be worked out from the others.

Every count is rounded down to a multiple of the threshold, so one below it is shown as "under 10".
Tables that count the same choices still tell about each other: the languages add up to what the
surfaces add up to. So it is worked out what all of them together say about each small count, as
somebody would who knows the rule; a table in which too little is left open is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final

import msgspec

__all__ = ["Cell", "Published", "Sum", "Table", "open_values", "publish"]

#: A table and a row in it; or a quantity that is shown nowhere, and only adds up.
Cell = tuple[str, str]
#: By table and row what is shown: 0 is "under the threshold"; None for a table that is left out,
#: or has no row: that would say of a total that it is 0.
Published = dict[str, dict[str, int] | None]

_Range = tuple[float, float]
# Ranges in a ring of sums could be narrowed by one for ever.
_ROUNDS: Final = 100


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Counts that are shown together, or not at all."""

    id: str
    counts: Mapping[str, int]
    #: Whether a row is there because something was counted in it: then it is at least 1.
    is_seen: bool = False
    #: Rows of which everybody knows the same, where it is not so of all.
    seen: frozenset[str] = frozenset()

    def least(self, row: str) -> int:
        """What a count is at least, whatever is shown of it."""
        return int(self.is_seen or row in self.seen)


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody knows: these counts add up to that one."""

    total: Cell
    parts: tuple[Cell, ...]


def publish(tables: Sequence[Table], sums: Sequence[Sum], threshold: int) -> Published:
    """
    What may be shown.

    Args:
        tables: The counts; where one has to be left out, it is the last that can be.
        sums: How they add up.
        threshold: Counts below it are suppressed; 1 suppresses nothing.
    """
    shown: Published = {
        table.id: {row: count - count % threshold for row, count in sorted(table.counts.items())}
        or None
        for table in tables
    }
    while threshold > 1 and (telling := _telling(tables, sums, shown, threshold)):
        shown[telling[-1].id] = None
    return shown


def open_values(
    tables: Sequence[Table], sums: Sequence[Sum], shown: Published, threshold: int
) -> dict[Cell, tuple[int, int]]:
    """
    The least and the greatest value that each suppressed count can have, for all that is shown.

    Args:
        tables: The tables; their counts are not looked at.
        sums: How they add up.
        shown: What is shown.
        threshold: The threshold.
    """
    ranges: dict[Cell, _Range] = {}
    hidden: list[Cell] = []
    for table in tables:
        rows = shown[table.id]
        for row, count in ({} if rows is None else rows).items():
            least = max(count, table.least(row))
            ranges[table.id, row] = (least, count + threshold - 1)
            if count == 0:
                hidden.append((table.id, row))
    for _ in range(_ROUNDS):
        if True not in [_narrow(one, ranges) for one in sums]:
            break
    return {cell: (int(ranges[cell][0]), int(ranges[cell][1])) for cell in hidden}


def _telling(
    tables: Sequence[Table], sums: Sequence[Sum], shown: Published, threshold: int
) -> list[Table]:
    # The tables in which more can be worked out of a small count than that it is one.
    found = open_values(tables, sums, shown, threshold)
    return [
        table
        for table in tables
        if any(
            greatest - least + 1 < _enough(table.least(row), threshold)
            for (id, row), (least, greatest) in found.items()
            if id == table.id
        )
    ]


def _enough(least: int, threshold: int) -> int:
    # Half of the values that "under 10" alone leaves open, and two at least.
    return max(2, (threshold - least + 1) // 2)


def _narrow(one: Sum, ranges: dict[Cell, _Range]) -> bool:
    # Draw a total and its parts together; whether that said something new.
    parts = [ranges.get(cell, (0, inf)) for cell in one.parts]
    total = ranges.get(one.total, (0, inf))
    least = sum(low for low, _ in parts)
    bounded = sum(high for _, high in parts if high < inf)
    unbounded = sum(high == inf for _, high in parts)
    greatest = inf if unbounded else bounded
    new = {one.total: (max(total[0], least), min(total[1], greatest))}
    for cell, (low, high) in zip(one.parts, parts, strict=True):
        others = inf if unbounded - (high == inf) else bounded - (0 if high == inf else high)
        new[cell] = (max(low, new[one.total][0] - others), min(high, total[1] - least + low))
    is_new = any(ranges.get(cell, (0, inf)) != value for cell, value in new.items())
    ranges.update(new)
    return is_new
