"""The catalogues of Cookiegate's texts: `python -m cookiegate.pages.catalogs [--check]`.

It collects the texts from modules and templates, writes them to the template of all catalogues, and
updates the catalogue of each language.
With --check it writes nothing: the exit code is 1 if a file is out of date or a catalogue lacks a
text.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from .translations import (
    LOCALES,
    TEMPLATE,
    catalog_path,
    kind_of,
    locale_of,
    message_id,
    read_catalog,
)

__all__ = ["languages", "main", "sentences"]

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
# What a comment for translators begins with.
_TAGS: Final = ["Translators:"]


def languages(folder: Path = LOCALES) -> list[str]:
    """Return the languages that have a catalogue; English needs none."""
    found = folder.glob("*/LC_MESSAGES/cookiegate.po")
    return sorted(path.parts[-3].replace("_", "-") for path in found)


def sentences() -> Catalog:
    """Return all texts, untranslated, with the files that have them and notes for translators."""
    catalogue = Catalog(
        project="Cookiegate",
        version="1",
        header_comment="# The sentences of Cookiegate's pages.",
        creation_date=_DAY,
        revision_date=_DAY,
        msgid_bugs_address="the Cookiegate authors",
        charset="utf-8",
        fuzzy=False,
    )
    found = extract_from_dir(
        _PACKAGE,
        method_map=_METHODS,
        options_map=_OPTIONS,
        keywords=_KEYWORDS,
        comment_tags=_TAGS,
        strip_comment_tags=True,
    )
    for file, _line, message, comments, _context in found:
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments)
    for each in catalogue:
        each.locations.sort()
    return catalogue


def main(arguments: list[str], folder: Path = LOCALES) -> int:
    """Update the catalogues, or check them; return the exit code."""
    is_check = arguments == ["--check"]
    problems = []
    found = sentences()
    template = folder / TEMPLATE.name
    if not is_check:
        template.write_bytes(_rendered(found, header=True))
    elif not template.exists() or _rendered(_read(template)) != _rendered(found):
        problems.append("the template is not up to date")
    known = [message_id(message) for message in found]
    for language in languages(folder):
        path = catalog_path(folder, language)
        old = read_catalog(path, locale_of(language))
        catalogue = _updated(language, old, found)
        if not is_check:
            path.write_bytes(_rendered(catalogue, header=True))
        elif _rendered(catalogue) != _rendered(old):
            problems.append(f"{language}: the catalogue is not up to date")
        for message in filter(message_id, catalogue):
            if kind := kind_of(message, catalogue, known):
                problems.append(f"{language}: {kind}: {message_id(message)!r}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _updated(language: str, old: Catalog, found: Catalog) -> Catalog:
    catalogue = Catalog(
        locale=str(locale_of(language)),
        project="Cookiegate",
        version="1",
        header_comment=f"# Cookiegate in {locale_of(language).english_name}.",
        creation_date=_DAY,
        revision_date=_DAY,
        msgid_bugs_address="the Cookiegate authors",
        last_translator="the Cookiegate authors",
        language_team=language,
        charset="utf-8",
        fuzzy=False,
    )
    for message in filter(message_id, found):
        known = old.get(message.id)
        catalogue.add(message.id, known.string if known else None)
    return catalogue


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _rendered(catalogue: Catalog, *, header: bool = False) -> bytes:
    # Without the header for comparisons: Babel writes its own version into it.
    file = BytesIO()
    by_file = any(message.locations for message in catalogue)
    write_po(
        file,
        catalogue,
        width=100,
        omit_header=not header,
        include_lineno=False,
        sort_output=not by_file,
        sort_by_file=by_file,
    )
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
