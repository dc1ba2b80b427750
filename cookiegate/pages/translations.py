"""The translations of a language: the site's own catalogues first, then those of Cookiegate.

A catalogue is a file of GNU gettext, `<folder>/<locale>/LC_MESSAGES/cookiegate.po`. It is read as
it is; nothing has to be compiled. A language needs a translation of every sentence: an error at the
start of a site is better than a page in two languages.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations, c2py
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import msgspec
from babel.core import Locale, UnknownLocaleError, get_global
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from cookiegate.registry import Registry
from cookiegate.registry.errors import InvalidValueError, UnknownLanguageError, quoted

__all__ = [
    "LOCALES",
    "TEMPLATE",
    "Finding",
    "FindingKind",
    "catalog_path",
    "catalogs_folder",
    "examine",
    "kind_of",
    "load_translations",
    "locale_of",
    "message_id",
    "parent_names",
    "read_catalog",
    "shipped_languages",
    "shipped_translations",
    "to_translate",
]

#: The folder of the shipped catalogues.
LOCALES: Final = Path(__file__).with_name("locale")
#: All sentences in English, with notes for translators.
TEMPLATE: Final = LOCALES / "cookiegate.pot"

FindingKind = Literal["missing", "fuzzy", "placeholders", "unknown"]

_FILE: Final = Path("LC_MESSAGES", "cookiegate.po")
# What a sentence inserts: "%(site)s", or "{host}" where the script inserts it.
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)s|\{\w+\}")
# The source's own language needs no catalogue.
_SOURCE: Final = "en"
# Every remainder that the plural rules of a language look at is among these numbers.
_COUNTS: Final = range(201)
# How many sentences a message quotes.
_QUOTED: Final = 3


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence that a catalogue does not translate as it should."""

    kind: FindingKind
    #: The sentence in English.
    sentence: str
    path: Path
    #: Its line in the file; 0 if it is not in the file.
    line: int


def locale_of(language: str) -> Locale:
    """
    Return the locale of a language, for its dates, numbers and durations.

    Args:
        language: A code of the registry, such as "sv" or "pt-BR".

    Raises:
        UnknownLanguageError: Unicode's CLDR does not have the language.
    """
    primary = language.partition("-")[0]
    known: Locale | None = None
    for code in (language, primary):
        try:
            known = Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        # An old code stands for another language, and "und" for English.
        if code == language and known.language == primary:
            return known
        break
    meant = str(known).replace("_", "-") if known else "en"
    what = f"there are no dates and durations for language {quoted(language)} in Unicode's CLDR"
    raise UnknownLanguageError(what, f'write a code that it has, such as "{meant}"')


def shipped_languages() -> list[str]:
    """Return the languages that Cookiegate has catalogues of, and English."""
    found = (path.name.replace("_", "-") for path in LOCALES.iterdir() if (path / _FILE).exists())
    return sorted([_SOURCE, *found])


def catalogs_folder(registry: Registry) -> Path | None:
    """Return the folder of the site's own catalogues: `[site] catalogs`, beside the registry."""
    folder = registry.site.catalogs
    return Path(registry.source).parent / folder if folder else None


def catalog_path(folder: Path, language: str) -> Path:
    """
    Return the path of a language's own catalogue, whether it exists or not.

    Raises:
        UnknownLanguageError: Unicode's CLDR does not have the language.
    """
    paths = [folder / name / _FILE for name in _own_names(language, locale_of(language))]
    return next((path for path in paths if path.exists()), paths[0])


def read_catalog(path: Path, locale: Locale) -> Catalog:
    """
    Read a catalogue.

    Raises:
        InvalidValueError: The file is not a valid catalogue.
    """
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=str(locale), abort_invalid=True)
        plural = c2py(catalog.plural_expr)
        if not all(0 <= plural(count) < catalog.num_plurals for count in _COUNTS):
            raise ValueError("Plural-Forms yields a form that nplurals does not count")
        # What is read is text: from here on, the name of the file's own encoding means nothing.
        catalog.charset = "utf-8"
    except OSError as error:
        raise InvalidValueError(
            f"{str(path)!r} cannot be read: {error.strerror}", "make it a file that can be read"
        ) from None
    except (PoFileError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise InvalidValueError(
            f"{str(path)!r} is not a valid gettext catalogue ({error})",
            "correct it in an editor for .po files, in UTF-8",
        ) from None
    return catalog


def to_translate(language: str, path: Path) -> Catalog:
    """
    Return a site's own catalogue of a language with all sentences of the pages.

    Args:
        language: A code of the registry.
        path: The catalogue, which need not exist. Its translations are kept.

    Raises:
        InvalidValueError: The language is unknown, or the catalogue is not valid.
    """
    locale = locale_of(language)
    if path.exists():
        catalog = read_catalog(path, locale)
    else:
        header = f"# The sentences of Cookiegate's pages in {locale.english_name}."
        catalog = Catalog(locale, header_comment=header, project="Cookiegate", fuzzy=False)
    catalog.update(_template())
    shipped = shipped_translations(language)
    for message in filter(message_id, catalog):
        if strings := shipped.get(message_id(message)):
            message.auto_comments.append("Cookiegate: " + " / ".join(strings))
    return catalog


def _template() -> Catalog:
    with TEMPLATE.open("rb") as file:
        return read_po(file)


@lru_cache(maxsize=1)
def _sentences() -> tuple[str, ...]:
    return tuple(message_id(message) for message in filter(message_id, _template()))


def message_id(message: Message) -> str:
    """Return the English sentence of a message, of a plural the one for 1; "" for the header."""
    return message.id if isinstance(message.id, str) else message.id[0]


def shipped_translations(language: str) -> dict[str, tuple[str, ...]]:
    """Return the translations that Cookiegate ships for a language, by the English sentence."""
    locale = locale_of(language)
    found: dict[str, tuple[str, ...]] = {}
    for path in _files(LOCALES, _names(language, locale)):
        for message in filter(message_id, read_catalog(path, locale)):
            found.setdefault(message_id(message), _strings(message))
    return found


def load_translations(language: str, folder: Path | None = None) -> NullTranslations:
    """
    Return the translations of a language; every sentence has one.

    Args:
        language: A code of the registry.
        folder: The folder of the site's own catalogues, if it has one.

    Raises:
        InvalidValueError: The language is unknown, has no catalogue, or its catalogue is not valid
            or lacks a sentence.
    """
    site = _SiteCatalogs(language, folder)
    findings = [one for one in site.findings if one.kind == "placeholders"]
    if wrong := [*(one.sentence for one in findings), *site.lacking]:
        first = ", ".join(map(quoted, wrong[:_QUOTED]))
        more = f" and {len(wrong) - _QUOTED} more" if len(wrong) > _QUOTED else ""
        raise InvalidValueError(
            f"the catalogue of language {quoted(language)} lacks a usable translation of "
            f"{first}{more}",
            f"to see all, run: cookiegate texts check {language}",
        )
    chain: list[NullTranslations] = [_compiled(catalog) for _, catalog in site.catalogs]
    if site.has_shipped:
        chain.append(_shipped(site.names))
    for fallback in chain[1:]:
        chain[0].add_fallback(fallback)
    return chain[0]


def examine(language: str, folder: Path | None) -> list[Finding]:
    """
    Return what is wrong with a site's own catalogues of a language, by file and line.

    Args:
        language: A code of the registry.
        folder: The folder of the site's own catalogues, if it has one.

    Raises:
        InvalidValueError: The language is unknown, has no catalogue, or its catalogue is not valid.
    """
    site = _SiteCatalogs(language, folder)
    found = list(site.findings)
    reported = {one.sentence for one in found}
    for sentence in site.lacking:
        if sentence not in reported:
            path, catalog = site.catalogs[0]
            message = catalog.get(sentence)
            line = (message.lineno or 0) if message else 0
            found.append(Finding(kind="missing", sentence=sentence, path=path, line=line))
    return sorted(found, key=lambda one: (str(one.path), one.line))


class _SiteCatalogs:
    """A site's own catalogues of a language, the most specific first, and what they lack."""

    def __init__(self, language: str, folder: Path | None) -> None:
        locale = locale_of(language)
        self.names: tuple[str, ...] = tuple(_names(language, locale))
        self.catalogs: list[tuple[Path, Catalog]] = [
            (path, read_catalog(path, locale))
            for path in (() if folder is None else _files(folder, self.names))
        ]
        self.has_shipped: bool = locale.language == _SOURCE or bool(_files(LOCALES, self.names))
        if not (self.catalogs or self.has_shipped):
            raise _no_catalog(language, has_folder=folder is not None)
        self.findings: list[Finding] = []
        known = _sentences() if self.catalogs else ()
        done: set[str] = set()
        for path, catalog in self.catalogs:
            for message in filter(message_id, catalog):
                kind = kind_of(message, catalog, known)
                sentence, line = message_id(message), message.lineno or 0
                if kind is None:
                    done.add(sentence)
                elif kind != "missing":
                    finding = Finding(kind=kind, sentence=sentence, path=path, line=line)
                    self.findings.append(finding)
        #: The sentences without a translation, in the order of the template.
        self.lacking: list[str] = [one for one in known if not (self.has_shipped or one in done)]


def _no_catalog(language: str, *, has_folder: bool) -> InvalidValueError:
    extract = f"cookiegate texts extract {language}"
    way = (
        f"run: {extract}"
        if has_folder
        else f'write catalogs = "locale" into [site], then run: {extract}'
    )
    return InvalidValueError(
        f"the pages have no sentences in language {quoted(language)}",
        f"to translate them, {way}; Cookiegate has {', '.join(shipped_languages())}",
    )


def kind_of(message: Message, catalog: Catalog, known: Collection[str]) -> FindingKind | None:
    """
    Return what is wrong with the translation of a message; None if nothing is.

    Args:
        message: A message of a catalogue.
        catalog: The catalogue, for its number of plural forms.
        known: All sentences that the pages have.
    """
    if message_id(message) not in known:
        return "unknown"
    strings = _strings(message)
    count = catalog.num_plurals if message.pluralizable else 1
    if len(strings) != count or not all(strings):
        return "missing"
    if message.fuzzy:
        return "fuzzy"
    return None if _has_all_placeholders(message) else "placeholders"


def _has_all_placeholders(message: Message) -> bool:
    source = message.id[-1] if message.pluralizable else message_id(message)
    names = set(_PLACEHOLDER.findall(source))
    marks = {name: f"\0{name}\0" for name in names if name.startswith("%")}
    for string in _strings(message):
        found = set(_PLACEHOLDER.findall(string))
        # "One company" may say the number in a word.
        if found != names and not (message.pluralizable and found < names):
            return False
        try:
            # "%%(site)s" looks like a placeholder, but stands for a percent sign.
            written = string % {name[2:-2]: mark for name, mark in marks.items()} if marks else ""
            if not all(marks[name] in written for name in found & marks.keys()):
                return False
        except (TypeError, ValueError):
            return False
    return True


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def _compiled(catalog: Catalog) -> GNUTranslations:
    for message in list(filter(message_id, catalog)):
        strings = _strings(message)
        if message.fuzzy or not all(strings) or not _has_all_placeholders(message):
            catalog.delete(message.id, message.context)
    file = BytesIO()
    write_mo(file, catalog)
    file.seek(0)
    return GNUTranslations(file)


@lru_cache(maxsize=64)
def _shipped(names: tuple[str, ...]) -> NullTranslations:
    # English has none.
    found = NullTranslations()
    for path in reversed(_files(LOCALES, names)):
        locale = Locale.parse(path.parts[-3])
        translations = _compiled(read_catalog(path, locale))
        translations.add_fallback(found)
        found = translations
    return found


def _files(folder: Path, names: Sequence[str]) -> list[Path]:
    return [path for name in names if (path := folder / name / _FILE).is_file()]


def _names(language: str, locale: Locale) -> list[str]:
    """Return the names of the folders in which a language may be, the most specific first."""
    name = str(locale)
    return list(dict.fromkeys([*_own_names(language, locale), name, *parent_names(name)]))


def _own_names(language: str, locale: Locale) -> list[str]:
    # "pt_BR", as gettext has it, also for "pt-br"; but "zh_TW", though it stands for "zh_Hant_TW".
    name = language.replace("-", "_")
    usual = str(locale) if str(locale).lower() == name.lower() else name
    return [usual, name, language]


def parent_names(name: str) -> Iterator[str]:
    """
    Yield the locales whose texts a locale may have, the nearest first.

    Args:
        name: Its name: "pt_AO" yields "pt_PT" and "pt"; "zh_Hant_TW" yields "zh_Hant".
    """
    parents, likely = get_global("parent_exceptions"), get_global("likely_subtags")
    while "_" in name:
        head, _, last = name.rpartition("_")
        # Another script is another way of writing: no text in traditional Chinese comes from "zh".
        is_script = len(last) == len("Hant")
        if is_script and not likely.get(head, "").startswith(name):
            return
        name = parents.get(name, head)
        yield name
