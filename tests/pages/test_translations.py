"""A site's own catalogues: where they are, what they must have, and what a mistake means."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from hypothesis import example, given
from hypothesis import strategies as st

from cookiegate.pages.i18n import Texts
from cookiegate.pages.translations import (
    Finding,
    catalog_path,
    examine,
    locale_of,
    message_id,
    read_catalog,
    shipped_languages,
    to_translate,
)
from cookiegate.registry.errors import InvalidValueError, UnknownLanguageError
from cookiegate.registry.forms import LANGUAGE_FORM
from tests.pages.catalogue_files import bracketed, write_catalog

Translate = Callable[[Message], str | tuple[str, ...] | None]


def only(**translations: str) -> Translate:
    """Translate single sentences, by their first word, and no other."""

    def translate(message: Message) -> str | tuple[str, ...] | None:
        return translations.get(message_id(message).partition(" ")[0])

    return translate


def all_but(sentence: str, string: str | None = None) -> Translate:
    """Translate all sentences, and one of them by this text."""
    return lambda message: string if message.id == sentence else bracketed(message)


def findings(folder: Path, language: str) -> list[tuple[str, str]]:
    return [(one.kind, one.sentence) for one in examine(language, folder)]


@pytest.mark.parametrize("language", shipped_languages())
def test_a_shipped_language_needs_no_catalogue(tmp_path: Path, language: str) -> None:
    assert examine(language, tmp_path) == examine(language, None) == []
    assert Texts(language).gettext("Accept all")


def test_a_catalogue_adds_a_language(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "eo")
    assert path == tmp_path / "eo" / "LC_MESSAGES" / "cookiegate.po"
    texts = Texts("eo", tmp_path)
    assert texts.gettext("Accept all") == "[Accept all]"
    assert texts.gettext("Version %(version)s.", version="2") == "[Version 2.]"
    assert findings(tmp_path, "eo") == []


@pytest.mark.parametrize(("language", "rest"), [("sv", "Språk"), ("en", "Language")])
def test_a_catalogue_replaces_single_sentences_of_a_shipped_language(
    tmp_path: Path, language: str, rest: str
) -> None:
    write_catalog(tmp_path, language, only(Settings="Val"))
    texts = Texts(language, tmp_path)
    assert (texts.gettext("Settings"), texts.gettext("Language")) == ("Val", rest)
    assert findings(tmp_path, language) == []


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("pt-BR", "pt_BR"),
        ("pt-BR", "pt-BR"),
        ("pt-BR", "pt"),
        ("pt-br", "pt_BR"),
        ("pt-AO", "pt_PT"),
        ("zh-Hant", "zh_Hant"),
        ("zh-TW", "zh_TW"),
        ("zh-TW", "zh_Hant"),
        ("zh-Hans", "zh"),
        ("sr-Latn-RS", "sr_Latn"),
        ("es-MX", "es_419"),
    ],
)
def test_a_region_has_the_sentences_of_its_language(
    tmp_path: Path, language: str, written: str
) -> None:
    path = write_catalog(tmp_path, written.replace("_", "-"), all_but(""))
    path.parents[1].rename(tmp_path / written)
    assert Texts(language, tmp_path).gettext("Language") == "[Language]"


@pytest.mark.parametrize(("language", "other"), [("zh-Hant", "zh"), ("sr-Latn", "sr")])
def test_a_language_in_another_script_is_another_language(
    tmp_path: Path, language: str, other: str
) -> None:
    write_catalog(tmp_path, other, all_but(""))
    with pytest.raises(InvalidValueError, match="the pages have no sentences in language"):
        Texts(language, tmp_path)


def test_the_most_specific_catalogue_comes_first(tmp_path: Path) -> None:
    write_catalog(tmp_path, "pt")
    write_catalog(tmp_path, "pt-BR", only(Settings="Ajustes"))
    texts = Texts("pt-BR", tmp_path)
    assert (texts.gettext("Settings"), texts.gettext("Name")) == ("Ajustes", "[Name]")
    assert Texts("pt", tmp_path).gettext("Settings") == "[Settings]"
    assert findings(tmp_path, "pt-BR") == []
    assert catalog_path(tmp_path, "pt-br") == tmp_path / "pt_BR" / "LC_MESSAGES" / "cookiegate.po"


@pytest.mark.parametrize("folder", [None, Path("nowhere")])
def test_a_language_without_a_catalogue_is_an_error_with_the_way_out(folder: Path | None) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Texts("eo", folder)
    assert str(caught.value).startswith("the pages have no sentences in language 'eo'; ")
    assert "cookiegate texts extract eo" in caught.value.hint
    assert ('catalogs = "locale"' in caught.value.hint) is (folder is None)
    with pytest.raises(InvalidValueError):
        examine("eo", folder)


@pytest.mark.parametrize(
    ("language", "meant"),
    [("xx", "en"), ("pt-XX", "pt"), ("und", "en-US"), ("iw", "he-IL"), ("zh-cmn", "zh")],
)
def test_an_unknown_language_is_an_error_that_names_a_known_one(language: str, meant: str) -> None:
    with pytest.raises(UnknownLanguageError) as caught:
        Texts(language)
    assert caught.value.hint == f'write a code that it has, such as "{meant}"'


def test_a_catalogue_that_lacks_sentences_is_an_error(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "eo", only())
    with pytest.raises(InvalidValueError) as caught:
        Texts("eo", tmp_path)
    assert " and " in caught.value.what
    assert caught.value.hint == "to see all, run: cookiegate texts check eo"
    write_catalog(tmp_path, "eo", all_but("Language"))
    (found,) = examine("eo", tmp_path)
    line = path.read_text().splitlines().index('msgid "Language"') + 1
    assert found == Finding(kind="missing", sentence="Language", path=path, line=line)
    with pytest.raises(InvalidValueError, match=r"translation of 'Language'; to see all"):
        Texts("eo", tmp_path)


def test_a_sentence_that_is_not_in_the_file_is_missing(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "eo")
    text = path.read_text()
    path.write_text(text.replace('msgid "Language"', 'msgid "Tongue"'))
    unknown, missing = sorted(examine("eo", tmp_path), key=lambda one: one.kind, reverse=True)
    assert (unknown.kind, unknown.sentence) == ("unknown", "Tongue")
    assert (missing.kind, missing.sentence, missing.line) == ("missing", "Language", 0)


def test_an_unknown_sentence_alone_is_no_error(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "eo")
    path.write_text(path.read_text() + '\nmsgid "Tongue"\nmsgstr "[Tongue]"\n')
    assert findings(tmp_path, "eo") == [("unknown", "Tongue")]
    assert Texts("eo", tmp_path).gettext("Name") == "[Name]"


@pytest.mark.parametrize(
    ("sentence", "string"),
    [
        ("Version %(version)s.", "[%(versio)s]"),
        ("Version %(version)s.", "[no number]"),
        ("Version %(version)s.", "[%(version)s] 100 %"),
        ("Version %(version)s.", "[%(version)s %(day)s]"),
        ("Version %(version)s.", "[%%(version)s]"),
        ("Content from {host} is shown here once you allow {category}.", "[{host} {Category}]"),
    ],
)
@pytest.mark.parametrize("language", ["eo", "sv"])
def test_other_placeholders_are_an_error_also_in_a_shipped_language(
    tmp_path: Path, language: str, sentence: str, string: str
) -> None:
    write_catalog(tmp_path, language, all_but(sentence, string))
    assert findings(tmp_path, language) == [("placeholders", sentence)]
    with pytest.raises(InvalidValueError, match="lacks a usable translation of"):
        Texts(language, tmp_path)


def test_a_percent_sign_is_a_letter_where_nothing_is_inserted(tmp_path: Path) -> None:
    write_catalog(tmp_path, "eo", all_but("Name", "100 % [Name] %"))
    assert Texts("eo", tmp_path).gettext("Name") == "100 % [Name] %"


def test_a_plural_needs_all_its_forms_and_one_of_them_may_leave_the_number_out(
    tmp_path: Path,
) -> None:
    def translate(message: Message) -> str | tuple[str, ...] | None:
        return forms if message.pluralizable else bracketed(message)

    forms = ("one", "%(number)s things")
    write_catalog(tmp_path, "eo", translate)
    texts = Texts("eo", tmp_path)
    (plural, *_) = [one.id for one in to_translate("eo", tmp_path / "none") if one.pluralizable]
    assert [texts.ngettext(plural[0], plural[1], count) for count in (1, 2)] == ["one", "2 things"]
    forms = ("%(number)s thing", "")
    write_catalog(tmp_path, "eo", translate)
    assert {kind for kind, _ in findings(tmp_path, "eo")} == {"missing"}


def test_a_fuzzy_translation_is_not_used(tmp_path: Path) -> None:
    def fuzzy(message: Message) -> str | tuple[str, ...] | None:
        if message.id == "Language":
            message.flags.add("fuzzy")
        return bracketed(message)

    write_catalog(tmp_path, "eo", fuzzy)
    assert findings(tmp_path, "eo") == [("fuzzy", "Language")]
    with pytest.raises(InvalidValueError, match="'Language'"):
        Texts("eo", tmp_path)
    write_catalog(tmp_path, "sv", fuzzy)
    assert findings(tmp_path, "sv") == [("fuzzy", "Language")]
    assert Texts("sv", tmp_path).gettext("Language") == "Språk"


def test_a_file_to_translate_keeps_what_is_translated_and_marks_guesses(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "eo")
    path.write_text(path.read_text().replace('msgid "Language"', 'msgid "Language:"'))
    catalog = to_translate("eo", path)
    name, language = catalog.get("Name"), catalog.get("Language")
    assert name is not None
    assert (name.string, name.fuzzy) == ("[Name]", False)
    assert language is not None
    assert (language.string, language.fuzzy) == ("[Language]", True)
    write_catalog(tmp_path, "eo", lambda message: None)
    again = path.read_bytes()
    write_catalog(tmp_path, "eo", lambda message: None)
    assert path.read_bytes() == again


def test_a_file_to_translate_shows_what_cookiegate_says_in_that_language(tmp_path: Path) -> None:
    catalog = to_translate("sv", tmp_path / "none.po")
    message = catalog.get("Language")
    assert message is not None
    assert (message.string, message.auto_comments[-1]) == ("", "Cookiegate: Språk")


@pytest.mark.parametrize(
    "forms",
    [
        *("nplurals=2; plural=n;", "nplurals=2; plural=1/(n-5);", "nplurals=x; plural=0;"),
        *("nplurals=1; plural=import os;", "nplurals=0; plural=0;", "nplurals=2; plural=5-n;"),
    ],
)
def test_a_broken_rule_of_plurals_is_an_error(tmp_path: Path, forms: str) -> None:
    path = write_catalog(tmp_path, "eo")
    path.write_text(path.read_text().replace("nplurals=2; plural=(n != 1);", forms))
    with pytest.raises(InvalidValueError, match="is not a valid gettext catalogue"):
        Texts("eo", tmp_path)


@pytest.mark.parametrize("charset", ["nonsense", "ascii"])
def test_a_catalogue_without_sentences_is_read_whatever_its_header_says(
    tmp_path: Path, charset: str
) -> None:
    path = catalog_path(tmp_path, "sv")
    path.parent.mkdir(parents=True)
    fields = ("Last-Translator: Åsa", f"Content-Type: text/plain; charset={charset}")
    path.write_text('msgid ""\nmsgstr ""\n' + "".join(f'"{field}\\n"\n' for field in fields))
    assert Texts("sv", tmp_path).gettext("Language") == "Språk"


def test_a_catalogue_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "eo")
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(InvalidValueError, match="cannot be read: "):
        read_catalog(path, locale_of("eo"))


@given(st.binary(max_size=200), st.booleans())
@example(b'msgid ""\nmsgstr "Content-Type: text/plain; charset=nonsense\\n"\n', False)
@example(b'msgid ""\nmsgstr "Language: \xc3\xa4\\n"\n', False)
@example(b'msgid "a\n', False)
@example(b"\xff", True)
def test_whatever_a_catalogue_contains_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, has_start: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.po"
    path.write_bytes((b'msgid ""\nmsgstr ""\n"' if has_start else b"") + content)
    with suppress(InvalidValueError):
        assert read_catalog(path, locale_of("eo")).num_plurals > 0


@given(st.from_regex(LANGUAGE_FORM, fullmatch=True))
@example("nb")
@example("en-001")
@example("no")
@example("a-b")
def test_each_language_code_has_texts_or_an_error_that_says_what_to_write(language: str) -> None:
    with suppress(InvalidValueError):
        texts = Texts(language)
        assert texts.direction in ("ltr", "rtl")
        assert texts.own_name
        has_english = texts.gettext("Accept all") == "Accept all"
        assert has_english == (language.partition("-")[0] == "en")
