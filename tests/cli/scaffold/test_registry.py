"""The first registry is made of the parts of the starter that fit the project."""

from pathlib import Path
from typing import Any

import pytest

from cookiegate import Registry
from cookiegate.advice import advise
from cookiegate.cli.scaffold.registry import first_registry
from cookiegate.registry.presets import load_texts

STARTER = (Path(__file__).parents[3] / "registry" / "starter.toml").read_text("utf-8")


def make(**options: Any) -> str:
    defaults: dict[str, Any] = {
        "name": "Shop",
        "languages": ["en"],
        "frameworks": [],
        "uses": (),
        "consent_days": None,
        "refusal_days": None,
    }
    return first_registry(STARTER, **{**defaults, **options})


def test_sections_without_entries_are_left_out() -> None:
    text = make()
    assert "# ---- Sessions and logins" not in text
    assert "# ---- Load balancers" not in text
    assert "registry/starter.toml has the entries of the common ones" in text
    assert "# ---- Sessions and logins" in make(frameworks=["django"])


def test_comments_stay_aligned() -> None:
    lines = make(name="A shop with a name").splitlines()
    site = lines[lines.index("[site]") + 1 : lines.index("[site]") + 6]
    assert {line.index("# ") for line in site} == {32}


@pytest.mark.parametrize(
    ("frameworks", "uses", "expires"),
    [
        (["flask"], {"sessions"}, "session"),
        (["flask"], {"permanent"}, "31 days"),
        (["starlette"], {"sessions"}, "2 weeks"),
    ],
)
def test_a_session_lives_as_long_as_in_the_framework(
    frameworks: list[str], uses: set[str], expires: str
) -> None:
    (entry,) = Registry.parse(make(frameworks=frameworks, uses=uses)).entries
    assert str(entry.expires) == expires


@pytest.mark.parametrize(
    "languages", [*([one] for one in ("en", *load_texts())), ["sv", "en", *load_texts()]]
)
def test_a_registry_has_its_texts_in_the_languages_of_the_site(languages: list[str]) -> None:
    languages = list(dict.fromkeys(languages))
    text = make(languages=languages, frameworks=["django"], uses={"sessions", "django-allauth"})
    registry = Registry.parse(text)
    assert "to be translated" not in text
    assert not [one for one in advise(registry, text) if one.code.startswith("missing-text")]
    assert not [one for one in advise(registry, text) if one.code == "missing-language"]
    for category in registry.categories.values():
        for texts in (category.title, category.description, category.without):
            assert list(texts) == languages
    for entry in registry.entries:
        assert list(entry.purpose) == languages
    if "en" not in languages:
        assert ".en = " not in text


def test_texts_in_a_language_that_the_starter_lacks_are_to_be_translated() -> None:
    text = make(languages=["sv", "is"])
    assert "# Texts to be translated are switched off, and in English:" in text
    assert 'title.sv = "Analys"\n#title.is = "Analysis"\n' in text
