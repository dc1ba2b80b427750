"""The catalogues: complete, up to date, and all that a language needs."""

import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner

import cookiegate.pages
from cookiegate.cli.commands.policy import policy
from cookiegate.pages import catalogs, i18n
from cookiegate.pages.i18n import LOCALES, texts_for
from cookiegate.registry import Lifetime, Registry
from tests.pages.support import TEXT, Browse

LANGUAGES = ["en", *catalogs.languages()]
LABELS = ("Cookie choice", "Form protection")


def in_languages(*languages: str) -> str:
    """A registry in these languages; English is one of them, since its texts are English."""
    codes = ", ".join(f'"{one}"' for one in dict.fromkeys(languages))
    text = TEXT.format(site="", policy="").replace(', sv = "Analys"', "")
    return text.replace('"en", "sv"', codes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogues."""
    shutil.copytree(LOCALES, tmp_path / "locale")
    return tmp_path / "locale"


@pytest.mark.parametrize("language", catalogs.languages())
def test_every_sentence_is_translated(language: str) -> None:
    assert catalogs.missing(language) == []


def test_the_catalogues_are_up_to_date() -> None:
    assert {"de", "fi", "nb", "sv"} <= set(LANGUAGES)
    assert catalogs.main(["--check"]) == 0


@pytest.mark.slow
def test_a_stale_catalogue_fails_the_check_and_is_written_anew(folder: Path) -> None:
    path = folder / "sv" / "LC_MESSAGES" / "cookiegate.po"
    text = path.read_text()
    path.write_text(text.replace('msgstr "Språk"', 'msgstr "Tunga"'))
    assert catalogs.main(["--check"], folder) == 1
    assert catalogs.main([], folder) == 0
    assert catalogs.main(["--check"], folder) == 0
    path.write_text(text.replace('msgid "Language"', 'msgid "Tongue"'))
    assert catalogs.main(["--check"], folder) == 1
    assert "Language" in catalogs.missing("sv", folder)
    assert catalogs.main([], folder) == 1


@pytest.fixture
def esperanto(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry in a language that has a catalogue and nothing else; each text is in brackets."""
    path = folder / "eo" / "LC_MESSAGES" / "cookiegate.po"
    path.parent.mkdir(parents=True)
    path.write_text("""msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n""")
    assert catalogs.main([], folder) == 1  # no text is translated yet
    with path.open("rb") as file:
        catalogue = read_po(file, locale="eo")
    for message in catalogue:
        if isinstance(message.id, str):
            message.string = message.id and f"[{message.id}]"
        else:
            message.string = tuple(f"[{text}]" for text in message.id)
    with path.open("wb") as file:
        write_po(file, catalogue)
    assert catalogs.main([], folder) == 0
    monkeypatch.setattr(i18n, "LOCALES", folder)
    texts_for.cache_clear()
    yield Registry.parse(in_languages("eo", "en"))
    texts_for.cache_clear()


def test_a_language_needs_a_catalogue_and_nothing_else(
    esperanto: Registry, browse: Browse, tmp_path: Path
) -> None:
    builtin = (
        "[Cookie choice]",
        "[Remembers which categories of cookies you allowed or refused",
        "[Without it, this site could not remember your choice.]",
        "[Form protection]",
        "[Makes sure that the settings were sent from this site.]",
        "[only on the cookie settings page, in browsers that do not say",
    )
    browser = browse(registry=esperanto)
    assert "[Cookies on Shop &amp; Co: your choice]" in browser.get("/front").text
    for path, text in (("/cookies", "[Withdraw"), ("/cookies/policy", "[How you decide]")):
        browser.post("/cookies", {"answer": "all"})
        page = browser.get(path).text
        assert '<html lang="eo"' in page
        assert all(one in page for one in (text, "[Cookie settings]", *builtin))
    state = json.loads(browser.get("/cookies/api").text)
    assert state["language"] == "eo"
    assert all(one in json.dumps(state) for one in builtin)
    file = tmp_path / "cookiegate.toml"
    file.write_text(in_languages("en", "eo"))
    found = CliRunner().invoke(
        policy, ["--registry", str(file), "--lang", "eo", "--format", "fragment"]
    )
    assert found.exit_code == 0
    assert all(one in found.output for one in builtin)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_built_in_entries_are_shown_in_each_language(browse: Browse, language: str) -> None:
    text = in_languages(language, "en")
    rows = json.loads(browse(registry=Registry.parse(text)).get("/cookies/api").text)
    for row, label in zip(rows["categories"][0]["entries"], LABELS, strict=False):
        translated = texts_for(language).gettext(label)
        assert (row["title"], row["title"] == label) == (translated, language == "en")
        assert row["purposes"]
        assert row["necessary"]


@pytest.mark.parametrize("language", LANGUAGES)
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
            "A record of your choice is kept for 1 year as proof.",
        ),
        (
            "sv",
            "1 month",
            "En uppgift om ditt val sparas i 1 månad som bevis.",
        ),
        (
            "sv",
            "3 years",
            "En uppgift om ditt val sparas i 3 år som bevis.",
        ),
        (
            "fi",
            "1 year",
            "Merkintä valinnastasi säilytetään todisteena 1 vuosi.",
        ),
        (
            "fi",
            "3 years",
            "Merkintä valinnastasi säilytetään todisteena 3 vuotta.",
        ),
        (
            "nb",
            "24 months",
            "En registrering av valget ditt oppbevares i 24 måneder som bevis.",
        ),
        (
            "de",
            "1 year",
            "Eine Aufzeichnung Ihrer Auswahl wird 1 Jahr lang als Nachweis aufbewahrt.",
        ),
        (
            "de",
            "3 years",
            "Eine Aufzeichnung Ihrer Auswahl wird 3 Jahre lang als Nachweis aufbewahrt.",
        ),
    ],
)
def test_the_policy_states_the_retention_of_choices_in_each_language(
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
