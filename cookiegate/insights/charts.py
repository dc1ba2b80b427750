"""Numbers for the charts that the page's template draws as inline SVG."""

from __future__ import annotations

from typing import Final

import msgspec

from .sections import Section, SectionRow, count_text

__all__ = ["DayChart", "bar_width", "day_charts"]

# For each chart: the series to stack, lowest first. The first choice that has its counts is drawn.
_CHOICES: Final = ((("chosen", "ignored"), ("chosen",), ("shown",)), (("withdrawn",),))
_MOST_LABELS: Final = 5


class DayChart(msgspec.Struct, frozen=True, kw_only=True):
    """One column for each day."""

    #: The titles of the series, lowest first.
    titles: tuple[str, ...]
    #: For each series, the start and the height of the part that each day has of it.
    series: tuple[tuple[tuple[int, int], ...], ...]
    #: The count at the upper edge.
    top: int
    #: The days to write below, evenly spaced, the first and the last included.
    labels: tuple[str, ...]
    #: The chart in words.
    text: str


def bar_width(section: Section, row: SectionRow) -> float:
    """Return the length of a row's bar, in percent of the longest possible one."""
    most = max(1, *(other.counts[0] or 0 for other in section.rows))
    return round(100 * (row.counts[0] or 0) / most, 2)


def day_charts(section: Section, threshold: int) -> list[DayChart]:
    """Return the charts for a section with one row for each day."""
    known = {column.id for column in section.columns if not column.missing}
    wanted = [next((ids for ids in choice if known >= {*ids}), None) for choice in _CHOICES]
    return [_day_chart(section, ids, threshold) for ids in wanted if ids is not None]


def _day_chart(section: Section, ids: tuple[str, ...], threshold: int) -> DayChart:
    columns = [number for number, column in enumerate(section.columns) if column.id in ids]
    titles = tuple(section.columns[number].title for number in columns)
    starts = [0] * len(section.rows)
    series = []
    for number in columns:
        heights = [row.counts[number] or 0 for row in section.rows]
        series.append(tuple(zip(starts, heights, strict=True)))
        starts = [start + height for start, height in series[-1]]
    most = max(starts)
    last = len(section.rows) - 1
    steps = min(last, _MOST_LABELS - 1) or 1
    labels = sorted({last * step // steps for step in range(steps + 1)})
    return DayChart(
        titles=titles,
        series=tuple(series),
        top=_round_up(max(threshold, most)),
        labels=tuple(section.rows[number].title for number in labels),
        text=(
            f"{' and '.join(titles)} by day, from {section.rows[0].title} to "
            f"{section.rows[last].title}; at most {count_text(most, threshold)} a day. "
            "The table below has each day."
        ),
    )


def _round_up(count: int) -> int:
    # To an even number of two digits and zeros, so that half of it is a whole number.
    step = max(2, int(10 ** (len(str(count)) - 1)) // 5)
    return -(-count // step) * step
