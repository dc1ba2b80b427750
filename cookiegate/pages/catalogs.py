"""The catalogues of Cookiegate's texts: `python -m cookiegate.pages.catalogs [--check]`.

It collects the texts from modules and templates, updates each language's catalogue and compiles it.
With --check it writes nothing: the exit code is 1 if a catalogue is out of date or lacks a text.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from .i18n import LOCALES

__all__ = ["languages", "main", "missing", "sentences"]

# Babel writes the time into each catalogue; a fixed one makes the result reproducible.
_DAY: Final = datetime(2026, 11, 25, tzinfo=UTC)
_PACKAGE: Final = Path(__file__).parents[1]
_TEMPLATES: Final = "pages/templates/**"
_METHODS: Final = [
    ("pages/**.py", "python"),
    ("registry/builtin.py", "python"),
    (_TEMPLATES, "jinja2"),
]
_OPTIONS: Final = {_TEMPLATES: {"trim_blocks": "true", "lstrip_blocks": "true"}}
_KEYWORDS: Final = {"_": None, "gettext": None, "gettext_noop": None, "ngettext": (1, 2)}


def languages(folder: Path = LOCALES) -> list[str]:
    """Return the languages that have a catalogue; English needs none."""
    return sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/cookiegate.po"))


def sentences() -> Catalog:
    """Return all texts, untranslated."""
    catalogue = Catalog(project="Cookiegate", charset="utf-8")
    found = extract_from_dir(
        _PACKAGE, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    )
    for _file, _line, message, _comments, context in found:
        catalogue.add(message, context=context)
    return catalogue


def missing(language: str, folder: Path = LOCALES) -> list[str]:
    """Return the texts that a language's catalogue lacks, or translates by a guess only."""
    done = {
        _key(message)
        for message in _read(language, folder)
        if all(_strings(message)) and not message.fuzzy
    }
    return [_key(message) for message in filter(_key, sentences()) if _key(message) not in done]


def main(arguments: list[str], folder: Path = LOCALES) -> int:
    """Update the catalogues, or check them; return the exit code."""
    problems = []
    for language in languages(folder):
        catalogue = _updated(language, folder)
        po, mo = _paths(language, folder)
        if arguments != ["--check"]:
            with po.open("wb") as file:
                write_po(file, catalogue, no_location=True, width=100, sort_output=True)
            with mo.open("wb") as file:
                write_mo(file, catalogue)
        elif _messages(catalogue) != _messages(_read(language, folder)):
            problems.append(f"{language}: the catalogue is not up to date")
        else:
            with mo.open("rb") as file:
                if _messages(catalogue) != _messages(read_mo(file)):
                    problems.append(f"{language}: the compiled catalogue is not up to date")
        problems += [
            f"{language}: {text!r} is not translated" for text in missing(language, folder)
        ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _updated(language: str, folder: Path) -> Catalog:
    old = _read(language, folder)
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
    for message in filter(_key, sentences()):
        known = old.get(_key(message))
        catalogue.add(message.id, known.string if known else None)
    return catalogue


def _key(message: Message) -> str:
    # The catalogue's header has an empty one.
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def _messages(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    # Without the header: Babel writes its own version into it.
    return {_key(message): _strings(message) for message in catalogue if _key(message)}


def _paths(language: str, folder: Path) -> tuple[Path, Path]:
    parent = folder / language / "LC_MESSAGES"
    return parent / "cookiegate.po", parent / "cookiegate.mo"


def _read(language: str, folder: Path) -> Catalog:
    with _paths(language, folder)[0].open("rb") as file:
        return read_po(file, locale=language)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
