"""The catalogues: complete, up to date, and all that a language needs."""

import importlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import cookiegate.pages
from cookiegate import Gate, RegistryError
from cookiegate.cli.commands.policy import policy
from cookiegate.pages import Pages, catalogs
from cookiegate.pages.i18n import Texts
from cookiegate.pages.translations import LOCALES, shipped_translations
from cookiegate.registry import Lifetime, Registry
from tests.pages.catalogue_files import write_arabic, write_catalog
from tests.pages.support import TEXT, Browse, MemoryRecorder
from tests.registries import KEY

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


def test_the_catalogues_are_complete_and_up_to_date() -> None:
    assert {"da", "de", "es", "fi", "fr", "nb", "nl", "pl", "sv"} <= set(LANGUAGES)
    assert catalogs.main(["--check"]) == 0


@pytest.mark.slow
def test_a_stale_catalogue_fails_the_check_and_is_written_anew(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "sv" / "LC_MESSAGES" / "cookiegate.po"
    text = path.read_text()
    path.write_text(text.replace('msgid "Language"', 'msgid "Tongue"'))
    assert catalogs.main(["--check"], folder) == 1
    errors = capsys.readouterr().err
    assert errors == "sv: the catalogue is not up to date\nsv: missing: 'Language'\n"
    assert catalogs.main([], folder) == 1
    assert 'msgid "Tongue"' not in path.read_text()
    path.write_text(text)
    assert catalogs.main([], folder) == 0
    assert path.read_text() == text
    template = folder / "cookiegate.pot"
    template.write_text(template.read_text().replace("pages/forms.py", "pages/form.py"))
    assert catalogs.main(["--check"], folder) == 1
    template.unlink()
    assert catalogs.main(["--check"], folder) == 1
    assert "the template is not up to date\n" * 2 in capsys.readouterr().err
    assert catalogs.main([], folder) == 0
    assert catalogs.main(["--check"], folder) == 0


@pytest.fixture
def esperanto(tmp_path: Path) -> Registry:
    """A registry with a catalogue of its own; each of its sentences is in brackets."""
    write_catalog(tmp_path / "own", "eo")
    file = tmp_path / "cookiegate.toml"
    file.write_text(
        in_languages("eo", "en").replace('id = "shop"', 'id = "shop"\ncatalogs = "own"')
    )
    return Registry.load(file)


def test_a_language_needs_a_catalogue_and_nothing_else(esperanto: Registry, browse: Browse) -> None:
    builtin = (
        "[Cookie choice]",
        "[Remembers which categories of cookies you allowed or refused",
        "[Without it, this site could not remember your choice.]",
        "[Form protection]",
        "[Makes sure that the settings were sent from this site.]",
        "[only on the cookie settings page, in browsers that do not say",
    )
    browser = browse(registry=esperanto)
    assert "[Accept all]" in browser.get("/front").text
    for path, text in (("/cookies", "[Withdraw"), ("/cookies/policy", "[How you decide]")):
        browser.post("/cookies", {"answer": "all"})
        page = browser.get(path).text
        assert '<html lang="eo"' in page
        assert all(one in page for one in (text, "[Cookie settings]", *builtin))
    state = json.loads(browser.get("/cookies/api").text)
    assert state["language"] == "eo"
    assert all(one in json.dumps(state) for one in builtin)
    found = CliRunner().invoke(
        policy, ["--registry", esperanto.source, "--lang", "eo", "--format", "fragment"]
    )
    assert found.exit_code == 0
    assert all(one in found.output for one in builtin)


def test_pages_in_arabic_are_written_from_right_to_left(tmp_path: Path, browse: Browse) -> None:
    write_arabic(tmp_path)
    text = in_languages("ar", "en").replace('id = "shop"', f'id = "shop"\ncatalogs = "{tmp_path}"')
    browser = browse(registry=Registry.parse(text))
    assert 'lang="ar" dir="rtl"' in browser.get("/front").text
    for path in ("/cookies", "/cookies/policy"):
        page = browser.get(path).text
        assert '<html lang="ar" dir="rtl">' in page
        assert ">إعدادات ملفات تعريف الارتباط<" in page
        assert '<html lang="en" dir="ltr">' in browser.get(f"{path}?lang=en").text
    texts = Texts("ar", tmp_path)
    assert [texts.duration(count, "days") for count in (0, 1, 2, 5, 22, 100)] == [
        *("0 يوم", "يوم واحد", "يومان", "5 أيام", "22 يومًا", "100 يوم")
    ]


def test_a_text_in_another_language_says_in_which(tmp_path: Path, browse: Browse) -> None:
    write_arabic(tmp_path)
    text = in_languages("ar", "en").replace('id = "shop"', f'id = "shop"\ncatalogs = "{tmp_path}"')
    text = text.replace('title = { en = "Analysis"', 'title = { ar = "\u062a", en = "Analysis"')
    text = text.replace('"Essential"', '"Essential <b>"')
    browser = browse(registry=Registry.parse(text))
    policy, settings = (browser.get(path).text for path in ("/cookies/policy", "/cookies"))
    english = '<span lang="en" dir="ltr">{}</span>'
    for one in ("Essential &lt;b&gt;", "Counts.", "Sums.", "On each page.", "Counter"):
        assert english.format(one) in policy
        assert english.format(one) in settings
    for one in ("Counts &lt;b&gt;visits&lt;/b&gt;.", "Nothing.", "You could not log in."):
        assert english.format(one) in policy
    banner = browser.get("/front").text
    assert english.format("Functional") not in banner  # it has no entry
    assert english.format("Counts &lt;b&gt;visits&lt;/b&gt;.") in banner
    assert "<strong>\u062a</strong>" in banner
    assert "<span lang=" not in browser.get("/cookies/policy?lang=en").text
    browser.gate.replace(
        Registry.parse(
            text.replace('"ar", "en"', '"ar", "xx", "en"').replace(
                'without.en = "Nothing."', 'without.xx = "Nothing."'
            )
        )
    )
    assert '<span lang="xx" dir="auto">Nothing.</span>' in browser.get("/cookies/policy").text


def test_pages_refuse_each_language_without_sentences_when_they_are_made() -> None:
    loaded = Registry.parse(in_languages("en", "eo", "xx"), source="shop.toml")
    with pytest.raises(RegistryError) as caught:
        Pages(Gate(loaded, KEY))
    first, second = str(caught.value).splitlines()
    assert first.startswith("shop.toml: the pages have no sentences in language 'eo'; ")
    assert second.startswith("shop.toml: there are no dates and durations for language 'xx'")


def test_a_new_registry_adds_only_languages_that_have_sentences(browse: Browse) -> None:
    errors: list[Exception] = []
    browser = browse(registry=Registry.parse(in_languages("en")), on_error=errors.append)
    assert browser.get("/cookies").status == 200
    browser.gate.replace(Registry.parse(in_languages("eo", "sv", "en")))
    page = browser.get("/cookies?lang=eo").text
    assert '<html lang="sv"' in page
    assert 'hreflang="eo"' not in page
    browser.get("/cookies/policy")
    (error,) = errors
    assert isinstance(error, RegistryError)
    assert "'eo'" in str(error)
    browser.gate.replace(
        Registry.parse(in_languages("eo").replace(".en", ".eo").replace("en =", "eo ="))
    )
    assert '<html lang="en"' in browser.get("/cookies").text


def test_a_catalogue_is_read_again_with_the_registry(esperanto: Registry, browse: Browse) -> None:
    browser = browse(registry=esperanto)
    assert "[Settings]" in browser.get("/front").text
    path = Path(esperanto.source).with_name("own") / "eo" / "LC_MESSAGES" / "cookiegate.po"
    path.write_text(path.read_text().replace('"[Settings]"', '"Agordoj"'))
    assert "Agordoj" not in browser.get("/front").text
    browser.gate.replace(Registry.load(esperanto.source))
    assert "Agordoj" in browser.get("/front").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_built_in_entries_are_shown_in_each_language(browse: Browse, language: str) -> None:
    text = in_languages(language, "en")
    rows = json.loads(browse(registry=Registry.parse(text)).get("/cookies/api").text)
    for row, label in zip(rows["categories"][0]["entries"], LABELS, strict=False):
        translated = Texts(language).gettext(label)
        assert (row["title"], row["title"] == label) == (translated, language == "en")
        assert row["purposes"]
        assert row["necessary"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lifetimes_are_written_out_in_the_unit_that_was_declared(language: str) -> None:
    texts = Texts(language)
    assert "730" in texts.lifetime(Lifetime(730, "days"))
    for lifetime in (None, Lifetime(None, "session"), Lifetime(None, "never")):
        assert texts.lifetime(lifetime)
    assert texts.direction == "ltr"
    assert texts.own_name[0].isupper()


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", "0 days, 1 day, 2 days, 5 days, 22 days"),
        ("sv", "0 dagar, 1 dag, 2 dagar, 5 dagar, 22 dagar"),
        ("fi", "0 päivää, 1 päivä, 2 päivää, 5 päivää, 22 päivää"),
        ("nb", "0 dager, 1 dag, 2 dager, 5 dager, 22 dager"),
        ("de", "0 Tage, 1 Tag, 2 Tage, 5 Tage, 22 Tage"),
        ("da", "0 dage, 1 dag, 2 dage, 5 dage, 22 dage"),
        ("nl", "0 dagen, 1 dag, 2 dagen, 5 dagen, 22 dagen"),
        ("fr", "0 jour, 1 jour, 2 jours, 5 jours, 22 jours"),
        ("es", "0 días, 1 día, 2 días, 5 días, 22 días"),
        ("pl", "0 dni, 1 dzień, 2 dni, 5 dni, 22 dni"),
    ],
)
def test_a_number_of_days_has_the_forms_of_the_language(language: str, forms: str) -> None:
    texts = Texts(language)
    found = ", ".join(texts.duration(count, "days") for count in (0, 1, 2, 5, 22))
    assert found.replace("\N{NO-BREAK SPACE}", " ") == forms


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "1 firma otrzymałaby dane o Tobie"),
        (2, "2 firmy otrzymałyby dane o Tobie"),
        (5, "5 firm otrzymałoby dane o Tobie"),
        (12, "12 firm otrzymałoby dane o Tobie"),
        (22, "22 firmy otrzymałyby dane o Tobie"),
    ],
)
def test_polish_has_three_forms_of_a_number_of_companies(count: int, sentence: str) -> None:
    singular = "%(number)s company would receive data about you"
    plural = "%(number)s companies would receive data about you"
    assert Texts("pl").ngettext(singular, plural, count) == sentence


def strings(language: str) -> Iterator[str]:
    """Yield the translations that are shipped for a language."""
    for translations in shipped_translations(language).values():
        yield from translations


def test_french_has_no_breakable_space_before_double_punctuation() -> None:
    text = "\n".join(strings("fr"))
    assert re.findall(r"(?m)^.*[^\N{NO-BREAK SPACE}]:.*$", text) == []
    assert re.findall(r"(?m)^.*[^\N{NARROW NO-BREAK SPACE}][;?!].*$", text) == []
    assert re.findall(r"«[^\N{NO-BREAK SPACE}]|[^\N{NO-BREAK SPACE}]»", text) == []
    assert "« " not in text


def test_spanish_questions_begin_with_their_mark() -> None:
    found = [text for text in strings("es") if "?" in text]
    assert found
    assert all(text.count("¿") == text.count("?") for text in found)


@pytest.mark.parametrize(
    ("language", "quotes"),
    [
        ("sv", "””"),
        ("fi", "””"),
        ("nb", "«»"),
        ("de", "„“"),
        ("da", "””"),
        ("nl", "“”"),
        ("fr", "«»"),
        ("es", "«»"),
        ("pl", "„”"),
    ],
)
def test_each_language_has_its_own_quotation_marks(language: str, quotes: str) -> None:
    found = "".join(char for text in strings(language) for char in text if char in "\"“”„«»'")
    assert set(found) == set(quotes)


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
        ("da", "3 years", "En registrering af dit valg opbevares i 3 år som bevis."),
        ("nl", "3 years", "Een registratie van uw keuze wordt 3 jaar als bewijs bewaard."),
        (
            "fr",
            "3 years",
            "Une trace de votre choix est conservée pendant 3 ans à titre de preuve.",
        ),
        ("es", "3 years", "Se conserva un registro de su elección durante 3 años como prueba."),
        ("pl", "3 years", "Zapis Twojego wyboru jest przechowywany jako dowód przez 3 lata."),
    ],
)
def test_the_policy_states_the_retention_of_choices_in_each_language(
    browse: Browse, language: str, keep: str, sentence: str
) -> None:
    text = TEXT.format(site="", policy=f'[ledger]\nkeep = "{keep}"')
    text = text.replace('["en", "sv"]', str(["en", *catalogs.languages()]))
    browser = browse(registry=Registry.parse(text), recorder=MemoryRecorder())
    page = browser.get(f"/cookies/policy?lang={language}").text
    assert f"<p>{sentence}</p>" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_without_the_extra_the_pages_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"needs jinja2: pip install 'cookiegate\[pages\]'"):
        importlib.reload(cookiegate.pages)
