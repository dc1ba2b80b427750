"""Tables made into values, and what binds their keys together."""

import pytest

from tests.registry.texts import parse, problems

REST = "[categories.essential]\n"


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ('["en", "en"]', ["language 'en' is listed twice; write each language once"]),
        ('["EN"]', ["'EN' is not a valid language code; write \"en\""]),
        ('["sv_SE"]', ["'sv_SE' is not a valid language code; write \"sv-SE\""]),
        ('[""]', ["'' is not a valid language code; write a code such as \"en\""]),
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
    assert problem.startswith("1: id 'My Own' is not valid; ")
    assert problem.endswith(", such as my-own")


def test_the_id_of_the_site_is_plain() -> None:
    text = f'[site]\nname = "Shop"\nid = "Shop"\nlanguages = ["en"]\n{REST}'
    (problem,) = problems(text, top="")
    assert problem.startswith("3: id 'Shop' is not valid; ")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "links = [{ kind = 'policy', url = 'x' }]",
            "'x' is not a valid web address; write it in full, such as \"https://example.com/privacy\"",
        ),
        (
            "sources = ['x.org', 'http://y.org']",
            "'http://y.org' is not a valid source for a "
            'Content-Security-Policy; write "https://y.org"',
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


def test_an_empty_table_of_the_ledger_keeps_receipts_until_they_are_pruned() -> None:
    assert parse("[ledger]\n").ledger == parse().ledger
    assert parse("[ledger]\n").ledger.keep is None


@pytest.mark.parametrize("keep", ["30 minutes", "1 hour", "90 days", "12 months", "3 years"])
def test_receipts_are_kept_for_what_the_file_says_in_its_unit(keep: str) -> None:
    assert str(parse(f'[ledger]\nkeep = "{keep}"\n').ledger.keep) == keep


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('keep = "3 yrs"', "unknown unit 'yrs' in lifetime '3 yrs'; write \"3 years\""),
        (
            'keep = "session"',
            "receipts cannot be kept for 'session'; write a count and a unit such as "
            '"3 years", or leave keep out: receipts then stay until they are pruned by hand',
        ),
        ("keep = 3", "'keep' is a whole number, expected text; write keep = \"3 years\""),
        ('kep = "3 years"', "unknown key 'kep' in [ledger]; write 'keep'"),
        ('retention = "3 years"', "unknown key 'retention' in [ledger]; use keep"),
    ],
)
def test_an_invalid_line_of_the_ledger_is_reported(line: str, problem: str) -> None:
    assert problems(f"[ledger]\n\n{line}\n") == [f"3: {problem}"]


def test_the_value_of_a_misspelt_keep_is_checked_too() -> None:
    assert problems('[leger]\nkeeep = "3 yrs"\n') == [
        "1: unknown table 'leger'; write [ledger]",
        "2: unknown key 'keeep' in [ledger]; write 'keep'",
        "2: unknown unit 'yrs' in lifetime '3 yrs'; write \"3 years\"",
    ]


def test_a_controller_has_empty_texts_for_absent_keys() -> None:
    controller = parse("[controller]\n").controller
    assert controller is not None
    assert (controller.name, controller.email, controller.address) == ("", "", "")
    assert controller.dpo is None
    assert controller.privacy_policy == {}


def test_the_address_of_an_authority_is_optional() -> None:
    (authority,) = parse('[[authorities]]\nname = "IMY"\n').authorities
    assert (authority.url, authority.country, authority.oversees) == (None, None, ("data",))


def test_an_authority_has_a_name_and_an_address_for_all_languages_or_for_each() -> None:
    text = """[[authorities]]
name = { en = "Privacy Authority", sv = "Integritetsskyddsmyndigheten" }
url = { en = "https://www.imy.se/en/", sv = "https://www.imy.se" }
country = "SE"
oversees = ["data", "cookies"]
"""
    (authority,) = parse(text).authorities
    assert authority.name == {"en": "Privacy Authority", "sv": "Integritetsskyddsmyndigheten"}
    assert authority.url == {"en": "https://www.imy.se/en/", "sv": "https://www.imy.se"}
    assert (authority.country, authority.oversees) == ("SE", ("data", "cookies"))


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("name = ' '", "'name' is blank; write the text"),
        ("name = {}", "'name' is blank; write the text"),
        ("name.en = ''", "'name.en' is blank; write the text, or leave the key out"),
        (
            "name.sw = 'IMY'",
            "unknown language 'sw' in name; write name.en, or add \"sw\" to languages",
        ),
        (
            "name = 'IMY'\nurl.en = 'imy.se'",
            "'imy.se' is not a valid web address; write \"https://imy.se\"",
        ),
        ("name = 'IMY'\ncountry = 'se'", "'se' is not a valid country code; write \"SE\""),
        (
            "name = 'IMY'\ncountry = 'Sweden'",
            "'Sweden' is not a valid country code; write two letters, such as \"SE\"",
        ),
        (
            "name = 'IMY'\noversees = ['cookie']",
            "'cookie' is not a valid 'oversees'; write \"cookies\"",
        ),
    ],
)
def test_a_wrong_key_of_an_authority_is_reported(keys: str, problem: str) -> None:
    line = 2 + keys.count("\n")
    assert problems(f"[[authorities]]\n{keys}\n") == [f"{line}: {problem}"]
