"""General knowledge comes from the starter registry and the table of trackers."""

import pytest

from cookiegate.reports.known_cookies import KnownCookie, KnownCookies
from tests.registries import shop


@pytest.fixture(scope="module")
def known() -> KnownCookies:
    return KnownCookies(shop())


def test_a_cookie_of_a_framework_is_known_from_the_starter_registry(known: KnownCookies) -> None:
    found = known.find("csrftoken")
    assert found is not None
    assert found.source == "The starter registry knows it as csrftoken."
    assert found.category == "essential"
    assert found.purpose


def test_a_tracker_is_known_by_its_name(known: KnownCookies) -> None:
    assert known.find("_hjid") == KnownCookie(
        source="Known from hotjar (Hotjar).", category="analysis"
    )


def test_another_name_is_unknown(known: KnownCookies) -> None:
    assert known.find("who") is None
