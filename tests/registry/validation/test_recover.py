"""A file of the wrong shape: each key is named, with what to write instead."""

import tomllib
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.registry.schema.tables import File
from cookiegate.registry.validation.problem_list import ProblemList
from cookiegate.registry.validation.recover import collect_errors
from tests.registry.texts import FULL, problems

SITE = '[site]\nname = "Shop"\nlanguages = ["en", "sv"]\n'
REST = "[categories.essential]\nrequired = true\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "consent_days = 0",
            "'consent_days' is 0; write a whole number from 1 to 400, such as consent_days = 90",
        ),
        (
            "refusal_days = 401",
            "'refusal_days' is 401; write a whole number from 1 to 400, such as refusal_days = 180",
        ),
        ("version = 0", "'version' is 0; write a whole number from 1 up, such as version = 2"),
        (
            "version = -9999999999999999999999",
            "'version' is far out of range; write a whole number from 1 up, such as version = 2",
        ),
        (
            "version = 1.5",
            "'version' is a number with a fraction, expected a whole number from 1 up; write "
            "version = 2",
        ),
        (
            "version = true",
            "'version' is true or false, expected a whole number from 1 up; write version = 2",
        ),
        (
            'consent_days = "30"',
            "'consent_days' is text, expected a whole number from 1 to 400; write consent_days = "
            "30",
        ),
        (
            'consent_days = "180"',
            "'consent_days' is text, expected a whole number from 1 to 400; write consent_days = "
            "180",
        ),
        (
            'consent_days = "900"',
            "'consent_days' is text, expected a whole number from 1 to 400; write consent_days = "
            "90",
        ),
        (
            'version = "1234"',
            "'version' is text, expected a whole number from 1 up; write version = 1234",
        ),
        (
            'version = "12345"',
            "'version' is text, expected a whole number from 1 up; write version = 2",
        ),
        (
            'consent_days = "many"',
            "'consent_days' is text, expected a whole number from 1 to 400; write consent_days = "
            "90",
        ),
        (
            'updated = "2025-01-31"',
            "'updated' is text, expected a date; write updated = 2025-01-31",
        ),
        (
            'updated = "soon"',
            "'updated' is text, expected a date; write updated = 2026-11-24",
        ),
        (
            "updated = 2025-01-31T10:00:00Z",
            "'updated' is a date with a time, expected a date; write updated = 2025-01-31",
        ),
        (
            "updated = 10:00:00",
            "'updated' is a time of day, expected a date; write updated = 2026-11-24",
        ),
        ("id = 2026-11-24", "'id' is a date, expected text; write id = \"billogram\""),
        ("id = {}", "'id' is a table, expected text; write id = \"billogram\""),
        (
            "languges = []",
            "unknown key 'languges' in [site]; merge it into 'languages', or leave it out",
        ),
        ('mode = "report"', "unknown key 'mode' in [site]; move it below [policy]"),
        ('keep = "3 years"', "unknown key 'keep' in [site]; move it below [ledger]"),
        (
            "zzz = 1",
            "unknown key 'zzz' in [site]; use one of name, languages, id, version, "
            "updated, consent_days, refusal_days, granularity, catalogs, shares_host, "
            "accepted",
        ),
    ],
)
def test_a_key_of_the_site_that_is_wrong(line: str, problem: str) -> None:
    assert problems(f"{line}\n{REST}", top=SITE) == [f"1: {problem}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name = ""', ["2: 'name' is blank; write the text"]),
        (
            "name = 3",
            ["2: 'name' is a whole number, expected text; write name = \"Billogram\""],
        ),
        ("nam = 'x'", ["2: unknown key 'nam' in [site]; write 'name'"]),
        ("", ["1: [site] has no 'name'; write name = \"Billogram\""]),
    ],
)
def test_the_name_of_the_site_is_required(text: str, expected: list[str]) -> None:
    assert problems(f'[site]\n{text}\nlanguages = ["en"]\n{REST}', top="") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'languages = "en"',
            "3: 'languages' is text, expected a list; write languages = [\"en\"]",
        ),
        ("languages = []", '3: \'languages\' is an empty list; write languages = ["en", "sv"]'),
        ("languages = [1]", "3: 'languages' is a whole number, expected text; write text"),
        (
            "languages = ' '",
            '3: \'languages\' is text, expected a list; write languages = ["en", "sv"]',
        ),
        ("", '1: [site] has no \'languages\'; write languages = ["en", "sv"]'),
    ],
)
def test_missing_languages_are_one_problem(line: str, expected: str) -> None:
    text = f'[site]\nname = "Shop"\n{line}\n[categories.essential]\ntitle.en = "x"\n'
    assert problems(text, top="") == [expected]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[polcy]\n", "1: unknown table 'polcy'; write [policy]"),
        ("[cookie]\n", "1: unknown table 'cookie'; write [[cookies]]"),
        (
            "[groups.a]\n",
            "1: unknown table 'groups'; merge it into [categories.<id>], or leave it out",
        ),
        ("[vendors.a]\n", "1: unknown table 'vendors'; write [services.<id>]"),
        (
            "[zzz]\n",
            "1: unknown table 'zzz'; use one of [site], [controller], [[authorities]], "
            "[policy], [ledger], [categories.<id>], [services.<id>], [[cookies]]",
        ),
        (
            "[[ledger]]\n",
            "1: 'ledger' is a list, expected a table; write [ledger] and its keys below",
        ),
        (
            "[cookies]\nname = 'a'\n",
            "1: 'cookies' is a table, expected a list; write [[cookies]] and its keys below",
        ),
        (
            "[[policy]]\n",
            "1: 'policy' is a list, expected a table; write [policy] and its keys below",
        ),
        (
            "[[services]]\n",
            "1: 'services' is a list, expected a table for each id; "
            "write [services.<id>] and its keys below",
        ),
    ],
)
def test_a_table_that_is_wrong(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_a_key_above_all_tables_belongs_below_its_table() -> None:
    assert problems(f"version = 2\n{SITE}{REST}", top="") == [
        "1: unknown table 'version'; move it below [site]"
    ]


@pytest.mark.parametrize("value", ["3", '"x"', "[]", "true"])
def test_a_value_in_place_of_a_table_is_reported(value: str) -> None:
    (problem,) = problems(f"site = {value}\n{REST}", top="")
    assert problem.startswith("1: 'site' is ")
    assert problem.endswith(", expected a table; write [site] and its keys below")


def test_missing_categories_are_one_problem() -> None:
    cookie = '[[cookies]]\nname = "a"\ncategory = "x"\n'
    hint = "add at least one, such as [categories.essential] with required = true"
    assert problems(SITE + cookie, top="") == [f"1: the file has no categories; {hint}"]
    assert problems(f"{SITE}[categories]\n{cookie}", top="") == [
        f"4: the file has no categories; {hint}"
    ]
    assert problems(f"categories = 3\n{SITE}{cookie}", top="") == [
        "1: 'categories' is a whole number, expected a table for each id; "
        "write [categories.<id>] and its keys below"
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            'title = "Essential"',
            "'title' is text, expected one text for each language; write title.en = \"Analysis\"",
        ),
        ("title.en = 3", "'title.en' is a whole number, expected text; write text"),
        (
            'survives_signal = "dnt"',
            "'survives_signal' is text, expected true or false, or a list; "
            'write survives_signal = ["dnt"]',
        ),
        ('survives_signal = ["dtn"]', "'dtn' is not a valid 'survives_signal'; write \"dnt\""),
        (
            'survives_signal = "all"',
            "'survives_signal' is text, expected true or false, or a list; write survives_signal "
            "= true",
        ),
        (
            'required = "true"',
            "'required' is text, expected true or false; write required = true",
        ),
        ('mode = "zzz"', "'zzz' is not a valid 'mode'; write \"enforce\" or \"report\""),
        (
            "mode = 1",
            '\'mode\' is a whole number, expected "enforce" or "report"; write mode = "report"',
        ),
    ],
)
def test_a_key_of_a_category_that_is_wrong(lines: str, problem: str) -> None:
    assert problems(f"[categories.b]\n{lines}\n") == [f"2: {problem}"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            "expires = 30",
            "'expires' is a whole number, expected text; write expires = \"30 days\"",
        ),
        ('expiry = "30 days"', "unknown key 'expiry' in [[cookies]]; write 'expires'"),
        ('kind = "local"', "'local' is not a valid 'kind'; write \"local_storage\""),
        (
            'kind = "zzz"',
            "'zzz' is not a valid 'kind'; write \"cookie\", \"local_storage\", "
            '"pixel" or "session_storage"',
        ),
        ('set_by = "javascript"', "'javascript' is not a valid 'set_by'; write \"script\""),
        (
            "domains = 'x.org'",
            "'domains' is text, expected a list; write domains = [\"x.org\"]",
        ),
        ("purpose.en = []", "'purpose.en' is an empty list; write text"),
        ("purpose.en = [3]", "'purpose.en' is a whole number, expected text; write text"),
        (
            "purpose.en = 3",
            "'purpose.en' is a whole number, expected text, or a list; write text, or a list",
        ),
    ],
)
def test_a_key_of_a_cookie_that_is_wrong(lines: str, problem: str) -> None:
    cookie = f'[[cookies]]\nname = "a"\ncategory = "essential"\n{lines}\n'
    assert problems(cookie) == [f"4: {problem}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[[cookies]]\n",
            [
                "1: [[cookies]] has no 'name'; write name = \"_ga\"",
                '1: this entry has no category; write category = "essential"',
            ],
        ),
        (
            "[[cookies]]\nname = []\n",
            [
                '1: this entry has no category; write category = "essential"',
                "2: 'name' is an empty list; write name = \"_ga\"",
            ],
        ),
        (
            "[[cookies]]\nname = 'a'\ncategory = 3\n",
            ["3: 'category' is a whole number, expected text; write category = \"analysis\""],
        ),
        (
            "[[cookies]]\nname = 'a'\ncategry = 'x'\n",
            [
                "3: unknown key 'categry' in [[cookies]]; write 'category'",
                "3: unknown category 'x'; write 'essential', or add [categories.x]",
            ],
        ),
        (
            "[[cookies]]\nname = ['a', 3]\ncategory = 'essential'\n",
            ["2: 'name' is a whole number, expected text; write text"],
        ),
        (
            "[[authorities]]\nurl = 'https://x.org'\n",
            ["1: [[authorities]] has no 'name'; write name = \"Integritetsskyddsmyndigheten\""],
        ),
        (
            "[services.a]\nlinks = [{ kind = 'policy' }, { url = 3, kind = 'out' }, 4]\n",
            [
                "2: [services.a] has no 'links.url'; write url = \"https://example.com/privacy\"",
                "2: 'out' is not a valid 'links.kind'; write \"opt_out\"",
                "2: 'links.url' is a whole number, expected text; "
                'write url = "https://example.com/privacy"',
                "2: 'links' is a whole number, expected a table; write a table",
            ],
        ),
        (
            "[policy]\nsignals = 3\n",
            [
                '2: \'signals\' is a whole number, expected "confirm", "default", "ignore" or '
                '"override", or a table; write signals = "override"'
            ],
        ),
        (
            "[policy]\nsignals = { dnt = 'x', gcp = 'ignore' }\n",
            [
                "2: unknown key 'gcp' in signals of [policy]; write 'gpc'",
                '2: \'x\' is not a valid \'signals.dnt\'; write "confirm", "default", "ignore" or '
                '"override"',
            ],
        ),
        (
            "[controller]\nprivacy_policy = 'https://x.org'\n",
            [
                "2: 'privacy_policy' is text, expected one text for each language; "
                'write privacy_policy.en = "https://example.com/privacy"'
            ],
        ),
        (
            "[categories.'ö x']\nzzz = 1\n",
            [
                "1: id 'ö x' is not valid; use a-z, 0-9, '_' and '-', at most "
                "64 of them, beginning with a letter or digit, such as x",
                "2: unknown key 'zzz' in [categories.'ö x']; use one of required, title, "
                "description, without, mode, consent_mode, accepted, survives_signal, floor",
            ],
        ),
    ],
)
def test_wrong_types_deeper_in_a_table(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


SCALARS = st.sampled_from(
    [
        *("x", "", "report", "dnt", "opt_out", "en", 1, 0, -1, 401, 10**30, 1.5, True, False),
        *(date(2026, 11, 24), {}, [], ["x"], ["dnt"], [1], {"en": "x"}, {"en": ["x"]}, {"en": []}),
        *({"dnt": "ignore"}, [{}], [{"kind": "policy", "url": "x"}], {"en": {}}, [[]]),
    ]
)


@given(st.data())
def test_errors_are_collected_exactly_where_msgspec_finds_one(data: st.DataObject) -> None:
    document = tomllib.loads(FULL)
    here: dict[str, object] = document
    while True:
        key = data.draw(st.sampled_from([*here, "nonsense"]))
        inner = here.get(key)
        if isinstance(inner, list) and isinstance(inner[0], dict):
            inner = inner[0]
        if isinstance(inner, dict) and data.draw(st.booleans()):
            here = inner
        else:
            break
    here[key] = data.draw(SCALARS)
    if data.draw(st.booleans()):
        del here[key]
    found = ProblemList()
    collect_errors(document, found)
    fits = True
    try:
        msgspec.convert(document, File, builtin_types=(date,))
    except msgspec.ValidationError:
        fits = False
    assert fits == (not found.found)
