"""`cookiegate texts extract` and `check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
from babel.messages.pofile import write_po

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import print_prose
from cookiegate.cli.errors import CommandError
from cookiegate.cli.escape import escape_control
from cookiegate.cli.files import FileKind, open_output
from cookiegate.cli.formatting import plural
from cookiegate.cli.options import json_option, load_registry, registry_option, write_json
from cookiegate.pages.translations import (
    Finding,
    FindingKind,
    catalog_path,
    catalogs_folder,
    examine,
    to_translate,
)
from cookiegate.registry import Registry
from cookiegate.registry.errors import InvalidValueError, in_toml
from cookiegate.registry.values import check_language

__all__ = ["check", "extract"]

#: The folder for a registry that names none.
_FOLDER: Final = "locale"
_KINDS: Final[dict[FindingKind, str]] = {
    "missing": "not translated",
    "fuzzy": "fuzzy, so not used",
    "placeholders": "other placeholders than the English sentence",
    "unknown": "the pages have no such sentence",
}


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate texts extract fr",
        "cookiegate texts extract pt-BR --registry cookies.toml",
    ],
)
@click.argument("language", metavar="LANG")
@registry_option
@json_option
def extract(language: str, registry: str, as_json: bool) -> None:
    """Write the sentences of the pages to a file to translate.

    LANG is a language code such as "fr" or "pt-BR". The file is a gettext catalogue in the folder
    that `[site] catalogs` names. What it translates already is kept; a sentence whose English has
    changed keeps its translation, marked fuzzy. For a language that Cookiegate has, only fill in
    what you want to say in another way.
    """
    loaded = load_registry(registry, as_json=as_json)
    folder = catalogs_folder(loaded)
    try:
        path = catalog_path(folder or Path(loaded.source).parent / _FOLDER, _valid(language))
        catalog = to_translate(language, path)
    except InvalidValueError as error:
        raise CommandError(str(error)) from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{str(path.parent)!r} cannot be made: {error.strerror}") from None
    with open_output(str(path), FileKind.CATALOG, private=False) as file:
        write_po(file, catalog, width=100, include_lineno=False)
    done = sum(bool(one.id and one.string and all(one.string)) for one in catalog)
    fuzzy = sum(one.fuzzy for one in catalog if one.id)
    if as_json:
        values = {"sentences": len(catalog), "translated": done - fuzzy, "fuzzy": fuzzy}
        write_json({"language": language, "written": str(path), **values})
        return
    click.echo(
        escape_control(
            f"Wrote {path}: {plural(len(catalog), 'sentence')}, {done - fuzzy} translated"
            + (f", {fuzzy} fuzzy." if fuzzy else ".")
        )
    )
    print_prose(["", *_next_steps(loaded, language)])


def _valid(language: str) -> str:
    try:
        return check_language(language)
    except InvalidValueError as error:
        raise click.UsageError(str(error)) from None


def _next_steps(registry: Registry, language: str) -> Iterator[str]:
    site = registry.site
    if not site.catalogs:
        yield f"Write into [site] of {registry.source}: catalogs = {in_toml(_FOLDER)}"
    if language not in site.languages:
        languages = in_toml([*site.languages, language])
        yield f"Write into [site] of {registry.source}: languages = {languages}"
    yield f"Fill in the file, then run: cookiegate texts check {language}"


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate texts check",
        "cookiegate texts check fr",
    ],
)
@click.argument("languages", nargs=-1, metavar="[LANG]...")
@registry_option
@json_option
def check(languages: Sequence[str], registry: str, as_json: bool) -> None:
    """Find what the translations of the pages lack.

    LANG is a language code. The default is all languages of the registry. A translation must have
    the same placeholders as the English sentence; a fuzzy one is not used.

    The exit code is 1 if there is a finding.
    """
    loaded = load_registry(registry, as_json=as_json)
    folder = catalogs_folder(loaded)
    checked = [_check(_valid(language), folder) for language in languages or loaded.site.languages]
    if as_json:
        write_json({"languages": checked})
    else:
        for one in checked:
            _print(one)
    if any(one["error"] or one["findings"] for one in checked):
        raise click.exceptions.Exit(1)


def _check(language: str, folder: Path | None) -> dict[str, Any]:
    error: InvalidValueError | None = None
    findings: list[Finding] = []
    try:
        findings = examine(language, folder)
    except InvalidValueError as raised:
        error = raised
    return {
        "language": language,
        "error": error and {"what": error.what, "hint": error.hint},
        "findings": [
            {"file": str(one.path), "line": one.line, "kind": one.kind, "sentence": one.sentence}
            for one in findings
        ],
    }


def _print(checked: dict[str, Any]) -> None:
    language, error, findings = checked["language"], checked["error"], checked["findings"]
    for one in findings:
        place = f"{one['file']}:{one['line']}" if one["line"] else one["file"]
        click.echo(escape_control(f"{place}: {_KINDS[one['kind']]}: {one['sentence']!r}"))
    if error:
        summary = f"{error['what']}; {error['hint']}"
    else:
        counts = Counter(one["kind"] for one in findings)
        parts = [f"{count} {kind}" for kind, count in counts.items()]
        summary = ", ".join(parts) or "complete"
    click.echo(escape_control(f"{language}: {summary}"))
