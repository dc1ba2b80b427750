"""Numbers for the charts that the page's template draws as inline SVG."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from .sections import Section, SectionRow, cell_text
from .shares import Share
from .steps import MOST_STEPS

__all__ = ["Series", "StepChart", "bar_width", "step_chart"]

# The series to stack, lowest first.
_SERIES: Final = ("granted", "refused", "ignored", "withdrawn", "shown")
_MOST_LABELS: Final = 5
# The upper edge of a chart of shares.
_WHOLE: Final = 100


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The part of each column that counts one thing."""

    id: str
    title: str
    #: Where the part begins, and its height.
    parts: tuple[tuple[float, float], ...]


class StepChart(msgspec.Struct, frozen=True, kw_only=True):
    """One column for each step in time."""

    #: Lowest first.
    series: tuple[Series, ...]
    #: The value at the upper edge.
    top: int
    #: What to write at the upper edge, at half of it, and at 0.
    marks: tuple[str, ...]
    #: The steps to write below, evenly spaced, the first and the last included.
    labels: tuple[str, ...]
    #: Whether there are more columns than there is room for gaps between them.
    is_dense: bool
    #: The chart in words.
    text: str


def bar_width(section: Section, row: SectionRow) -> float:
    """Return the length of a row's bar in percent: its share, or else that of the longest bar."""
    share = row.cells[-1]
    if isinstance(share, Share):
        return round(min(100, share.percent), 2)
    most = max(1, *(other.count for other in section.rows))
    return round(100 * row.count / most, 2)


def step_chart(section: Section, threshold: int) -> StepChart | None:
    """Return the chart for a section with one row for each step; None for a single step."""
    rows, last = section.rows, len(section.rows) - 1
    if last < 1:
        return None
    numbers = [
        number
        for number, column in enumerate(section.columns)
        if column.id in _SERIES and not column.missing
    ]
    starts = [0.0] * len(rows)
    series = []
    for number in numbers:
        parts = tuple(
            (round(start, 2), round(_height(row, number), 2))
            for start, row in zip(starts, rows, strict=True)
        )
        starts = [start + height for start, height in parts]
        column = section.columns[number]
        series.append(Series(id=column.id, title=column.title, parts=parts))
    is_share = section.id == "shares_over_time"
    top = _WHOLE if is_share else _round_up(max(threshold, int(max(starts))))
    steps = min(last, _MOST_LABELS - 1)
    labels = sorted({last * step // steps for step in range(steps + 1)})
    return StepChart(
        series=tuple(series),
        top=top,
        marks=tuple(f"{mark:,}{'%' * is_share}" for mark in (top, top // 2, 0)),
        labels=tuple(rows[number].title for number in labels),
        is_dense=last >= MOST_STEPS,
        text=" ".join(_sentences(section, numbers, threshold)),
    )


def _height(row: SectionRow, number: int) -> float:
    cell = row.cells[number]
    return cell.percent if isinstance(cell, Share) else cell or 0


def _sentences(section: Section, numbers: list[int], threshold: int) -> Iterator[str]:
    yield f"From {section.rows[0].title} to {section.rows[-1].title}."
    for number in numbers:
        column = section.columns[number]
        known = [row for row in section.rows if row.cells[number] is not None]
        least, most = (
            function(known, key=lambda row: _height(row, number)) for function in (min, max)
        )
        yield (
            f"{column.title}: from {cell_text(least.cells[number], threshold, column)} "
            f"({least.title}) to {cell_text(most.cells[number], threshold, column)} ({most.title})."
        )
    yield "The table below has every number."


def _round_up(count: int) -> int:
    # To an even number of two digits and zeros, so that half of it is a whole number.
    step = max(2, int(10 ** (len(str(count)) - 1)) // 5)
    return -(-count // step) * step
