"""Unknown cookies become entries for the registry."""

import pytest

from cookiegate import Reason, Registry
from cookiegate.reports import redact_name
from cookiegate.reports.known_cookies import KnownCookie
from cookiegate.reports.propose import as_toml, propose
from cookiegate.reports.tally import OTHERS, VerdictRow
from tests.registries import SHOP, shop
from tests.reports.rows import row


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
    assert names(row(OTHERS, 100)) == []


def test_cookies_that_the_registry_has_by_now_are_not_proposed() -> None:
    assert names(row("cart"), row("session.*"), row("_gat_UA"), row("who")) == ["who"]


@pytest.mark.parametrize(
    ("wire", "pattern"),
    [
        ("cart_1234567", "cart_*"),
        ("prefs[lang]", "prefs[lang]"),
        ("a[0-9]b", r"a\[0-9]b"),
        ("what?", r"what\?"),
        ("back\\slash", r"back\\slash"),
        ("schön", "schön"),
        ("x-" * 40, ("x-" * 31)[:61] + "*"),
        ("ü" * 40, "ü" * 7 + "*"),
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


def written(*rows: VerdictRow, known: KnownCookie | None = None) -> str:
    registry = shop()
    return as_toml(propose(rows, registry, lambda name: known), registry)


def test_an_entry_is_complete() -> None:
    assert written(row("who", 1204, 30 * 86400.0, route="/a")) == (
        "# Seen 1,204 times at /a.\n"
        "# Choose its category: essential, functional, comfort, analysis, marketing, empty.\n"
        "[[cookies]]\n"
        'name = "who"\n'
        'category = "empty"\n'
        'expires = "30 days"\n'
        'set_by = "server"\n'
        '# purpose.en = "What it is for."\n'
    )


def test_an_entry_has_the_category_and_purpose_that_are_known() -> None:
    known = KnownCookie(source="Known: Hotjar.", category="analysis", purpose='Counts "visits".')
    text = written(row("_hjid"), known=known)
    assert "# Known: Hotjar.\n" in text
    assert 'category = "analysis"\n' in text
    assert 'purpose.en = "Counts \\"visits\\"."\n' in text


def test_a_category_that_the_registry_lacks_is_not_written() -> None:
    text = written(row("_hjid"), known=KnownCookie(source="Known.", category="statistics"))
    assert 'category = "empty"' in text


def test_three_routes_are_listed() -> None:
    assert "# Seen 4 times at /a, /b, /c, ...\n".replace("...", "....") in written(
        *[row("who", route=f"/{letter}") for letter in "abcd"]
    )


def test_a_name_that_no_pattern_matches_has_a_comment_and_no_entry() -> None:
    text = written(row("*", 7))
    assert text.startswith("# Seen 7 times.\n# No name or pattern can match *: ")
    assert "[[cookies]]" not in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "session"),
        (1.0, "1 minute"),
        (90.0, "2 minutes"),
        (3600.0, "1 hour"),
        (86_400.0, "1 day"),
        (63_072_000.0, "730 days"),
        (1e10, "never"),
    ],
)
def test_a_lifetime_is_written_as_the_registry_has_it(seconds: float | None, text: str) -> None:
    assert f'expires = "{text}"' in written(row("who", 1, seconds))


def test_proposals_make_a_valid_registry() -> None:
    rows = [
        row(redact_name(name), 3, 70.0) for name in ('a"b', "cc_1234567", "dé", "1234567", "e\\f")
    ]
    registry = Registry.parse(SHOP.format(policy="", analysis="") + written(*rows))
    assert propose(rows, registry, nothing_known)[0].name is None
    assert len(propose(rows, registry, nothing_known)) == 1


def test_without_optional_categories_a_required_one_is_proposed() -> None:
    registry = Registry.parse(
        '[site]\nname = "S"\nlanguages = ["en"]\n[categories.essential]\nrequired = true\n'
    )
    assert 'category = "essential"' in as_toml(
        propose([row("who")], registry, nothing_known), registry
    )
