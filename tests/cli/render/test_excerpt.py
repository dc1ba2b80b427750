"""A line of a finding: what is marked, and how much is printed."""

from cookiegate.cli.render.excerpt import excerpt


def test_in_a_line_that_fits_all_is_printed() -> None:
    assert excerpt('  name = "a"  ', 11, 1, 40) == ('name = "a"', " " * 8 + "^")


def test_a_long_line_is_cut_after_the_marked_part() -> None:
    line = "domains = ['a', " + "'b', " * 40 + "]"
    shown = excerpt(line, 13, 1, 30)
    assert shown == ("domains = ['a', 'b', 'b', 'b'…", " " * 12 + "^")


def test_a_long_line_is_cut_before_the_marked_part_too() -> None:
    line = "domains = [" + "'b', " * 40 + "'a', 'c', 'd', 'e', 'f', 'g']"
    shown = excerpt(line, line.index("a', 'c'") + 1, 1, 30)
    assert shown == ("…'b', 'b', 'a', 'c', 'd', 'e'…", " " * 12 + "^")


def test_a_marked_part_is_cut_where_it_is_too_long() -> None:
    shown = excerpt(f"name = '{'x' * 500}'", 9, 500, 30)
    assert shown == (f"name = '{'x' * 21}…", " " * 8 + "^" * 22)


def test_wide_characters_take_two_cells() -> None:
    shown = excerpt("name = '日本'", 9, 2, 40)
    assert shown.underline == " " * 8 + "^" * 4


def test_what_cannot_be_printed_is_escaped_and_tabs_are_spaces() -> None:
    shown = excerpt("\tname\t=\t'a\x1b\u202e'", 10, 1, 60)
    assert shown.text == "name    =    'a\\x1b\\u202e'"


def test_without_columns_the_whole_line_is_marked() -> None:
    assert excerpt("  [site]  ", 0, 0, 40) == ("[site]", "^^^^^^")
    assert excerpt("", 0, 0, 40) == ("", "")
