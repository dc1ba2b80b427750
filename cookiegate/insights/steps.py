"""The steps in which counts are shown over time: days, weeks, months or years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, get_args

import msgspec

from .aggregate import Period

__all__ = [
    "MOST_STEPS",
    "STEP_UNITS",
    "StepUnit",
    "Steps",
    "choose_steps",
    "enough_for_a_step",
    "lists_every_step",
]

#: The length of a step.
StepUnit = Literal["day", "week", "month", "year"]
#: Every length, the shortest first.
STEP_UNITS: Final[tuple[StepUnit, ...]] = get_args(StepUnit)
#: How many steps a chart has room for: a year has so many weeks.
MOST_STEPS: Final = 53
# How much of a date in ISO 8601 names a step.
_LENGTHS: Final[Mapping[StepUnit, int]] = {"day": 10, "week": 10, "month": 7, "year": 4}
# Otherwise rounding down would hide the course of the counts.
_THRESHOLDS_IN_A_STEP: Final = 5
# Between days further apart than this, only steps that have a count to publish are listed.
_MAX_DAYS: Final = 3_660


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """Equal steps in time, each named by its first day, month or year in ISO 8601."""

    unit: StepUnit
    ids: tuple[str, ...]

    def add_up(self, days: Mapping[str, int]) -> Counter[str]:
        """Return the counts of days by step, also of steps that are not listed."""
        counts: Counter[str] = Counter(dict.fromkeys(self.ids, 0))
        for day, count in days.items():
            if day:  # no calendar has the day of a forged receipt
                counts[_step_of(date.fromisoformat(day), self.unit)] += count
        return counts


def enough_for_a_step(threshold: int) -> int:
    """Return how many must be in a step on average, so that the counts have a course."""
    return _THRESHOLDS_IN_A_STEP * threshold


def choose_steps(
    by_day: Sequence[Mapping[str, int]],
    total: int,
    period: Period,
    threshold: int,
    unit: StepUnit | None = None,
) -> Steps:
    """
    Return the steps to show: from the first to the last that has a count to publish, or the period.

    The unit is the shortest of which there are at most `MOST_STEPS`, with enough counted in each.
    It follows from what is published, and a step with a suppressed count alone extends nothing:
    so neither shows what such a count is.

    Args:
        by_day: The counts to show, each by day.
        total: How many there must be enough of in each step.
        period: Its limits, if any, are in the first and the last step.
        threshold: The least count to publish.
        unit: The unit to use; None to choose one.
    """
    steps = Steps(unit="day", ids=())
    for one in STEP_UNITS if unit is None else (unit,):
        steps = Steps(unit=one, ids=tuple(_listed(by_day, period, threshold, one)))
        count = len(steps.ids)
        is_enough = total - total % threshold >= enough_for_a_step(threshold) * count
        if 0 < count <= MOST_STEPS and is_enough:
            break
    return steps


def lists_every_step(period: Period) -> bool:
    """Return whether the steps that are listed are all that can have a count."""
    if period.since is None or period.until is None:
        return False
    return (period.until - period.since).days < _MAX_DAYS


def _listed(
    by_day: Iterable[Mapping[str, int]], period: Period, threshold: int, unit: StepUnit
) -> Iterator[str]:
    every = Steps(unit=unit, ids=())
    counted = {
        id for days in by_day for id, count in every.add_up(days).items() if count >= threshold
    }
    if not counted:
        return
    first = period.since or _first_day(min(counted))
    last = period.until or _first_day(max(counted))
    if (last - first).days >= _MAX_DAYS:
        # A forged receipt may be of any year.
        yield from sorted(counted)
    else:
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        yield from dict.fromkeys(_step_of(day, unit) for day in days)


def _step_of(day: date, unit: StepUnit) -> str:
    if unit == "week":
        # The first week of all begins before the calendar does.
        day = date.fromordinal(max(1, day.toordinal() - day.weekday()))
    return day.isoformat()[: _LENGTHS[unit]]


def _first_day(id: str) -> date:
    return date.fromisoformat(id + "-01" * (2 - id.count("-")))
