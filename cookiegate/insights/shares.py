"""Shares of published counts, rounded so that they say no more than the counts do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

__all__ = ["Share", "enough_for_a_share", "share_of", "shares_of"]

# Counts are rounded down to a multiple of the threshold first. That moves a share of so many by
# less than ten percentage points, and one of ten times as many by less than one.
_THRESHOLDS_IN_A_SHARE: Final = 20
# Rounding moves a share of so many by less than a tenth of a percentage point.
_THRESHOLDS_IN_A_FINE_SHARE: Final = 1_000
# Larger shares have no decimal.
_SMALL_PERCENT: Final = 10


class Share(msgspec.Struct, frozen=True):
    """A share of a count."""

    #: In percent, to draw.
    percent: float
    #: Rounded percent; "under 5%" for a count that is suppressed, or too small for a percent.
    value: float | str

    @property
    def text(self) -> str:
        """The share to read: "27%"."""
        return self.value if isinstance(self.value, str) else f"{self.value:g}%"


def enough_for_a_share(threshold: int) -> int:
    """Return the least count of which shares are shown."""
    return _THRESHOLDS_IN_A_SHARE * threshold


def share_of(part: int, whole: int, threshold: int, *, has_decimal: bool = False) -> Share | None:
    """
    Return the share of one count in another; None if there is too little to have a share of.

    Args:
        part: A published count.
        whole: The published count that contains it.
        threshold: The threshold of both.
        has_decimal: Whether a small share has a decimal if it rests on enough.
    """
    if whole < enough_for_a_share(threshold):
        return None
    percent = 100 * part / whole
    has_decimal &= percent < _SMALL_PERCENT and whole >= _THRESHOLDS_IN_A_FINE_SHARE * threshold
    rounded = round(percent, 1) if has_decimal else round(percent)
    return Share(percent, _value(rounded, part, whole, threshold))


def shares_of(parts: Sequence[int], whole: int, threshold: int) -> tuple[Share, ...] | None:
    """
    Return the shares of all parts of a whole, in whole percents that add up to 100.

    What is missing to 100 goes to the parts with the largest remainders.

    Args:
        parts: Published counts.
        whole: The published count of the whole. The shares are those in the sum of the parts,
            which is a little less where each of them was rounded down.
        threshold: Their threshold.

    Returns:
        None if there is too little to have a share of.
    """
    if whole < enough_for_a_share(threshold):
        return None
    whole = sum(parts)
    exact = [100 * part / whole for part in parts]
    rounded = [100 * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda n: (rounded[n] - exact[n], n))
    for number in by_remainder[: 100 - sum(rounded)]:
        rounded[number] += 1
    return tuple(
        Share(percent, _value(number, part, whole, threshold))
        for percent, number, part in zip(exact, rounded, parts, strict=True)
    )


def _value(rounded: float, part: int, whole: int, threshold: int) -> float | str:
    if rounded or (part == 0 and threshold == 1):
        return rounded
    return f"under {max(1, -(-100 * threshold // whole))}%"
