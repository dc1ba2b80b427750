"""Five languages, complete; and which one a visitor reads."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

import cookiegate.pages
from cookiegate.pages import catalogs
from cookiegate.pages.i18n import LOCALES, texts_for
from cookiegate.pages.negotiation import accepted, pick_language
from cookiegate.registry import Lifetime, Registry
from tests.pages.asking import TEXT, Browse

KNOWN = ("sv", "en", "fi", "nb", "de")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (b"", "sv"),
        (b"de-AT,de;q=0.9,en;q=0.8", "de"),
        (b"no", "nb"),
        (b"nn-NO,en;q=0.5", "nb"),
        (b"xx,*;q=0.1", "sv"),
        (b"en;q=0, fi;q=0.2", "fi"),
        (b"EN-us", "en"),
        (b"fi;q=0.1, de;q=0.9", "de"),
        (b"\xff;q=;;,", "sv"),
        (b"de;q=nonsense, en", "en"),
        (b"de;level=1", "de"),
        (b"x" * 100_000, "sv"),
    ],
)
def test_the_browsers_preference_decides(header: bytes, language: str) -> None:
    assert pick_language(KNOWN, header=header) == language


def test_a_switch_comes_first_and_only_with_a_language_there_is() -> None:
    assert pick_language(KNOWN, asked="fi", header=b"de") == "fi"
    assert pick_language(KNOWN, asked="xx", header=b"de") == "de"
    assert pick_language(["pt-BR", "en"], header=b"pt-br") == "pt-BR"


def test_not_more_than_twenty_languages_are_looked_at() -> None:
    assert len(accepted(b",".join([b"en"] * 100))) == 20


@pytest.mark.parametrize("language", ["sv", "fi", "nb", "de"])
def test_every_sentence_is_translated(language: str) -> None:
    assert catalogs.missing(language) == []


def test_the_catalogues_are_up_to_date() -> None:
    assert catalogs.languages() == ["de", "fi", "nb", "sv"]
    assert catalogs.main(["--check"]) == 0


def test_a_stale_catalogue_fails_the_check_and_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(LOCALES, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(catalogs, "LOCALES", tmp_path)
    path = tmp_path / "sv" / "LC_MESSAGES" / "cookiegate.po"
    text = path.read_text()
    path.write_text(text.replace('msgstr "Språk"', 'msgstr "Tunga"'))
    assert catalogs.main(["--check"]) == 1
    assert catalogs.main([]) == 0
    assert catalogs.main(["--check"]) == 0
    path.write_text(text.replace('msgid "Language"', 'msgid "Tongue"'))
    assert catalogs.main(["--check"]) == 1
    assert "Language" in catalogs.missing("sv")
    assert catalogs.main([]) == 1


@pytest.mark.parametrize("language", ["en", *KNOWN])
def test_lifetimes_are_written_out_in_the_unit_that_was_declared(language: str) -> None:
    texts = texts_for(language)
    assert "730" in texts.lifetime(Lifetime(730, "days"))
    for lifetime in (None, Lifetime(None, "session"), Lifetime(None, "never")):
        assert texts.lifetime(lifetime)
    assert texts.direction == "ltr"
    assert texts.own_name[0].isupper()


@pytest.mark.parametrize(
    ("language", "keep", "sentence"),
    [
        (
            "en",
            "1 year",
            "A record of your choice, without your name or address, is kept for 1 year as proof.",
        ),
        (
            "sv",
            "1 month",
            "En uppgift om ditt val, utan ditt namn eller din adress, sparas i 1 månad som bevis.",
        ),
        (
            "sv",
            "3 years",
            "En uppgift om ditt val, utan ditt namn eller din adress, sparas i 3 år som bevis.",
        ),
        (
            "fi",
            "1 year",
            "Merkintä valinnastasi säilytetään todisteena 1 vuosi; siinä ei ole nimeäsi eikä "
            "osoitettasi.",
        ),
        (
            "fi",
            "3 years",
            "Merkintä valinnastasi säilytetään todisteena 3 vuotta; siinä ei ole nimeäsi eikä "
            "osoitettasi.",
        ),
        (
            "nb",
            "24 months",
            "En registrering av valget ditt, uten navn eller adresse, oppbevares i 24 måneder som "
            "bevis.",
        ),
        (
            "de",
            "1 year",
            "Eine Aufzeichnung Ihrer Auswahl, ohne Ihren Namen und Ihre Adresse, wird 1 Jahr lang "
            "als Nachweis aufbewahrt.",
        ),
        (
            "de",
            "3 years",
            "Eine Aufzeichnung Ihrer Auswahl, ohne Ihren Namen und Ihre Adresse, wird 3 Jahre lang "
            "als Nachweis aufbewahrt.",
        ),
    ],
)
def test_how_long_a_choice_is_kept_is_said_in_each_language(
    browse: Browse, language: str, keep: str, sentence: str
) -> None:
    text = TEXT.format(site="", policy=f'[ledger]\nkeep = "{keep}"')
    text = text.replace('["en", "sv"]', '["en", "sv", "fi", "nb", "de"]')
    page = browse(registry=Registry.parse(text)).get(f"/cookies/policy?lang={language}").text
    assert f"<p>{sentence}</p>" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_without_the_extra_the_pages_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"needs jinja2: pip install 'cookiegate\[pages\]'"):
        importlib.reload(cookiegate.pages)
