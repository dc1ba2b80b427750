"""Names of entries: each can be a name, and no two clash."""

import pytest

from tests.registry.texts import parse, problems

from .test_entries import cookies, entry


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


def test_a_name_of_several_entries_finds_all_of_them_in_order() -> None:
    registry = parse(
        cookies(
            entry("'a'"),
            entry("['b', 'a']", "domain = 'x.org'"),
            entry("'a'", "domain = 'y.org'"),
            entry("'a'", "kind = 'pixel'"),
        )
    )
    first, second, third, pixel = registry.entries
    assert registry.find("a") == (first, second, third)
    assert registry.find("b") == (second,)
    assert registry.find("a", "pixel") == (pixel,)


def test_each_further_entry_with_the_same_name_and_domains_is_a_problem() -> None:
    listed, plain = entry("['b', 'a']"), entry("'a'")
    assert problems(cookies(listed, plain, entry("'a'", "domain = 'x.org'"), plain)) == [
        f"11: 'a' is already registered with the same kind and domains on line 13; {SAME}",
        f"18: 'a' is already registered with the same kind and domains on line 13; {SAME}",
    ]


@pytest.mark.parametrize("name", ["é" * 512, "a b", "_ga_[x]"])
def test_unusual_names_are_found_too(name: str) -> None:
    registry = parse(cookies(entry(f"'{name}'")))
    assert registry.find(name) == registry.entries


def test_a_name_of_many_bytes_is_a_problem() -> None:
    assert len(problems(cookies(entry(f"'{'é' * 513}'")))) == 1
