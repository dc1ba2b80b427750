"""The catalogues of our own sentences: `python -m cookiegate.pages.catalogs [--check]`.

Collects the sentences from the modules and templates, brings each language's catalogue up to date,
and compiles it. With --check nothing is written: the exit code is 1 where something would change,
or where a language lacks a sentence.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from .i18n import LOCALES

__all__ = ["languages", "main", "missing", "sentences"]

# Babel writes the time into each catalogue: then no two runs would be alike.
_DAY: Final = datetime(2026, 11, 25, tzinfo=UTC)
_HERE: Final = Path(__file__).parent
_METHODS: Final = [("**.py", "python"), ("templates/**", "jinja2")]
_KEYWORDS: Final = {"_": None, "gettext": None, "marked": None, "ngettext": (1, 2)}
_OPTIONS: Final = {"templates/**": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def languages() -> list[str]:
    """The languages that have a catalogue, beside English."""
    return sorted(path.parts[-3] for path in LOCALES.glob("*/LC_MESSAGES/cookiegate.po"))


def sentences() -> Catalog:
    """All sentences, untranslated."""
    catalogue = Catalog(project="Cookiegate", charset="utf-8")
    found = extract_from_dir(_HERE, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS)
    for _file, _line, message, _comments, context in found:
        catalogue.add(message, context=context)
    return catalogue


def missing(language: str) -> list[str]:
    """The sentences that a language's catalogue lacks, or has for a guess only."""
    catalogue = _read(language)
    lacking = []
    for message in sentences():
        if message.id:
            id = _key(message.id)
            found = catalogue.get(id)
            strings = [] if found is None else found.string
            done = strings if isinstance(strings, tuple | list) else [strings]
            if not done or not all(done) or (found is not None and found.fuzzy):
                lacking.append(id)
    return lacking


def main(arguments: list[str]) -> int:
    """Bring the catalogues up to date, or see whether they are; return the exit code."""
    check = arguments == ["--check"]
    code = 0
    for language in languages():
        catalogue = _wanted(language)
        folder = LOCALES / language / "LC_MESSAGES"
        if not check:
            with (folder / "cookiegate.po").open("wb") as file:
                write_po(file, catalogue, no_location=True, width=100, sort_output=True)
            with (folder / "cookiegate.mo").open("wb") as file:
                write_mo(file, catalogue)
        elif _messages(catalogue) != _messages(_read(language)):
            print(f"{language}: the catalogue is not up to date", file=sys.stderr)
            code = 1
        elif _messages(catalogue) != _messages(_compiled(language)):
            print(f"{language}: the compiled catalogue is not up to date", file=sys.stderr)
            code = 1
        for sentence in missing(language):
            print(f"{language}: {sentence!r} is not translated", file=sys.stderr)
            code = 1
    return code


def _wanted(language: str) -> Catalog:
    old = _read(language)
    name = old.locale.english_name if old.locale else language
    catalogue = Catalog(
        locale=language,
        project="Cookiegate",
        version="1",
        header_comment=f"# Cookiegate in {name}.",
        creation_date=_DAY,
        revision_date=_DAY,
        msgid_bugs_address="the Cookiegate authors",
        last_translator="the Cookiegate authors",
        language_team=language,
        charset="utf-8",
        fuzzy=False,
    )
    for message in sentences():
        if message.id:
            known = old.get(_key(message.id))
            catalogue.add(message.id, known.string if known else None)
    return catalogue


def _key(id: str | tuple[str, ...] | list[str]) -> str:
    return id if isinstance(id, str) else id[0]


def _messages(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    # What counts: not the header, in which Babel names its own version.
    found = {}
    for message in catalogue:
        if message.id:
            string = message.string
            strings = (string,) if isinstance(string, str) else tuple(string or ())
            found[_key(message.id)] = strings
    return found


def _compiled(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "cookiegate.mo").open("rb") as file:
        return read_mo(file)


def _read(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "cookiegate.po").open("rb") as file:
        return read_po(file, locale=language)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
