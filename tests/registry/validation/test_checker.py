"""Checks that several tables share."""

import pytest

from cookiegate.registry import Registry, RegistryError
from tests.registry.texts import problems

CATEGORY = "[categories.analysis]\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "title.de = 'x'",
            "unknown language 'de' in title; write title.en, or add \"de\" to languages",
        ),
        (
            "title.svv = 'x'",
            "unknown language 'svv' in title; write title.sv, or add \"svv\" to languages",
        ),
        ("title.english = 'x'", "unknown language 'english' in title; write title.en"),
        ("title.sv_SE = 'x'", "unknown language 'sv_SE' in title; write title.sv"),
        (
            "title.klingon = 'x'",
            "unknown language 'klingon' in title; write title.en, or another code of languages",
        ),
        ("without.EN = 'x'", "unknown language 'EN' in without; write without.en"),
        ("description.en = ' '", "'description.en' is blank; write the text, or leave the key out"),
    ],
)
def test_a_text_is_in_a_language_of_the_site_and_says_something(line: str, problem: str) -> None:
    assert problems(f"{CATEGORY}{line}\n") == [f"2: {problem}"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "purpose.de = 'x'",
            "unknown language 'de' in purpose; write purpose.en, or add \"de\" to languages",
        ),
        ("purpose.en = ''", "'purpose.en' is blank; write the text, or leave the key out"),
        ('purpose.en = ["x", "\\t"]', None),
        ("purpose.en = ['x', '']", "'purpose.en' is blank; write the text, or leave the key out"),
        ("provider = ''", "'provider' is blank; write the text, or leave the key out"),
        (
            "category = 'analisys'",
            "unknown category 'analisys'; write 'analysis', or add [categories.analisys]",
        ),
        (
            "category = 'Zzz Q'",
            "unknown category 'Zzz Q'; write one of 'essential', 'analysis', "
            "or add [categories.zzz-q]",
        ),
        (
            "category = '株'",
            "unknown category '株'; write one of 'essential', 'analysis', "
            "or add [categories.other]",
        ),
        (
            "domain = 'x.org'\ndomains = ['y.org']",
            "both 'domain' and 'domains' are given; write all of them in domains",
        ),
        (
            "domains = ['x.org', '.X.org']",
            "domain '.X.org' is listed twice; write each domain once",
        ),
        (
            "domains = ['x.org', '*.x.org']",
            "'*.x.org' is not a valid domain; write \"x.org\": subdomains are included",
        ),
        ("domain = 'x/'", "'x/' is not a valid domain; write \"x\""),
    ],
)
def test_a_service_that_is_wrong(line: str, problem: str | None) -> None:
    expected = (
        [f"2: {problem}"]
        if problem
        else ["2: 'purpose.en' is blank; write the text, or leave the key out"]
    )
    assert problems(f"[services.a]\n{line}\n{CATEGORY}") == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[controller]\nname = ''\n", "'name' is blank; write the text, or leave the key out"),
        ("[controller]\ndpo = ''\n", "'dpo' is blank; write the text, or leave the key out"),
        (
            "[controller]\nprivacy_policy.en = 'x.org'\n",
            "'x.org' is not a valid web address; write \"https://x.org\"",
        ),
        (
            "[controller]\nprivacy_policy.de = 'https://x.org'\n",
            "unknown language 'de' in "
            'privacy_policy; write privacy_policy.en, or add "de" to languages',
        ),
        ("[[authorities]]\nname = ''\n", "'name' is blank; write the text"),
        ("[[authorities]]\nname = 'IMY'\nurl = ''\n", None),
    ],
)
def test_a_controller_or_an_authority_that_is_wrong(text: str, problem: str | None) -> None:
    expected = (
        f"2: {problem}"
        if problem
        else (
            "3: '' is not a valid web address; write it in full, such as \"https://example.com/privacy\""
        )
    )
    assert problems(text) == [expected]


def test_domains_are_read_beside_a_domain_too() -> None:
    text = "[services.a]\ndomain = 'x.org'\ndomains = ['y/', 'y.org', '.Y.org', 'X.org']\n"
    assert problems(text) == [
        "2: both 'domain' and 'domains' are given; write all of them in domains",
        "3: 'y/' is not a valid domain; write \"y\"",
        "3: domain '.Y.org' is listed twice; write each domain once",
        "3: domain 'X.org' is listed twice; write each domain once",
    ]


def test_only_the_unknown_languages_of_a_text_are_reported() -> None:
    assert problems(f"{CATEGORY}title.en = 'x'\ntitle.de = 'x'\ntitle.sv = 'x'\n") == [
        "3: unknown language 'de' in title; write title.en, or add \"de\" to languages"
    ]


def test_an_invalid_language_code_is_not_suggested() -> None:
    text = '[categories.essential]\ntitle.fr = "x"\n'
    for languages in ('["e\\u001b[31m\\nn"]', '["e\\u001b[31m\\nn", "sv"]'):
        with pytest.raises(RegistryError) as caught:
            Registry.parse(f'[site]\nname = "s"\nlanguages = {languages}\n{text}')
        assert "\x1b" not in str(caught.value)
        assert len(str(caught.value).splitlines()) == len(caught.value.problems) == 2
