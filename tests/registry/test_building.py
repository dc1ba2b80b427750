"""Tables made into values, and what binds their keys together."""

import pytest

from .texts import parse, problems

REST = "[categories.essential]\n"


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ('["en", "en"]', ["language 'en' is listed twice; write each language once"]),
        ('["EN"]', ["'EN' is no language code; write \"en\""]),
        ('["sv_SE"]', ["'sv_SE' is no language code; write \"sv-SE\""]),
        ('[""]', ["'' is no language code; write a code such as \"en\""]),
        ('["en", "pt-BR", "zh-Hant"]', []),
    ],
)
def test_languages_are_codes_each_once(languages: str, expected: list[str]) -> None:
    text = f'[site]\nname = "Shop"\nlanguages = {languages}\n{REST}'
    assert problems(text, top="") == [f"3: {one}" for one in expected]


def test_a_site_without_an_id_needs_a_name_that_makes_one() -> None:
    text = f'[site]\nname = "株式会社"\nlanguages = ["ja"]\n{REST}'
    assert problems(text, top="") == [
        "2: no id can be made from the name '株式会社'; "
        'write an id of a-z, 0-9, "_" and "-" too, such as id = "my-site"'
    ]
    assert problems(text.replace("[cat", 'id = "shop"\n[cat'), top="") == []


@pytest.mark.parametrize("table", ["categories", "services"])
def test_ids_of_tables_are_plain(table: str) -> None:
    (problem,) = problems(f'[{table}."My Own"]\n')
    assert problem.startswith("1: id 'My Own' does not travel well in a cookie; ")
    assert problem.endswith(", such as my-own")


def test_the_id_of_the_site_is_plain() -> None:
    text = f'[site]\nname = "Shop"\nid = "Shop"\nlanguages = ["en"]\n{REST}'
    (problem,) = problems(text, top="")
    assert problem.startswith("3: id 'Shop' does not travel well in a cookie; ")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "links = [{ kind = 'policy', url = 'x' }]",
            "'x' is no web address; write it in full, such as \"https://example.com/privacy\"",
        ),
        (
            "sources = ['x.org', 'http://y.org']",
            "'http://y.org' is no source a "
            'Content-Security-Policy can name safely; write "https://y.org"',
        ),
    ],
)
def test_links_and_sources_have_their_forms(line: str, problem: str) -> None:
    assert problems(f"[services.a]\n{line}\n") == [f"2: {problem}"]


def test_surviving_a_signal_does_no_harm_to_a_required_category() -> None:
    registry = parse("survives_signal = true\n")
    assert registry.categories["essential"].survives == {"dnt", "gpc"}


def test_signals_may_name_one_and_leave_the_other() -> None:
    signals = parse('[policy]\nsignals = { gpc = "confirm" }\n').policy.signals
    assert signals == {"dnt": "override", "gpc": "confirm"}


def test_a_controller_holds_empty_texts_where_the_file_gives_none() -> None:
    controller = parse("[controller]\n").controller
    assert controller is not None
    assert (controller.name, controller.email, controller.address) == ("", "", "")
    assert controller.dpo is None
    assert controller.privacy_policy == {}


def test_an_authority_may_do_without_an_address() -> None:
    (authority,) = parse('[[authorities]]\nname = "IMY"\n').authorities
    assert authority.url is None
