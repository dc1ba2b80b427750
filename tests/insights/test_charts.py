"""Charts draw the published counts."""

from datetime import date, timedelta

import pytest

from cookiegate.insights.charts import bar_width, day_charts
from cookiegate.insights.sections import Column, Section, SectionRow


def section(*days: tuple[int | None, ...], ids: tuple[str, ...] = ("shown",)) -> Section:
    first = date(2026, 11, 1)
    dates = [(first + timedelta(days=number)).isoformat() for number in range(len(days))]
    return Section(
        id="days",
        title="Days",
        text="",
        row_title="Day",
        columns=tuple(
            Column(
                id=id, title=id.title(), missing="" if days[0][number] is not None else "left out"
            )
            for number, id in enumerate(ids)
        ),
        rows=tuple(
            SectionRow(id=day, title=day, counts=counts)
            for day, counts in zip(dates, days, strict=True)
        ),
    )


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    counts = section((30,), (20,), (0,), (None,))
    assert [bar_width(counts, line) for line in counts.rows] == [100, 66.67, 0, 0]


def test_a_section_of_zeros_has_bars_of_no_length() -> None:
    counts = section((0,))
    assert bar_width(counts, counts.rows[0]) == 0


def test_series_are_stacked() -> None:
    (chart,) = day_charts(section((20, 40), (10, 0), ids=("chosen", "ignored")), 10)
    assert chart.titles == ("Chosen", "Ignored")
    assert chart.series == (((0, 20), (0, 10)), ((20, 40), (10, 0)))
    assert chart.text == (
        "Chosen and Ignored by day, from 2026-11-01 to 2026-11-02; at most 60 a day. "
        "The table below has each day."
    )


@pytest.mark.parametrize(
    ("counts", "titles"),
    [
        ((60, 20, 40, 0), [("Chosen", "Ignored"), ("Withdrawn",)]),
        ((None, 20, None, 0), [("Chosen",), ("Withdrawn",)]),
        ((60, None, None, None), [("Shown",)]),
    ],
)
def test_only_known_columns_are_drawn(
    counts: tuple[int | None, ...], titles: list[tuple[str, ...]]
) -> None:
    columns = ("shown", "chosen", "ignored", "withdrawn")
    assert [chart.titles for chart in day_charts(section(counts, ids=columns), 10)] == titles


@pytest.mark.parametrize(
    ("most", "threshold", "top"),
    [(0, 10, 10), (0, 1, 2), (1, 1, 2), (96, 10, 96), (101, 10, 120), (1234, 10, 1400)],
)
def test_the_upper_edge_is_a_round_number_that_can_be_halved(
    most: int, threshold: int, top: int
) -> None:
    (chart,) = day_charts(section((most,)), threshold)
    assert chart.top == top


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (1, ["01"]),
        (2, ["01", "02"]),
        (5, ["01", "02", "03", "04", "05"]),
        (9, ["01", "03", "05", "07", "09"]),
    ],
)
def test_at_most_five_days_are_labelled(days: int, labels: list[str]) -> None:
    (chart,) = day_charts(section(*[(10,)] * days), 10)
    assert [label.removeprefix("2026-11-") for label in chart.labels] == labels
