"""General knowledge comes from the starter registry, the table of trackers, and names."""

import pytest

from cookiegate.advice.trackers import TRACKERS, Tracker
from cookiegate.reports.known_cookies import KnownCookie, KnownCookies, kind_of


@pytest.fixture(scope="module")
def known() -> KnownCookies:
    return KnownCookies()


def test_a_cookie_of_a_framework_is_known_from_the_starter_registry(known: KnownCookies) -> None:
    found = known.find("csrftoken")
    assert found is not None
    assert found.source == "The starter registry knows it as csrftoken."
    assert (found.category, found.is_required) == ("essential", True)
    assert found.purpose["en"]
    assert found.necessary["en"]


def test_a_cookie_that_the_starter_registry_disables_is_known_too(known: KnownCookies) -> None:
    found = known.find("cf_clearance")
    assert found is not None
    assert found.is_required


def test_the_name_of_several_that_matches_is_the_one_to_propose(known: KnownCookies) -> None:
    found = known.find("session-7")
    assert found is not None
    assert found.name == "session-[0-9]+"


def test_a_tracker_is_known_by_its_name_or_pattern(known: KnownCookies) -> None:
    assert known.find("_hjid") == KnownCookie(
        source="Known from hotjar (Hotjar).", name="_hj*", category="analysis"
    )


def test_another_name_is_unknown(known: KnownCookies) -> None:
    assert known.find("who") is None


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("csrf", "csrftoken _csrf XSRF-TOKEN ds_csrftoken fastapi-csrf-token csrf_access_token"),
        ("csrf", ".AspNetCore.Antiforgery __RequestVerificationToken aftoken"),
        ("login", "access-token-* access_token_cookie authToken fastapiusersauth auth_tkt jwt"),
        ("login", "remember_token rememberMe mfa_trusted oidc_nonce saml_request sso loggedIn"),
        (
            "login",
            "wordpress_logged_in_* _oauth2_proxy authorization userCredentials passwordReset",
        ),
        ("session", "session sessionid JSESSIONID PHPSESSID connect.sid koa.sess laravel_session"),
        ("session", "SESSID _shop_session_* ASP.NET_SessionId"),
        ("flash", "_flash messages ds_messages flashMessage"),
        (None, "who basket theme author loginfo sidebar assessment username"),
        # Each could be of measurement as well.
        (None, "visitor_session analytics_session session_replay device_token push_token ab_auth"),
        (None, "retarget_session doubleclick_token fingerprint_token telemetrySession click_sid"),
    ],
)
def test_a_name_says_what_a_cookie_is_for(kind: str | None, names: str) -> None:
    assert {name: kind_of(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


@pytest.mark.parametrize("tracker", TRACKERS, ids=lambda tracker: tracker.service)
def test_the_session_or_token_of_a_tracker_has_no_kind(tracker: Tracker) -> None:
    joined = tracker.service.replace("_", "")
    names = [f"{tracker.service}_session", f"{joined}Token", f"_{joined}.sid"]
    if tracker.service != "x":
        assert [kind_of(name) for name in names] == [None, None, None]


@pytest.mark.parametrize(
    "name", ["mailchimp_session", "LiveChat_token", "sentrySession", "NRBA_SESSION"]
)
def test_the_session_of_a_service_without_known_names_has_no_kind(name: str) -> None:
    assert kind_of(name) is None
