"""Shares add up, and say no more than the counts do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.insights.shares import Share, enough_for_a_share, share_of, shares_of

THRESHOLDS = st.sampled_from([1, 3, 10, 50])


def texts(*parts: int, threshold: int = 10) -> list[str]:
    shares = shares_of(parts, sum(parts), threshold)
    assert shares is not None
    return [one.text for one in shares]


def test_shares_of_a_whole_add_up_to_100() -> None:
    assert texts(1000, 1000, 1000) == ["34%", "33%", "33%"]
    assert texts(650, 340, 10) == ["65%", "34%", "1%"]
    assert texts(996, 2, 2, threshold=1) == ["100%", "under 1%", "under 1%"]


def test_the_share_of_a_suppressed_count_has_a_limit() -> None:
    assert texts(150, 50, 0) == ["75%", "25%", "under 5%"]
    assert texts(15_000, 5_000, 0) == ["75%", "25%", "under 1%"]
    assert texts(15, 5, 0, threshold=1) == ["75%", "25%", "0%"]


@pytest.mark.parametrize(("threshold", "least"), [(1, 20), (10, 200)])
def test_there_is_no_share_of_too_little(threshold: int, least: int) -> None:
    assert enough_for_a_share(threshold) == least
    assert share_of(1, least - 1, threshold) is None
    assert shares_of([least - 1, 0], least - 1, threshold) is None
    assert share_of(least // 2, least, threshold) == Share(50.0, 50)
    assert shares_of([least, 0], least, threshold) is not None


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (410, 10_000, "4.1%"),
        (990, 10_000, "9.9%"),
        (1_230, 10_000, "12%"),
        (400, 10_000, "4%"),
        (0, 10_000, "under 1%"),
        (410, 9_990, "4%"),
        (25_000, 10_000, "250%"),
    ],
)
def test_a_small_share_of_much_has_a_decimal(part: int, whole: int, text: str) -> None:
    share = share_of(part, whole, 10, has_decimal=True)
    assert share is not None
    assert share.text == text


@given(parts=st.lists(st.integers(0, 10_000), min_size=1, max_size=4), threshold=THRESHOLDS)
def test_rounded_shares_always_add_up(parts: list[int], threshold: int) -> None:
    published = [part - part % threshold for part in parts]
    shares = shares_of(published, sum(published), threshold)
    if shares is not None:
        assert sum(one.value for one in shares if not isinstance(one.value, str)) == 100
        assert all(abs(one.percent - one.value) < 1 for one in shares if isinstance(one.value, int))


@given(parts=st.lists(st.integers(0, 5_000), min_size=2, max_size=3), threshold=THRESHOLDS)
def test_rounding_the_counts_moves_a_share_by_no_more_than_is_said(
    parts: list[int], threshold: int
) -> None:
    whole = sum(parts)
    shares = shares_of(
        [part - part % threshold for part in parts], whole - whole % threshold, threshold
    )
    for part, share in zip(parts, shares or (), strict=False):
        error = abs(share.percent - 100 * part / whole)
        assert error < 10
        if whole >= 10 * enough_for_a_share(threshold):
            assert error < 1
