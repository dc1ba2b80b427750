"""There is no default-on and no "legitimate interest", and the loader says why."""

import pytest

from cookiegate.registry import Registry, RegistryError
from cookiegate.registry.validation.consent_defaults import consent_hint
from tests.registry.texts import TOP, problems

CATEGORY = ("categories", "analysis", "x")


@pytest.mark.parametrize(
    "word",
    [
        "default",
        "default_on",
        "default-on",
        "defaultOn",
        "enabled",
        "preselected",
        "on",
        "Implied",
        "opt_out",
        "opt-out",
        "pre_ticked",
        "granted",
        "on_by_default",
        "enabledByDefault",
        "default_consent",
        "DEFAULT_GRANTED",
        "initially_on",
        "opted_in",
        "always-on",
        "implicit",
        "assume_consent",
    ],
)
def test_a_switch_that_is_on_by_default_is_explained(word: str) -> None:
    reason = consent_hint(word, CATEGORY)
    assert reason is not None
    assert "recital 32" in reason
    assert "C-673/17" in reason


@pytest.mark.parametrize(
    "word",
    [
        "legitimate_interest",
        "Legitimate interests",
        "legitimateInterest",
        "legint",
        "berechtigtes_interesse",
    ],
)
def test_legitimate_interest_is_not_a_legal_basis(word: str) -> None:
    reason = consent_hint(word, ("cookies", 3, "x"))
    assert reason is not None
    assert "art. 5(3)" in reason
    assert "C-673/17" in reason


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("title", CATEGORY),
        ("x" * 1000 + "legitimate interest", CATEGORY),
        (True, CATEGORY),
        ("default", ("policy", "signals", "dnt")),
        ("enabled", ("categories", "enabled")),
        ("default", ("site", "default")),
        ("enabled", ("policy", "lifetime")),
        ("default_language", ("site", "default_language")),
        ("opt_out", ("services", "counter", "opt_out")),
    ],
)
def test_other_words_are_ordinary(word: object, path: tuple[str | int, ...]) -> None:
    assert consent_hint(word, path) is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("default = true", "unknown key 'default' in [categories.b]"),
        ("preselected = false", "unknown key 'preselected' in [categories.b]"),
        ('consent = "opt-out"', "unknown key 'consent' in [categories.b]"),
        ('mode = "opt_out"', "'opt_out' is not a valid 'mode'"),
        ('required = "default_on"', "'required' is text, expected true or false"),
    ],
)
def test_a_category_that_is_on_by_default_is_an_error_with_the_reason(line: str, what: str) -> None:
    assert problems(f"[categories.b]\n{line}\n") == [
        f"2: {what}; leave it out: nothing is ever on by default, because silence, a ticked box "
        "or doing nothing is not consent (GDPR recital 32; CJEU C-673/17, Planet49)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        'default = "granted"\n',
        "[policy]\ndefault_on = true\n",
        "[policy]\ndefault = true\n",
        '[defaults]\nanalysis = "on"\n',
        '[policy]\nmode = "opt_out"\n',
        "[site2]\n[policy]\npreselected = true\n",
    ],
)
def test_a_default_in_another_table_is_an_error_with_the_reason(text: str) -> None:
    # At the top, before any table.
    with pytest.raises(RegistryError, match="recital 32"):
        Registry.parse(text + TOP if "[" not in text else TOP + text)


@pytest.mark.parametrize("table", ["[[cookies]]\nname = 'a'", "[services.a]"])
def test_legitimate_interest_is_not_suggested_as_a_category(table: str) -> None:
    (problem,) = problems(f"{table}\ncategory = 'legitimate_interest'\n")
    assert "add [categories" not in problem
    assert "is not a legal basis" in problem


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            '[categories.b]\nrequired = "legitimate_interest"\n',
            "2: 'required' is text, expected true or false",
        ),
        (
            '[categories.b]\nlegal_basis = "Legitimate interest"\n',
            "2: unknown key 'legal_basis' in [categories.b]",
        ),
        (
            "[categories.b]\nlegitimate_interest = true\n",
            "2: unknown key 'legitimate_interest' in [categories.b]",
        ),
        (
            "[categories.legitimate_interest]\n",
            "1: id 'legitimate_interest' is not a legal basis for a cookie",
        ),
    ],
)
def test_legitimate_interest_is_explained_in_every_position(text: str, what: str) -> None:
    (problem,) = problems(text)
    assert problem == (
        f"{what}; leave it out: 'legitimate interest' is not a legal basis for a cookie; either "
        "the visitor asked for what needs it (required = true), or consent is needed "
        "(ePrivacy directive art. 5(3); GDPR recital 32; CJEU C-673/17, Planet49)"
    )
