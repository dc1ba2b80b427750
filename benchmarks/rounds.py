"""Time several callables alternately, so that a slow moment of the machine affects all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any, Protocol

__all__ = ["Figure", "Spread", "Subject", "Times", "measure"]


Times = list[dict[str, float]]
Figure = Callable[[dict[str, float]], float]


@dataclass(frozen=True)
class Spread:
    """A figure, and the interval that contains it in 90 of 100 bootstrap samples of the rounds."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, times: Times, figure: Figure, *, draws: int = 400) -> Spread:
        """
        Return the figure of the subjects' medians, and its interval by bootstrap.

        Rounds in which the machine was busy with something else do not move a median.
        """
        chance = Random(0)
        drawn = sorted(figure(_medians(chance.choices(times, k=len(times)))) for _ in range(draws))
        return cls(drawn[draws // 20], figure(_medians(times)), drawn[-draws // 20])


def _medians(times: Times) -> dict[str, float]:
    return {name: median(one[name] for one in times) for name in times[0]}


class Subject(Protocol):
    """A measured subject."""

    def prepare(self, number: int) -> Sequence[Any]:
        """Return new arguments for so many calls. This is not timed."""

    def run(self, prepared: Any) -> object:
        """Make one call."""


def measure(subjects: Mapping[str, Subject], *, rounds: int, number: int) -> Times:
    """
    Return the nanoseconds of processor time per call of each subject in each round.

    Processor time does not count what other processes do meanwhile.

    Args:
        subjects: The subjects by name.
        rounds: The number of rounds.
        number: The number of calls of each subject in a round.
    """
    for subject in subjects.values():
        _turn(subject, number)
    results = []
    names = list(subjects)
    for round_number in range(rounds):
        # Each round begins with another subject, so that the order differs.
        first = round_number % len(names)
        results.append(
            {name: _turn(subjects[name], number) for name in names[first:] + names[:first]}
        )
    return results


def _turn(subject: Subject, number: int) -> float:
    prepared = subject.prepare(number)
    run = subject.run
    gc.collect()
    gc.disable()
    try:
        start = time.thread_time_ns()
        for one in prepared:
            run(one)
        return (time.thread_time_ns() - start) / number
    finally:
        gc.enable()
