"""A mistake neither hides other mistakes nor causes any: values of wrong keys are checked too."""

import pytest

from tests.registry.texts import TOP, problems


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'languages = "sv"',
            [
                "3: 'languages' is text, expected a list; write languages = [\"sv\"]",
                "5: unknown language 'en' in title; write title.sv, or add \"en\" to languages",
            ],
        ),
        (
            'languages = "English"',
            [
                "3: 'languages' is text, expected a list; write languages = [\"English\"]",
                "3: 'English' is not a valid language code; write \"en\"",
            ],
        ),
        (
            'languages = ["en", 3, "", "sv"]',
            [
                "3: 'languages' is a whole number, expected text; write text",
                "3: '' is not a valid language code; write a code such as \"en\"",
            ],
        ),
    ],
)
def test_partly_valid_languages_are_used_for_the_other_checks(
    line: str, expected: list[str]
) -> None:
    text = f'[site]\nname = "Shop"\n{line}\n[categories.essential]\ntitle.en = "x"\n'
    assert problems(text, top="") == expected


def test_values_below_a_misspelt_table_or_key_are_checked_too() -> None:
    text = """\
[servcies.x]
provider = 1
[servcies.y]
domian = "https://y.example"
[[cookie]]
name = "a"
categroy = "analisys"
service = "y"
expire = "3 blah"
[[cookie]]
nam = "b"
service = "z"
[[cookie]]
name = "a"
catgory = "essential"
categroy = "analisys"
"""
    assert problems(text) == [
        "1: unknown table 'servcies'; write [services.<id>]",
        "2: 'provider' is a whole number, expected text; write provider = \"Google\"",
        "4: unknown key 'domian' in [services.y]; write 'domain'",
        "4: 'https://y.example' is not a valid domain; write \"y.example\"",
        "5: unknown table 'cookie'; write [[cookies]]",
        "7: unknown key 'categroy' in [[cookies]]; write 'category'",
        "7: unknown category 'analisys'; write 'essential', or add [categories.analisys]",
        "9: unknown key 'expire' in [[cookies]]; write 'expires'",
        "9: unknown unit 'blah' in lifetime '3 blah'; "
        "use one of minutes, hours, days, weeks, months, years",
        "11: unknown key 'nam' in [[cookies]]; write 'name'",
        "12: unknown service 'z'; add [services.z], "
        "or leave service out where the site sets it itself",
        "15: unknown key 'catgory' in [[cookies]]; write 'category'",
        "16: unknown key 'categroy' in [[cookies]]; merge it into 'category', or leave it out",
    ]


def test_the_second_line_of_a_problem_is_right_below_a_misspelt_table() -> None:
    text = "[[cookie]]\nname = 'a'\ncategory = 'essential'\n" * 2
    assert problems(text) == [
        "1: unknown table 'cookie'; write [[cookies]]",
        "5: 'a' is already registered with the same kind and domains on line 7; "
        "make them one entry (several purposes are a list), or give each its own domains",
    ]


def test_a_misspelt_key_with_a_value_of_another_type_is_two_problems() -> None:
    assert problems("[[cookies]]\nname = 'a'\ncategory = 'essential'\nmax_age = 30\n") == [
        "4: unknown key 'max_age' in [[cookies]]; write 'expires'",
        "4: 'expires' is a whole number, expected text; write expires = \"30 days\"",
    ]


def test_the_keep_of_a_cookie_is_its_lifetime() -> None:
    assert problems("[[cookies]]\nname = 'a'\ncategory = 'essential'\nkeep = '3 days'\n") == [
        "4: unknown key 'keep' in [[cookies]]; write 'expires'"
    ]


def test_a_text_is_not_taken_for_an_item_of_a_list_of_tables() -> None:
    assert problems("[services.a]\nlinks = 'https://x.example'\n") == [
        "2: 'links' is text, expected a list; "
        'write links = [{ kind = "policy", url = "https://example.com/privacy" }]'
    ]


def test_consequences_of_a_lost_value_are_not_reported() -> None:
    text = '[services.a]\ncategory = 3\n[[cookies]]\nname = "x"\nservice = 4\n'
    assert problems(text) == [
        "2: 'category' is a whole number, expected text; write category = \"analysis\"",
        "5: 'service' is a whole number, expected text; write service = \"stripe\"",
    ]


def test_a_wrong_table_does_not_hide_its_neighbours() -> None:
    text = f"categories.b = 3\n{TOP}[[cookies]]\nname = 'a'\ncategory = 'b'\n"
    assert problems(text, top="") == [
        "1: 'categories.b' is a whole number, expected a table; "
        "write [categories.<id>] and its keys below"
    ]
