"""registry/starter.toml has the cookies of a new site; its commented entries load too."""

import re
from pathlib import Path

import pytest

from cookiegate.registry import Lifetime, Registry

STARTER = Path(__file__).parents[2] / "registry/starter.toml"

FRAMEWORKS = [
    "session",
    "session-0",
    "session-12",
    "session.0",
    "session.12",
    "remember_token",
    "sessionid",
    "csrftoken",
    "messages",
    "django_language",
]
NEAR_MISSES = [
    "Session",
    "sessions",
    "session-",
    "session.",
    "session-1a",
    "session-x",
    "session_0",
    "sessionX0",
    "session-0-1",
    "sessionid2",
    "remember_tokens",
    "csrf_token",
]
SWITCHED_OFF = [
    "AWSALB",
    "AWSALBCORS",
    "AWSALBTG",
    "AWSALBTGCORS",
    "AWSELBAuthSessionCookie-0",
    "GCLB",
    "ARRAffinity",
    "ARRAffinitySameSite",
    "SERVERID",
    "ROUTEID",
    "BIGipServerpool_web",
    "cf_clearance",
    "__cf_bm",
    "_lscache_vary",
    "lscache_vary",
    "_a0_session_0",
    "access_token_cookie",
    "csrf_refresh_token",
    "XSRF-TOKEN",
    "fs_refresh",
    "tf_validity",
    "_csrf_token",
    "mfa_trusted",
    "remember-cookie_9095d059-4f0b-4b05-904d-9d0f00ed70ba",
    "wizard_contact",
    "fastapiusersauth",
    "fastapi-csrf-token",
    "starlette_admin_csrftoken",
    "starlette_admin_flash",
    "ds_actor",
    "ds_csrftoken",
    "ds_messages",
    "access-token-qB-seR4p1i2WJm",
    "access-token-unsecure-qB-seR4p1i2WJm",
    "auth_tkt",
    "session_id",
    "aftoken",
]


def switched_on(text: str) -> str:
    """Return the file with every commented entry: a "#" without a space after it is removed."""
    return re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def starter() -> Registry:
    return Registry.load(STARTER)


@pytest.fixture(scope="module")
def everything() -> Registry:
    return Registry.parse(switched_on(STARTER.read_text(encoding="utf-8")))


def test_the_shipped_file_is_this_file(starter: Registry) -> None:
    assert Registry.load("cookiegate:starter").entries == starter.entries


def test_both_answers_are_kept_for_180_days(starter: Registry) -> None:
    assert (starter.site.consent_days, starter.site.refusal_days) == (180, 180)


def test_a_new_site_enforces_and_strips_the_unknown(starter: Registry) -> None:
    assert (starter.policy.mode, starter.policy.unknown) == ("enforce", "strip")
    assert starter.policy.signals == {"dnt": "override", "gpc": "override"}


def test_there_is_nothing_to_ask_until_an_optional_cookie_is_added(starter: Registry) -> None:
    assert list(starter.categories) == ["essential", "functional", "analysis", "marketing"]
    assert starter.required == {"essential"}
    assert starter.offered == ()


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_frameworks_cookie_is_found_and_required(starter: Registry, name: str) -> None:
    (entry,) = starter.find(name)
    assert entry.category in starter.required


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_not_found(starter: Registry, name: str) -> None:
    assert starter.find(name) == ()


@pytest.mark.parametrize("name", SWITCHED_OFF)
def test_a_switched_off_entry_is_found_once_it_is_on(
    starter: Registry, everything: Registry, name: str
) -> None:
    assert starter.find(name) == ()
    (entry,) = everything.find(name)
    assert entry.category in everything.required


def test_the_example_of_a_service_works_once_it_is_on(everything: Registry) -> None:
    (entry,) = everything.find("_ga_ABC123")
    assert (entry.category, entry.service) == ("analysis", "google_analytics")
    assert everything.offered == ("functional", "analysis")
    assert everything.controller is not None
    assert len(everything.authorities) == 1


def test_only_a_site_with_a_ledger_promises_to_keep_receipts(
    starter: Registry, everything: Registry
) -> None:
    assert starter.ledger.keep is None
    assert everything.ledger.keep == Lifetime(3, "years")


def test_every_entry_explains_itself(everything: Registry) -> None:
    for entry in everything.entries:
        assert entry.purpose["en"]
        assert entry.expires is not None
        assert entry.set_by is not None
        assert bool(entry.necessary) == (entry.category in everything.required)


def test_every_category_has_its_texts(starter: Registry) -> None:
    for category in starter.categories.values():
        assert category.title["en"]
        assert category.description["en"]
        assert category.without["en"]


def test_no_line_is_too_long_for_a_review() -> None:
    lines = STARTER.read_text(encoding="utf-8").splitlines()
    assert max(len(line) for line in lines) <= 100
