"""Trackers are found by the names of their cookies and by patterns that match them."""

import pytest

from cookiegate.advice import known_tracker
from cookiegate.advice.trackers import TRACKERS, Tracker, tracker_among
from cookiegate.registry.values import check_id


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("_ga", "google_analytics"),
        ("_ga_ABC", "google_analytics"),
        ("_hjSessionUser_1", "hotjar"),
        ("mp_x_mixpanel", "mixpanel"),
        ("mp_x", None),
        ("visitor_id123-hash", "pardot"),
        ("fr", "meta_pixel"),
        ("session", None),
        ("_GA", None),
        ("ga", None),
        ("", None),
    ],
)
def test_trackers_are_known_by_their_names(name: str, service: str | None) -> None:
    found = known_tracker(name)
    assert (found and found.service) == service


@pytest.mark.parametrize("tracker", TRACKERS, ids=lambda tracker: tracker.service)
def test_each_name_finds_its_tracker(tracker: Tracker) -> None:
    check_id(tracker.service)
    assert tracker.category in ("analysis", "marketing")
    for name in tracker.names:
        assert name.count("*") <= 1
        assert known_tracker(name.replace("*", "1")) is tracker


def test_no_two_trackers_share_an_id() -> None:
    assert len({one.service for one in TRACKERS}) == len(TRACKERS)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("_ga*", "_ga"),
        ("_gcl?a*", "_gcl_*"),
        ("ajs_user?id", "ajs_*"),
        ("guest_*", "guest_id"),
        ("_gax*", None),
        ("session-[0-9]+", None),
        ("_ga", None),
    ],
)
def test_a_pattern_finds_a_tracker_that_it_matches(pattern: str, name: str | None) -> None:
    found = tracker_among(pattern)
    assert (found and found[0]) == name
