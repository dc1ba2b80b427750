"""Charts draw the published counts."""

from datetime import date, timedelta

import pytest

from cookiegate.insights.charts import StepChart, bar_width, step_chart
from cookiegate.insights.sections import Column, Section, SectionRow
from cookiegate.insights.shares import Share

Cells = tuple[int | Share | None, ...]


def section(*rows: Cells, ids: tuple[str, ...] = ("shown",), id: str = "days") -> Section:
    first = date(2026, 11, 1)
    dates = [(first + timedelta(days=number)).isoformat() for number in range(len(rows))]
    return Section(
        id=id,
        title="Days",
        text="",
        row_title="Day",
        columns=tuple(
            Column(id=one, title=one.title(), missing="left out" if rows[0][n] is None else "")
            for n, one in enumerate(ids)
        ),
        rows=tuple(
            SectionRow(id=day, title=day, cells=cells)
            for day, cells in zip(dates, rows, strict=True)
        ),
    )


def chart(*rows: Cells, ids: tuple[str, ...] = ("shown",), id: str = "days") -> StepChart:
    found = step_chart(section(*rows, ids=ids, id=id), 10)
    assert found is not None
    return found


def test_bars_are_as_long_as_their_part_of_the_longest() -> None:
    counts = section((30,), (20,), (0,), (None,))
    assert [bar_width(counts, line) for line in counts.rows] == [100, 66.67, 0, 0]


def test_bars_of_shares_are_as_long_as_the_share() -> None:
    counts = section((30, Share(30.0, 30)), (20, Share(250.0, 250)), ids=("count", "share"))
    assert [bar_width(counts, line) for line in counts.rows] == [30, 100]


def test_a_section_of_zeros_has_bars_of_no_length() -> None:
    counts = section((0,))
    assert bar_width(counts, counts.rows[0]) == 0


def test_series_are_stacked_and_the_chart_has_a_text() -> None:
    found = chart((20, 10), (40, 0), ids=("granted", "refused"))
    assert [one.title for one in found.series] == ["Granted", "Refused"]
    assert [one.parts for one in found.series] == [((0, 20), (0, 40)), ((20, 10), (40, 0))]
    assert found.top == 40
    assert found.marks == ("40", "20", "0")
    assert found.text == (
        "From 2026-11-01 to 2026-11-02. Granted: from 20 (2026-11-01) to 40 (2026-11-02). "
        "Refused: from under 10 (2026-11-02) to 10 (2026-11-01). The table below has every number."
    )


def test_shares_are_drawn_to_100_percent_and_too_few_as_a_gap() -> None:
    thirds: Cells = (300, Share(100 / 3, 33), Share(200 / 3, 67))
    found = chart(thirds, (20, None, None), ids=("of", "granted", "refused"), id="shares_over_time")
    assert [one.parts for one in found.series] == [
        ((0, 33.33), (0, 0)),
        ((33.33, 66.67), (0, 0)),
    ]
    assert (found.top, found.marks) == (100, ("100%", "50%", "0%"))
    assert "Granted: from 33% (2026-11-01) to 33% (2026-11-01)." in found.text


def test_a_column_that_is_missing_is_not_drawn() -> None:
    found = chart((None, 20), (None, 30), ids=("granted", "refused"))
    assert [one.id for one in found.series] == ["refused"]


def test_one_step_alone_has_no_chart() -> None:
    assert step_chart(section((20,)), 10) is None


@pytest.mark.parametrize(("count", "is_dense"), [(53, False), (54, True), (400, True)])
def test_more_columns_than_weeks_in_a_year_have_no_gaps(count: int, is_dense: bool) -> None:
    assert chart(*[(20,)] * count).is_dense is is_dense


@pytest.mark.parametrize(
    ("most", "threshold", "top"),
    [(0, 10, 10), (0, 1, 2), (1, 1, 2), (96, 10, 96), (101, 10, 120), (1234, 10, 1400)],
)
def test_the_upper_edge_is_a_round_number_that_can_be_halved(
    most: int, threshold: int, top: int
) -> None:
    found = step_chart(section((most,), (0,)), threshold)
    assert found is not None
    assert found.top == top


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (2, ["01", "02"]),
        (5, ["01", "02", "03", "04", "05"]),
        (9, ["01", "03", "05", "07", "09"]),
    ],
)
def test_at_most_five_steps_are_labelled(days: int, labels: list[str]) -> None:
    found = chart(*[(10,)] * days)
    assert [label.removeprefix("2026-11-") for label in found.labels] == labels
