"""`cookiegate init`: write a first registry for the project in the current folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import print_prose
from cookiegate.cli.escape import escape_control
from cookiegate.cli.files import FileKind, copy_broken, open_output
from cookiegate.cli.languages import language_errors
from cookiegate.cli.options import (
    DEFAULT_REGISTRY,
    json_option,
    registry_option,
    split_commas,
    write_json,
)
from cookiegate.cli.scaffold.detect import Project, detect_project
from cookiegate.cli.scaffold.registry import first_registry
from cookiegate.cli.scaffold.snippets import (
    FRAMEWORKS,
    Snippet,
    install_line,
    snippet_for,
)
from cookiegate.registry import Registry, RegistryError
from cookiegate.registry.errors import UnknownLanguageError
from cookiegate.registry.presets import load_packages
from cookiegate.registry.registry import read_source

__all__ = ["init"]

_NEXT: Final = {
    "cookiegate report": "which cookies would have been stripped, where and how often",
    "cookiegate check": "what the registry still lacks",
}
_DAYS: Final = click.IntRange(1, 400)


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate init",
        'cookiegate init --name "My shop" --language sv,en --yes',
        "cookiegate init --framework django --registry cookies.toml",
    ],
)
@click.option("--name", metavar="TEXT", help="The site's name, as visitors know it.")
@click.option(
    "--language",
    metavar="CODE",
    multiple=True,
    help="A language of the site; the first is the default. May be repeated.  [default: en]",
)
@click.option(
    "--framework",
    metavar="NAME",
    type=click.Choice(list(FRAMEWORKS)),
    multiple=True,
    help="flask, django, fastapi, starlette, quart, litestar; or asgi or wsgi for all others. "
    "May be repeated.  [default: as detected]",
)
@click.option(
    "--consent-days", metavar="DAYS", type=_DAYS, help="How long a grant is valid.  [default: 180]"
)
@click.option(
    "--refusal-days",
    metavar="DAYS",
    type=_DAYS,
    help="How long a refusal is valid.  [default: 180]",
)
@registry_option
@click.option("--force", is_flag=True, help="Replace an existing registry.")
@click.option("-y", "--yes", is_flag=True, help="Ask no questions.")
@json_option
def init(
    name: str | None,
    language: tuple[str, ...],
    framework: tuple[str, ...],
    consent_days: int | None,
    refusal_days: int | None,
    registry: str,
    force: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Write a first registry for the project in this folder, and show how to install the gate.

    The registry has the cookies of the frameworks and packages that were detected, and starts in
    report mode: nothing is stripped yet. No other file is changed. Questions are asked only on a
    terminal.
    """
    if registry.startswith("cookiegate:"):
        raise click.UsageError(f"{registry!r} is a shipped file; write --registry FILE")
    if os.path.isdir(registry):
        raise click.UsageError(f"{registry!r} is a folder; write --registry FILE")
    if not force and os.path.lexists(registry):
        raise click.UsageError(f"{registry!r} already exists; write --force to replace it")
    project = detect_project(Path())
    languages = split_commas(language)
    frameworks = framework or project.frameworks
    if not yes and not as_json and sys.stdin.isatty():
        name = name or click.prompt("The site's name", default=project.name, err=True)
        languages = languages or split_commas(
            [click.prompt("Its languages, the default first", default="en", err=True)]
        )
        if not framework and len(frameworks) != 1:
            frameworks = (_ask_framework(next(iter(frameworks), None)),)
    text = first_registry(
        read_source("cookiegate:starter").decode(),
        name=name or project.name,
        languages=languages or ["en"],
        frameworks=frameworks,
        uses=project.uses,
        consent_days=consent_days,
        refusal_days=refusal_days,
    )
    loaded = _parse(text, registry)
    untranslated = language_errors(loaded)
    for error in untranslated.values():
        if isinstance(error, UnknownLanguageError):
            raise click.UsageError(str(error))
    next_steps = _next_steps(untranslated)
    copy = copy_broken(registry) if force else None
    with open_output(registry, FileKind.REGISTRY, replace=force, private=False) as file:
        file.write(text.encode())
    snippets = [
        snippet_for(one, registry, is_default=registry == DEFAULT_REGISTRY)
        for one in frameworks or ("asgi", "wsgi")
    ]
    found = _find_packages(project, frameworks, loaded)
    if as_json:
        write_json(
            {
                "written": registry,
                "copy": copy,
                "mode": loaded.policy.mode,
                "name": loaded.site.name,
                "languages": list(loaded.site.languages),
                "frameworks": list(frameworks),
                "uses": [one.name for one in found],
                "found": {one.name: one.place for one in found},
                "entries": _names(loaded),
                "install": install_line(frameworks),
                "lines": [one._asdict() for one in snippets],
                "next": list(next_steps),
            }
        )
    else:
        if copy is not None:
            kept = f"The old {registry} could not be read; a copy of it is in {copy}."
            click.echo(escape_control(kept), err=True)
        print_prose(_prose(loaded, frameworks, found, snippets, next_steps))


def _next_steps(untranslated: Collection[str]) -> dict[str, str]:
    about = "translate the pages, which have no sentences in {}"
    return _NEXT | {f"cookiegate texts extract {one}": about.format(one) for one in untranslated}


def _ask_framework(default: str | None) -> str:
    choice = click.Choice(list(FRAMEWORKS))
    return str(click.prompt("Its framework", type=choice, default=default, err=True))


def _parse(text: str, source: str) -> Registry:
    try:
        return Registry.parse(text, source=source)
    except RegistryError as error:
        # The starter is valid, so the cause is an option or an answer.
        first = error.problems[0]
        raise click.UsageError(f"{first.what}; {first.hint}") from None


def _names(registry: Registry) -> list[str]:
    return [entry.names[0] for entry in registry.entries]


class _Found(NamedTuple):
    """A package in use, where it was found, and its entries in the registry."""

    name: str
    place: str
    entries: str


def _find_packages(project: Project, frameworks: Sequence[str], registry: Registry) -> list[_Found]:
    packages = load_packages()
    names = set(_names(registry))
    found = []
    for use, place in sorted(project.uses.items()):
        # The mark for sessions of Starlette.
        name = "starlette" if use == "sessions" else use
        if name == "starlette" and {"starlette", "fastapi"}.isdisjoint(frameworks):
            continue
        if name in packages and (mine := sorted(names & packages[name].cookies.keys())):
            found.append(_Found(name, place, ", ".join(mine)))
    return found


def _prose(
    registry: Registry,
    frameworks: Sequence[str],
    found: Sequence[_Found],
    snippets: Sequence[Snippet],
    next_steps: Mapping[str, str],
) -> Iterator[str]:
    titles = " and ".join(FRAMEWORKS[one].title for one in frameworks)
    names = ", ".join(_names(registry))
    yield f"Wrote {escape_control(registry.source)} in report mode: nothing is stripped yet."
    yield f"Framework: {titles}." if titles else "No framework was detected."
    yield f"Cookies in the registry: {names}." if names else "The registry has no cookies yet."
    if found:
        yield from ("", "They are there because of these packages:", "")
    for one in found:
        yield f"    {one.name} ({escape_control(one.place)}): {one.entries}"
    yield from ("", "Install what the code below needs:", "", f"    {install_line(frameworks)}")
    for snippet in snippets:
        yield from ("", f"{FRAMEWORKS[snippet.framework].title}: add this {snippet.where}.", "")
        yield from (f"    {line}".rstrip() for line in snippet.code.splitlines())
    for key, command in dict.fromkeys((one.key, one.make_key) for one in snippets):
        yield from ("", key, "", f"    {command}")
    yield from ("", "Then visit your site, and run:", "")
    width = max(map(len, next_steps)) + 1
    yield from (f"    {command:<{width}}# {about}" for command, about in next_steps.items())
