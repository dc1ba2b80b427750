"""What of a line is pointed at, and how much of it is shown."""

import pytest

from cookiegate.cli.render.excerpt import excerpt
from cookiegate.cli.render.highlight import mark


@pytest.mark.parametrize(
    ("line", "what", "meant"),
    [
        ('name = "a"', "'a' is required", "a"),
        ('name = "name"', "'name' is blank", "name"),
        ("consent_day = 90", "unknown key 'consent_day' in [site]", "consent_day"),
        ('title.sv = "Analys"', "unknown language 'sv' in title", "sv"),
        ('expires = "2 yrs"', "unknown unit 'yrs' in lifetime '2 yrs'", "yrs"),
        ('expires = "2 years"  # GA', "'_ga' declares 2 years", '"2 years"'),
        ("expires = '2 years'  # GA", "'_ga' declares 2 years", "'2 years'"),
        ("refusal_days = 90 # x", "who refused is asked again after 90 days", "90"),
        ("[categories.x-y]", "category 'x-y' has no entry", "x-y"),
        ("  [site]  ", "nobody answers for the data", "[site]"),
        ("name = x", "this is not valid TOML (invalid value, column 8)", "x"),
        ("name", "this is not valid TOML (expected '=', column 5)", "e"),
        ('name = "it\'s"', '"it\'s" is required', "it's"),
        ("", "'x' is wrong", ""),
        ("", "this is not valid TOML (unclosed, column 1)", ""),
    ],
)
def test_what_a_message_quotes_first_and_the_line_has_is_meant(
    line: str, what: str, meant: str
) -> None:
    start, end = mark(line, what)
    assert line[start:end] == meant


def test_in_a_line_with_room_all_is_shown() -> None:
    assert excerpt('  name = "a"  ', "'a' is required", 40) == ('name = "a"', " " * 8 + "^")


def test_a_long_line_is_cut_behind_what_is_meant() -> None:
    line = "domains = ['a', " + "'b', " * 40 + "]"
    shown = excerpt(line, "'a' is not a valid domain", 30)
    assert shown == ("domains = ['a', 'b', 'b', 'b'…", " " * 12 + "^")


def test_a_long_line_is_cut_before_what_is_meant_too() -> None:
    line = "domains = [" + "'b', " * 40 + "'a', 'c', 'd', 'e', 'f', 'g']"
    shown = excerpt(line, "'a' is not a valid domain", 30)
    assert shown == ("…'b', 'b', 'a', 'c', 'd', 'e'…", " " * 12 + "^")


def test_what_is_meant_is_cut_where_it_is_itself_too_long() -> None:
    shown = excerpt(f"name = '{'x' * 500}'", f"'{'x' * 500}' is too long", 30)
    assert shown == (f"name = '{'x' * 21}…", " " * 8 + "^" * 22)


def test_wide_characters_take_two_cells() -> None:
    shown = excerpt("name = '日本'", "'日本' is required", 40)
    assert shown.underline == " " * 8 + "^" * 4


def test_what_cannot_be_printed_is_escaped_and_tabs_are_blanks() -> None:
    shown = excerpt("\tname\t=\t'a\x1b\u202e'", "'a' is required", 60)
    assert shown.text == "name    =    'a\\x1b\\u202e'"
