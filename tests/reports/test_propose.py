"""Unknown cookies become entries for the registry that are safe to paste."""

import string
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Reason, Registry
from cookiegate.advice import advise
from cookiegate.registry.load import decode
from cookiegate.registry.registry import read_source
from cookiegate.reports import redact_name
from cookiegate.reports.known_cookies import KnownCookie, KnownCookies
from cookiegate.reports.propose import as_toml, propose
from cookiegate.reports.tally import OTHERS, VerdictRow
from tests.registries import SHOP, shop
from tests.reports.rows import row

STARTER = decode(read_source("cookiegate:starter"), "starter")


@cache
def known_cookies() -> KnownCookies:
    return KnownCookies()


def nothing_known(name: str) -> KnownCookie | None:
    return None


def names(*rows: VerdictRow) -> list[str | None]:
    return [one.name for one in propose(rows, shop(), nothing_known)]


def test_unknown_cookies_are_proposed_the_most_frequent_first() -> None:
    assert names(row("who", 3), row("what", 5)) == ["what", "who"]


def test_unknown_cookies_that_passed_are_proposed_too() -> None:
    assert names(row("who", reason=Reason.UNKNOWN_ALLOWED, action="keep", allowed=True)) == ["who"]


def test_known_deleting_and_nameless_cookies_are_not_proposed() -> None:
    assert names(row("_ga", reason=Reason.NO_CONSENT, category="analysis")) == []
    assert names(row("old", reason=Reason.DELETION)) == []
    assert names(row("", reason=Reason.NAMELESS)) == []
    assert names(row("who", notes=(Reason.STILL_SENT,))) == []
    assert names(row(OTHERS, 100)) == []


def test_cookies_that_the_registry_has_by_now_are_not_proposed() -> None:
    assert names(row("cart"), row("session.*"), row("_gat_UA"), row("who")) == ["who"]


def test_cookies_that_the_registry_has_no_more_are_proposed() -> None:
    assert names(row("gone", category="analysis", reason=Reason.NO_CONSENT)) == ["gone"]


@pytest.mark.parametrize(
    ("wire", "pattern"),
    [
        ("cart_1234567", "cart_*"),
        ("prefs[lang]", "prefs[lang]"),
        ("what?", r"what\?"),
        ("back\\slash", r"back\\slash"),
        ("schön", "schön"),
        ("session-" * 9, ("session-" * 8)[:61] + "*"),
        ("menü-" * 12, "menü-" * 5 + "m*"),
        ("1234567", None),
        ("id1234567", None),
        ("a\udcff", None),
        ("a\tb", None),
    ],
)
def test_a_redacted_name_becomes_a_pattern_that_matches_it(wire: str, pattern: str | None) -> None:
    assert names(row(redact_name(wire))) == [pattern]
    if pattern is not None:
        text = SHOP.format(policy="", analysis="")
        text += f"\n[[cookies]]\nname = '{pattern}'\ncategory = \"analysis\"\n"
        assert Registry.parse(text).find(wire)[-1].names == (pattern,)


@pytest.mark.parametrize(
    "subject", [r"\xff\xfe", "a;b", "a=b", " a", "\x1b[31m", "\ud800", "a\nb", r"a\x0ab"]
)
def test_a_subject_that_no_name_can_have_is_not_an_entry(subject: str) -> None:
    assert names(row(subject)) == [None]
    text = written(row(subject, route="/\x1b[31m\n"))
    assert text.replace("\n", "").isprintable()
    assert all(line.startswith("#") for line in text.splitlines())


def test_three_names_that_differ_in_digits_become_one_pattern() -> None:
    two = [row("tab_1", 2), row("tab_22", 3)]
    assert names(*two) == ["tab_22", "tab_1"]
    three = [*two, row("tab_333", 4)]
    assert names(*three) == ["tab_[0-9]+"]
    assert propose(three, shop(), nothing_known)[0].count == 9


def test_a_proposal_has_all_routes_and_the_longest_lifetime() -> None:
    rows = [row("who", 2, 60.0, route="/b"), row("who", 3, route="/a"), row("who", 1, 3600.0)]
    (one,) = propose(rows, shop(), nothing_known)
    assert (one.count, one.routes, one.lifetime) == (6, ("/a", "/b"), 3600.0)


def test_a_known_pattern_is_the_proposal_for_all_its_names() -> None:
    subjects = ["_pk_id.*", "_pk_id*", "ajs_*", "_hjSession_*", "_hjSessionUser_*"]
    proposals = propose([row(one) for one in subjects], shop(), known_cookies().find)
    assert sorted((one.name, one.count) for one in proposals if one.name) == [
        ("_hj*", 2),
        ("_pk_id*", 2),
        ("ajs_*", 1),
    ]


def written(
    *rows: VerdictRow, known: KnownCookie | None = None, registry: Registry | None = None
) -> str:
    registry = registry or shop()
    return as_toml(propose(rows, registry, lambda name: known), registry)


def test_an_unknown_name_has_no_category_and_is_disabled() -> None:
    assert written(row("who", 1204, 30 * 86400.0, route="/a")) == (
        "# Seen 1,204 times at /a.\n"
        "# Decide what it is for: complete the entry, and remove the # in front of each line.\n"
        "#[[cookies]]\n"
        '#name = "who"\n'
        '#category = ""  # essential, functional, comfort, analysis, marketing, empty\n'
        '#expires = "30 days"\n'
        '#set_by = "server"\n'
        '#purpose.en = ""\n'
        '#necessary.en = ""  # if the category is required: what fails without it\n'
    )


def test_a_login_is_required_and_says_why() -> None:
    assert written(row("access-token-*", 3)) == (
        "# Seen 3 times.\n"
        "# Its name is that of a login cookie. Make sure that it is one.\n"
        "[[cookies]]\n"
        'name = "access-token-*"\n'
        'category = "essential"\n'
        'expires = "session"\n'
        'set_by = "server"\n'
        'purpose.en = "Keeps you logged in."\n'
        'necessary.en = "Without it, you could not log in."\n'
    )


def test_texts_are_in_the_languages_of_the_site() -> None:
    text = SHOP.format(policy="", analysis="").replace('["en"]', '["sv", "et"]')
    lines = written(row("XSRF-TOKEN"), registry=Registry.parse(text)).splitlines()
    assert 'necessary.sv = "Utan den avvisar servern de formulär som du skickar."' in lines
    assert '# purpose.et = "What it is for."' in lines
    assert '# necessary.et = "What fails without it."' in lines


def test_an_entry_has_the_category_and_purpose_that_are_known() -> None:
    known = KnownCookie(
        source="Known: Hotjar.",
        name="_hjid",
        category="analysis",
        purpose={"en": 'Counts "visits".'},
    )
    text = written(row("_hjid"), known=known)
    assert "# Known: Hotjar.\n" in text
    assert 'category = "analysis"\n' in text
    assert 'purpose.en = "Counts \\"visits\\"."\n' in text
    assert "necessary" not in text


@pytest.mark.parametrize(
    "known",
    [
        KnownCookie(source="Known.", name="who", category="statistics"),
        # The site's own login may match a short pattern of a tracker.
        KnownCookie(source="Known.", name="li_*", category="marketing"),
    ],
)
def test_what_is_known_is_no_decision_if_it_is_in_doubt(known: KnownCookie) -> None:
    text = written(row("li_auth_token"), known=known)
    assert "# Known.\n" in text
    assert "\n[[cookies]]" not in text


def test_a_required_entry_never_matches_a_tracker() -> None:
    # Matomo's and Segment's cookies, and a pattern that matches one of Hotjar.
    for subject in ("_pk_ses_token", "ajs_auth", "_hjSession*"):
        assert "\n[[cookies]]" not in written(row(subject))


def test_without_a_required_category_a_login_has_none() -> None:
    registry = Registry.parse('[site]\nname = "S"\nlanguages = ["en"]\n[categories.extra]\n')
    assert "#category" in written(row("session"), registry=registry)


def test_three_routes_are_listed() -> None:
    assert "# Seen 4 times at /a, /b, /c, ...\n".replace("...", "....") in written(
        *[row("who", route=f"/{letter}") for letter in "abcd"]
    )


def test_a_name_that_no_pattern_matches_has_a_comment_and_no_entry() -> None:
    text = written(row("*", 7))
    assert text.startswith("# Seen 7 times.\n# No name or pattern can match *: ")
    assert "[[cookies]]" not in text


def test_of_two_patterns_that_may_not_be_together_one_is_proposed() -> None:
    text = written(row("session_*_a*", 2), row("session_*a_*", 1))
    assert text.count("\n[[cookies]]") == 1
    assert "# session_*a_* and session_*_a* of another entry could match one name" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "session"),
        (1.0, "1 minute"),
        (90.0, "2 minutes"),
        (3600.0, "1 hour"),
        (86_400.0, "1 day"),
        (400 * 86_400.0, "400 days"),
        (63_072_000.0, "400 days"),
        (1e10, "400 days"),
    ],
)
def test_a_lifetime_is_written_as_the_registry_has_it(seconds: float | None, text: str) -> None:
    assert f'#expires = "{text}"' in written(row("who", 1, seconds))


def test_a_required_entry_lives_for_a_year_at_most() -> None:
    text = written(row("session", 1, 63_072_000.0))
    assert '\nexpires = "365 days"  # it asks for 730 days: let it ask for less\n' in text


def test_proposals_make_a_valid_registry() -> None:
    rows = [
        row(redact_name(name), 3, 70.0)
        for name in ('auth"b', "token_1234567", "session_dé", "1234567", "login\\f", "who")
    ]
    registry = Registry.parse(SHOP.format(policy="", analysis="") + written(*rows))
    left = [one.name for one in propose(rows, registry, nothing_known)]
    assert left == [None, "who"]


_WORDS = ["session", "_ga", "csrf", "token", "auth", "cart", "who", "_hj", "flash", "li", "x", "é"]
_PARTS = st.one_of(
    st.sampled_from(_WORDS),
    st.text("_-.:[]?*\\@ %;", max_size=3),
    st.text(string.ascii_letters + string.digits, max_size=12),
)
_ROWS = st.lists(
    st.builds(
        row,
        st.one_of(
            st.lists(_PARTS, min_size=1, max_size=5).map("".join).map(redact_name),
            st.text(max_size=20),
        ),
        st.integers(1, 9),
        st.one_of(st.none(), st.floats(0, 1e10)),
        reason=st.sampled_from([Reason.UNKNOWN, Reason.UNKNOWN_ALLOWED]),
    ),
    max_size=8,
)


@given(rows=_ROWS, site=st.sampled_from([STARTER, SHOP.format(policy="", analysis="")]))
def test_whatever_was_seen_a_pasted_proposal_loads_and_meets_the_check(
    rows: list[Any], site: str
) -> None:
    before = Registry.parse(site)
    text = site + "\n" + as_toml(propose(rows, before, known_cookies().find), before)
    after = Registry.parse(text)

    def objections(registry: Registry, text: str) -> list[str]:
        # Only the site knows its domain.
        found = [one for one in advise(registry, text) if one.code != "widest-domain"]
        return [one.what for one in found]

    new = set(objections(after, text)) - set(objections(before, site))
    assert new == set()
    required = after.required
    for entry in after.entries[len(before.entries) :]:
        assert entry.category in required or known_cookies().find(entry.names[0]) is not None
