"""`cookiegate init`: write a first registry for the project in the current folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from cookiegate.cli.console import print_prose
from cookiegate.cli.escape import escape_control
from cookiegate.cli.files import FileKind, open_output
from cookiegate.cli.options import (
    DEFAULT_REGISTRY,
    json_option,
    registry_option,
    split_commas,
    write_json,
)
from cookiegate.cli.scaffold.detect import detect_project
from cookiegate.cli.scaffold.registry import first_registry
from cookiegate.cli.scaffold.snippets import FRAMEWORKS, Snippet, snippet_for
from cookiegate.registry import Registry, RegistryError

__all__ = ["init"]

_NEXT: Final = {
    "cookiegate report": "which cookies would have been stripped, where and how often",
    "cookiegate check": "what the registry still lacks",
}
_DAYS: Final = click.IntRange(1, 400)


@click.command
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

    The registry has the cookies of the frameworks that were detected, and starts in report mode:
    nothing is stripped yet. No other file is changed. Questions are asked only on a terminal.
    """
    if registry.startswith("cookiegate:"):
        raise click.UsageError(f"{registry!r} is a shipped file; write --registry FILE")
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
        files("cookiegate._registry_data").joinpath("starter.toml").read_text("utf-8"),
        name=name or project.name,
        languages=languages or ["en"],
        frameworks=frameworks,
        uses=project.uses,
        consent_days=consent_days,
        refusal_days=refusal_days,
    )
    loaded = _parse(text, registry)
    with open_output(registry, FileKind.REGISTRY, replace=force, private=False) as file:
        file.write(text.encode())
    snippets = [
        snippet_for(one, registry, is_default=registry == DEFAULT_REGISTRY)
        for one in frameworks or ("asgi", "wsgi")
    ]
    if as_json:
        write_json(
            {
                "written": registry,
                "mode": loaded.policy.mode,
                "name": loaded.site.name,
                "languages": list(loaded.site.languages),
                "frameworks": list(frameworks),
                "uses": sorted(project.uses - {"permanent", "sessions"}),
                "entries": _names(loaded),
                "lines": [one._asdict() for one in snippets],
                "next": list(_NEXT),
            }
        )
    else:
        print_prose(_prose(loaded, frameworks, snippets))


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


def _prose(
    registry: Registry, frameworks: tuple[str, ...], snippets: list[Snippet]
) -> Iterator[str]:
    titles = " and ".join(FRAMEWORKS[one].title for one in frameworks)
    names = ", ".join(_names(registry))
    yield f"Wrote {escape_control(registry.source)} in report mode: nothing is stripped yet."
    yield f"Framework: {titles}." if titles else "No framework was detected."
    yield f"Cookies in it: {names}." if names else "It has no cookies yet."
    for one in snippets:
        yield from ("", f"{FRAMEWORKS[one.framework].title}: add this {one.where}.", "")
        yield from (f"    {line}".rstrip() for line in one.code.splitlines())
    for key, command in dict.fromkeys((one.key, one.make_key) for one in snippets):
        yield from ("", key, "", f"    {command}")
    yield from ("", "Then visit your site, and run:", "")
    yield from (f"    {command:<19} # {about}" for command, about in _NEXT.items())
