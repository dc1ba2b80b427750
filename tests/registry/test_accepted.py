"""`accepted`: a reason for each code of advice that is not followed."""

import pytest

from .texts import parse, problems

ENTRY = "[[cookies]]\nname = 'a'\ncategory = 'essential'\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[services.x]\naccepted = 'So.'\n",
            "2: 'accepted' is text, expected one text for each code; "
            'write accepted.shared-source = "',
        ),
        (
            f"{ENTRY}accepted.required-reason = 5\n",
            "4: 'accepted.required-reason' is a whole number, expected text; write text",
        ),
        (
            f"{ENTRY}accepted.required-reason = ' '\n",
            "4: 'accepted.required-reason' is blank; write the text",
        ),
        (
            "[categories.b]\ntitle = 1\n",
            "2: 'title' is a whole number, expected one text for each language; "
            'write title.en = "Analysis"',
        ),
    ],
)
def test_an_invalid_acceptance_is_a_problem(text: str, expected: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(expected)


@pytest.mark.parametrize("text", ["[categories.b]\naccepted = true\n", f"{ENTRY}accepted = true\n"])
def test_accepted_cookies_by_default_are_an_error_with_the_reason(text: str) -> None:
    (problem,) = problems(text)
    assert "nothing is ever on by default" in problem


def test_each_table_has_its_accepted_advice() -> None:
    registry = parse(
        "accepted.empty-category = 'One.'\n[services.x]\naccepted.shared-source = 'Two.'\n"
        f"{ENTRY}accepted.capped-lifetime = 'Three.'\n"
    )
    assert registry.site.accepted == {}
    assert registry.categories["essential"].accepted == {"empty-category": "One."}
    assert registry.services["x"].accepted == {"shared-source": "Two."}
    assert registry.entries[0].accepted == {"capped-lifetime": "Three."}
