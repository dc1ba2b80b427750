"""Suppression of small counts, so that nobody can compute one from what is published.

Every count is rounded down to a multiple of the threshold: a smaller one is published as "under
10". Tables that count the same choices still reveal something about each other, because the
languages and the surfaces add up to the same total. So this module computes, as a reader who knows
the rule could, which values are possible for each suppressed count; a table that leaves too few of
them is withheld.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import inf
from typing import Final, NamedTuple

import msgspec

__all__ = ["Cell", "Published", "Sum", "Table", "possible_values", "publish"]

#: A table's id and a row of it; or an unpublished quantity, which only takes part in sums.
Cell = tuple[str, str]
#: What is published, by table and row: 0 means "under the threshold". None stands for a table that
#: is withheld or has no row: without a row its total would be known to be 0.
Published = dict[str, dict[str, int] | None]

# Sums that depend on each other in a cycle could narrow a range by one forever.
_MAX_ROUNDS: Final = 100


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Counts that are published together or not at all."""

    id: str
    counts: Mapping[str, int]
    #: Rows that everybody knows to be at least 1, because they are listed at all.
    nonzero: Collection[str] = ()

    def least(self, row: str) -> int:
        """Return the least value that a count can have, whatever is published."""
        return int(row in self.nonzero)


class Sum(NamedTuple):
    """A fact that everybody knows: these counts add up to that one."""

    total: Cell
    parts: tuple[Cell, ...]


def publish(tables: Sequence[Table], sums: Sequence[Sum], threshold: int) -> Published:
    """
    Return what may be published.

    Args:
        tables: The counts. If one table has to be withheld, it is the last possible one.
        sums: How the counts add up.
        threshold: Suppress counts below this; 1 suppresses nothing.
    """
    published: Published = {
        table.id: {row: count - count % threshold for row, count in sorted(table.counts.items())}
        or None
        for table in tables
    }
    while threshold > 1 and (revealing := _revealing(tables, sums, published, threshold)):
        published[revealing[-1].id] = None
    return published


def possible_values(
    tables: Sequence[Table], sums: Sequence[Sum], published: Published, threshold: int
) -> dict[Cell, tuple[int, int]]:
    """
    Return the least and the greatest possible value of each suppressed count.

    Args:
        tables: The tables; their counts are not used.
        sums: How the counts add up.
        published: What is published.
        threshold: The threshold.
    """
    ranges: dict[Cell, tuple[float, float]] = {}
    suppressed: list[Cell] = []
    for table in tables:
        for row, count in (published[table.id] or {}).items():
            ranges[table.id, row] = (max(count, table.least(row)), count + threshold - 1)
            if count == 0:
                suppressed.append((table.id, row))
    for _ in range(_MAX_ROUNDS):
        if True not in [_narrow(one, ranges) for one in sums]:
            break
    return {cell: (int(ranges[cell][0]), int(ranges[cell][1])) for cell in suppressed}


def _revealing(
    tables: Sequence[Table], sums: Sequence[Sum], published: Published, threshold: int
) -> list[Table]:
    """Return the tables that leave too few possible values for a suppressed count."""
    found = possible_values(tables, sums, published, threshold)
    return [
        table
        for table in tables
        if any(
            # "Under 10" alone leaves so many values; half of them must remain, and at least two.
            greatest - least + 1 < max(2, (threshold - table.least(row) + 1) // 2)
            for (id, row), (least, greatest) in found.items()
            if id == table.id
        )
    ]


def _narrow(one: Sum, ranges: dict[Cell, tuple[float, float]]) -> bool:
    """Narrow the ranges of a total and its parts by each other; return whether any changed."""
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
