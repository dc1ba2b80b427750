"""Time is shown in steps that leave enough in each."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.insights import Period
from cookiegate.insights.steps import (
    MOST_STEPS,
    STEP_UNITS,
    Steps,
    StepUnit,
    choose_steps,
    enough_for_a_step,
    lists_every_step,
)

FIRST = date(2026, 1, 1)


def days(count: int, each: int, first: date = FIRST) -> dict[str, int]:
    return {(first + timedelta(days=number)).isoformat(): each for number in range(count)}


def chosen(
    by_day: dict[str, int], period: Period | None = None, unit: StepUnit | None = None
) -> Steps:
    return choose_steps([by_day], sum(by_day.values()), period or Period(), 10, unit)


@pytest.mark.parametrize(
    ("unit", "ids"),
    [
        ("day", ["2026-11-30", "2026-12-01"]),
        ("week", ["2026-11-30"]),
        ("month", ["2026-11", "2026-12"]),
        ("year", ["2026"]),
    ],
)
def test_a_step_is_named_by_its_first_day_its_month_or_its_year(
    unit: StepUnit, ids: list[str]
) -> None:
    steps = chosen(days(2, 50, date(2026, 11, 30)), unit=unit)
    assert (steps.unit, [*steps.ids]) == (unit, ids)


@pytest.mark.parametrize(
    ("count", "each", "unit"),
    [
        (1, 50, "day"),
        (53, 50, "day"),
        (54, 50, "week"),
        (365, 50, "week"),
        (400, 50, "month"),
        (2000, 50, "year"),
        # Rounding would hide the course of fewer.
        (28, 49, "week"),
        (28, 2, "month"),
    ],
)
def test_the_shortest_unit_is_chosen_that_leaves_enough_in_each_step(
    count: int, each: int, unit: StepUnit
) -> None:
    assert chosen(days(count, each)).unit == unit


def test_too_little_for_any_unit_is_shown_by_year() -> None:
    assert chosen(days(3, 10)) == Steps(unit="year", ids=("2026",))


def test_a_step_without_a_count_to_publish_extends_nothing() -> None:
    found = chosen({**days(10, 60), "2025-12-20": 9, "2026-02-01": 9})
    assert (found.ids[0], found.ids[-1]) == ("2026-01-01", "2026-01-10")
    assert chosen({"2026-01-01": 9}).ids == ()


def test_a_period_with_limits_is_listed_whole() -> None:
    period = Period(since=date(2025, 12, 31), until=date(2026, 1, 3))
    assert [*chosen(days(2, 200), period).ids] == [
        *("2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03")
    ]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (FIRST, FIRST, True),
        (FIRST, None, False),
        (None, FIRST, False),
        (date(1, 1, 1), date(9999, 12, 31), False),
    ],
)
def test_only_a_period_with_both_limits_lists_every_step(
    since: date | None, until: date | None, expected: bool
) -> None:
    assert lists_every_step(Period(since=since, until=until)) is expected


@pytest.mark.parametrize("unit", STEP_UNITS)
def test_steps_far_apart_are_listed_only_if_they_have_a_count(unit: StepUnit) -> None:
    # A forged receipt may be of any year.
    found = chosen({"0001-01-01": 30, "2026-01-01": 30, "9999-12-31": 30}, unit=unit)
    assert len(found.ids) == 3
    assert found.add_up({"": 5, "0001-01-01": 30})[found.ids[0]] == 30


some_days = st.dictionaries(
    st.dates(date(2024, 1, 1), date(2026, 12, 31)).map(date.isoformat), st.integers(0, 300)
)


@given(by_day=some_days, unit=st.none() | st.sampled_from(STEP_UNITS))
def test_every_published_count_is_in_one_step_and_steps_follow_each_other(
    by_day: dict[str, int], unit: StepUnit | None
) -> None:
    steps = chosen(by_day, unit=unit)
    assert [*steps.ids] == sorted(set(steps.ids))
    counts = steps.add_up(by_day)
    assert counts.total() == sum(by_day.values())
    assert all(counts[id] < 10 for id in counts.keys() - {*steps.ids})
    if unit is None and steps.unit != "year":
        assert len(steps.ids) <= MOST_STEPS
        assert sum(by_day.values()) >= enough_for_a_step(10) * len(steps.ids)
