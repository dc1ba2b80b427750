"""The shipped texts of all languages: their signs, their words, and their durations."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from cookiegate.pages import catalogs
from cookiegate.pages.i18n import Texts
from cookiegate.pages.translations import LOCALES
from cookiegate.registry import Lifetime, Registry
from cookiegate.registry.presets import load_presets, load_texts
from tests.pages.support import Browse

# A site with what the pages write before a colon of their own.
FRENCH = """[site]
name = "Boutique"
languages = ["fr"]
[controller]
privacy_policy.fr = "https://boutique.example/vie"
name = "Boutique"
email = "a@boutique.example"
address = "Rue 1"
dpo = "Anne"
[[authorities]]
name = "CNIL"
country = "FR"
[categories.mesures]
title.fr = "Mesures"
description.fr = "Des visites."
[services.pub]
provider = "Pub"
category = "mesures"
links = [
  { kind = "opt_out", url = "https://pub.example/non" },
  { kind = "policy", url = "https://pub.example/vie" },
]
[[cookies]]
name = "_pub"
label.fr = "Compteur"
service = "pub"
domains = ["pub.example"]
purpose.fr = "Compte."
"""

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 24)
LANGUAGES = ("en", *catalogs.languages())
# How a language writes what is quoted; the others' signs are mistakes in it.
QUOTES = {
    "de": ("„", "“"),
    "en": ("“", "”"),
    "es": ("«", "»"),
    "fi": ("”", "”"),
    "fr": ("«", "»"),
    "nb": ("«", "»"),
    "pl": ("„", "”"),
    "sv": ("”", "”"),
}
# Words that another word of the same language stands for, everywhere.
OTHER_WORDS = {
    "de": r"kurzer Text|Ohne Ende|Immer an\b|\b(ist|bleibt) aus\b|was immer",
    "en": r"[Rr]equired|small text(?! file)|to be removed|take back|took back|anew|[Ww]ithout end",
    "fi": r"[Kk]iellon|[Tt]osit|jumiin|[Ll]yhyt teksti|Milloin:",
    "nb": r"døgn|øktkapsel|[Hh]oldt av|en liten tekst\b|Når:",
    "sv": r"dygn|återkallelse|Kak(?:policy|inst)|[Ee]ndast|en liten text\b|Anges inte|När:",
}


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "cookiegate.po").open("rb") as file:
        return read_po(file, locale=language)


def both_forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def of_registry(registry: Registry, language: str) -> Iterator[str]:
    """Yield the texts of a registry that visitors see."""
    for category in registry.categories.values():
        for texts in (category.title, category.description, category.without):
            yield texts[language]
    for service in registry.services.values():
        yield from service.purpose.get(language, ())
    for entry in registry.entries:
        yield from entry.purpose[language]
        for texts in (entry.label, entry.when, entry.necessary):
            yield texts.get(language, "")
    for authority in registry.authorities:
        yield authority.name.get(language, "") if isinstance(authority.name, Mapping) else ""


def shipped(language: str) -> list[str]:
    """Return every sentence that visitors see in a language."""
    if language == "en":
        texts = [one for message in catalogue("sv") for one in both_forms(message.id)]
    else:
        texts = [one for message in catalogue(language) for one in both_forms(message.string or "")]
    if language in ("en", *load_texts()):
        texts += of_registry(load_presets(), language)
    billogram = Registry.load(ROOT / "registry/billogram.toml")
    if language in billogram.site.languages:
        texts += of_registry(billogram, language)
    # The header of a catalogue is the translation of "".
    return [text for text in texts if text and "Project-Id-Version" not in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_an_apostrophe_or_a_quotation_mark_of_a_typewriter(language: str) -> None:
    assert len(shipped(language)) > 120
    assert [text for text in shipped(language) if "'" in text or '"' in text] == []


@pytest.mark.parametrize("language", QUOTES)
def test_quotation_marks_are_those_of_the_language(language: str) -> None:
    allowed = set(QUOTES[language])
    marks = set("“”„«»") - allowed
    assert [text for text in shipped(language) if marks.intersection(text)] == []
    first, last = QUOTES[language]
    for text in shipped(language):
        pairs = re.findall(f"[{first}{last}]", text)
        assert pairs == [first, last] * (len(pairs) // 2), text


@pytest.mark.parametrize("language", OTHER_WORDS)
def test_one_thing_has_one_word(language: str) -> None:
    assert [text for text in shipped(language) if re.search(OTHER_WORDS[language], text)] == []


@pytest.mark.parametrize("language", catalogs.languages())
def test_a_translation_ends_as_its_source(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        ends = {one[-1] for one in both_forms(message.id)}
        for text in both_forms(message.string or ""):
            last = text[-1]
            assert last in ends or not ({last} | ends) & set(".:?"), text


@pytest.mark.parametrize(
    ("language", "one", "many", "hours", "months"),
    [
        ("en", "1 day", "90 days", "1 hour", "6 months"),
        ("sv", "1 dag", "90 dagar", "1 timme", "6 månader"),
        ("da", "1 dag", "90 dage", "1 time", "6 måneder"),
        ("pl", "1 dzień", "90 dni", "1 godzina", "6 miesięcy"),
        ("fi", "1 päivä", "90 päivää", "1 tunti", "6 kuukautta"),
        ("nb", "1 dag", "90 dager", "1 time", "6 måneder"),
        ("de", "1 Tag", "90 Tage", "1 Stunde", "6 Monate"),
    ],
)
def test_a_duration_is_written_as_people_say_it(
    language: str, one: str, many: str, hours: str, months: str
) -> None:
    texts = Texts(language)
    assert texts.lifetime(Lifetime(1, "days")) == one
    assert texts.duration(90, "days") == many
    assert texts.lifetime(Lifetime(1, "hours")) == hours
    assert texts.duration(6, "months") == months


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "24 November 2026"),
        ("en-US", "November 24, 2026"),
        ("sv", "24 november 2026"),
        ("fi", "24. marraskuuta 2026"),
        ("nb", "24. november 2026"),
        ("de", "24. November 2026"),
    ],
)
def test_a_date_is_written_as_in_the_language_and_english_is_british(
    language: str, day: str
) -> None:
    texts = Texts(language)
    assert texts.day(DAY) == day
    if language == "en":
        assert (texts.listed(["a", "b", "c"]), texts.own_name) == ("a, b and c", "English")


@pytest.mark.parametrize("page", ["settings", "banner", "fragment", "md"])
def test_french_has_a_space_before_each_colon(
    browse: Browse, page: Literal["settings", "banner", "fragment", "md"]
) -> None:
    browser = browse(registry=Registry.parse(FRENCH))
    if page == "settings":
        browser.post("/cookies", {"answer": "all"})
        text = browser.post("/cookies", {"answer": "withdraw"}).text
        assert "Pub\N{NO-BREAK SPACE}:" in text
    elif page == "banner":
        text = browser.get("/").text
    else:
        text = browser.pages.policy(page)
        assert "France\N{NO-BREAK SPACE}:" in text
    seen = re.sub(r"<(style|script).*?</\1>|<[^>]+>|https?:|\|[-:|]+\|", "", text, flags=re.DOTALL)
    assert re.findall("[^\N{NO-BREAK SPACE}]{,20}(?<!\N{NO-BREAK SPACE}):", seen) == []
