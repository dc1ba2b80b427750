"""Entries: names, what they inherit, and that no two clash."""

import pytest

from tests.registry.texts import parse, problems

# Lines 1 to 6, and 6 to 11 of the file they are read in.
TABLES = """\
[categories.analysis]
[services.plain]
provider = "Plain"
[services.counter]
category = "analysis"
domain = "counter.example"
"""


def cookies(*entries: str) -> str:
    """Return a file in which the first entry's header is on line 7."""
    return TABLES + "".join(f"[[cookies]]\n{entry}\n" for entry in entries)


def entry(name: str, *lines: str, category: str = "analysis") -> str:
    return "\n".join([f"name = {name}", f"category = '{category}'", *lines])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("name = 'a'", "7: 'a' has no category; write category = \"essential\""),
        ("name = ['a', 'b']", "7: 'a' has no category; write category = \"essential\""),
        (
            "name = 'a'\nservice = 'plain'",
            "7: 'a' has no category, and neither has its service "
            "'plain'; write category = \"essential\" here or in [services.plain]",
        ),
        (
            "name = 'a'\nservice = 'countr'",
            "9: unknown service 'countr'; write 'counter', or add [services.countr]",
        ),
        (
            "name = 'a'\ncategory = 'analysis'\nservice = 'Zz Q'",
            "10: unknown service 'Zz Q'; "
            "add [services.zz-q], or leave service out where the site sets it itself",
        ),
        (
            "name = 'a'\ncategory = 'analysis'\nservice = ''",
            "10: 'service' is blank; "
            "write the id of a service, or leave the key out where the site sets it itself",
        ),
        (
            "name = 'a'\ncategory = ' '",
            "9: 'category' is blank; write one of 'essential', 'analysis'",
        ),
        (
            "name = 'a'\ncategory = 'essentail'",
            "9: unknown category 'essentail'; write 'essential', or add [categories.essentail]",
        ),
        (
            "name = 'a'\nservice = 'counter'\nexpires = '3 dayz'",
            "10: unknown unit 'dayz' in lifetime '3 dayz'; write \"3 days\"",
        ),
    ],
)
def test_an_entry_refers_to_known_tables(lines: str, expected: str) -> None:
    assert problems(cookies(lines)) == [expected]


def test_each_name_is_checked() -> None:
    assert problems(cookies(entry("['a', 'b=', 'c\\']"))) == [
        "8: name 'b=' contains '=', which a name cannot contain; "
        "write only the part before the '='",
        "8: name 'c\\\\' ends in a single backslash; "
        "write two backslashes for a literal one, or leave it out",
    ]


@pytest.mark.parametrize("name", ["__Host-cookiegate", "cookiegate", r"cookie\gate"])
def test_the_consent_cookie_is_built_in(name: str) -> None:
    shown = name.replace("\\", "")
    assert problems(cookies(entry(f"'{name}'"))) == [
        f"8: '{shown}' is Cookiegate's built-in cookie; leave this entry out"
    ]
    assert problems(cookies(entry(f"'{name}'", "kind = 'local_storage'"))) == []


@pytest.mark.parametrize("name", ["ab*", "*", "*abc", "?bcd", "[0-9]abc"])
def test_a_pattern_of_a_required_category_begins_with_three_letters(name: str) -> None:
    assert problems(cookies(entry(f"'{name}'", category="essential"))) == [
        f"8: pattern '{name}' is too broad for the required category 'essential'; "
        "begin it with at least 3 literal characters"
    ]
    assert problems(cookies(entry(f"'{name}'"))) == []


@pytest.mark.parametrize("name", ["abc*", "a", r"a\*"])
def test_exact_names_and_longer_prefixes_may_be_required(name: str) -> None:
    assert problems(cookies(entry(f"'{name}'", category="essential"))) == []


SAME = "make them one entry (several purposes are a list), or give each its own domains"


def test_an_entry_is_unique_by_kind_name_and_domains() -> None:
    one = entry("'a'")
    assert problems(cookies(one, entry("['b', 'a']"))) == [
        f"11: 'a' is already registered with the same kind and domains on line 13; {SAME}"
    ]
    assert problems(cookies(one, entry("'a'", "kind = 'pixel'"))) == []
    assert problems(cookies(one, entry("'a'", "domain = 'x.org'"))) == []
    assert problems(cookies(one, entry("'a'", "service = 'plain'"))) != []


def test_domains_are_the_same_in_any_order_and_case_and_by_inheritance() -> None:
    one = entry("'a'", "domains = ['x.org', 'y.org']")
    assert len(problems(cookies(one, entry("'a'", "domains = ['.Y.org', 'x.org']")))) == 1
    one = entry("'a'", "service = 'counter'")
    assert len(problems(cookies(one, entry("'a'", "domain = 'counter.example'")))) == 1
    assert problems(cookies(one, entry("'a'", "service = 'counter'", "domains = []"))) == []


def test_a_name_twice_in_one_list_is_a_problem() -> None:
    assert problems(cookies(entry("['a', 'b', 'a']"))) == [
        "8: name 'a' is listed twice; write each name once"
    ]
    assert problems(cookies(entry(r"['a*', 'a**']"))) == [
        "8: name 'a**' is listed twice; write each name once"
    ]


def test_an_escaped_name_is_the_same_as_the_plain_one() -> None:
    assert len(problems(cookies(entry(r"'a\b'"), entry("'ab'")))) == 1


TIE = (
    "one name can match both and neither ranks higher: give one of them more literal characters, "
    "or make them one entry"
)


def test_tied_patterns_are_a_problem_that_names_both_lines() -> None:
    assert problems(cookies(entry("'a*b?'"), entry("'a?b*'"))) == [
        f"11: pattern 'a?b*' ties with 'a*b?' on line 13; {TIE}"
    ]


def test_patterns_of_other_kinds_or_of_one_entry_do_not_tie() -> None:
    assert problems(cookies(entry("'a*b?'"), entry("'a?b*'", "kind = 'pixel'"))) == []
    assert problems(cookies(entry("['a*b?', 'a?b*']"))) == []


def test_one_pattern_with_other_domains_does_not_tie() -> None:
    assert problems(cookies(entry("'a*'"), entry("'a*'", "domain = 'x.org'"))) == []


def test_an_entry_that_can_never_match_is_valid() -> None:
    assert problems(cookies(entry("'abc'"), entry("'a*c'"), entry("'ab*c'"), entry("'*'"))) == []


def test_two_patterns_of_one_entry_that_tie_find_it_once() -> None:
    registry = parse(cookies(entry("['a*b?', 'a?b*']")))
    assert registry.find("axbx") == registry.entries
