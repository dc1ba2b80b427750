"""`cookiegate init`: a first registry for the project in this folder, and how to go on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cookiegate.cli.escape import escape_control
from cookiegate.cli.options import (
    DEFAULT_REGISTRY,
    json_option,
    registry_option,
    split_commas,
    write_json,
)
from cookiegate.cli.scaffold.detect import FRAMEWORKS, Project, detect_project
from cookiegate.cli.scaffold.snippets import Snippet, snippet_for

if TYPE_CHECKING:
    from cookiegate.registry import Registry

__all__ = ["init"]

_NEXT: Final = (
    ("cookiegate report", "what would have been stripped, where and how often"),
    ("cookiegate check", "what the registry still lacks"),
)
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
    "May be repeated.  [default: as found]",
)
@click.option(
    "--consent-days", metavar="DAYS", type=_DAYS, help="How long a grant holds.  [default: 180]"
)
@click.option(
    "--refusal-days", metavar="DAYS", type=_DAYS, help="How long a refusal does.  [default: 180]"
)
@registry_option
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
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
    """Write a first registry for the project in this folder, and say how to put the gate in.

    The file holds what the frameworks found here set, and begins in report mode: nothing is
    stripped yet. Nothing else is changed. Questions are asked on a terminal alone.
    """
    if registry.startswith("cookiegate:"):
        raise click.UsageError(f"{registry!r} is a shipped file; write --registry FILE")
    path = Path(registry)
    if not force and os.path.lexists(path):
        raise click.UsageError(f"{registry!r} is there already; write --force to replace it")
    project = detect_project(Path())
    is_asking = not yes and not as_json and sys.stdin.isatty()
    languages = split_commas(language)
    frameworks = framework or project.frameworks
    if is_asking:
        name = name or click.prompt("The site's name", default=project.name, err=True)
        languages = languages or split_commas(
            [click.prompt("Its languages, the default first", default="en", err=True)]
        )
        if not framework and len(frameworks) != 1:
            frameworks = _ask_framework(frameworks)
    # Here, not above: `--help` needs none of it.
    from cookiegate.cli.scaffold.registry import first_registry

    text = first_registry(
        _starter(),
        name=name or project.name,
        languages=languages or ["en"],
        frameworks=frameworks,
        uses=project.uses,
        consent_days=consent_days,
        refusal_days=refusal_days,
    )
    loaded = _parse(text, registry)
    _write(path, text, force=force)
    lines = [
        snippet_for(one, registry, is_default=registry == DEFAULT_REGISTRY)
        for one in frameworks or ("asgi", "wsgi")
    ]
    if as_json:
        write_json(_as_json(loaded, frameworks, project, lines))
    else:
        from cookiegate.cli.console import print_prose

        print_prose(_for_people(loaded, frameworks, lines))


def _ask_framework(found: tuple[str, ...]) -> tuple[str, ...]:
    one = click.prompt(
        "Its framework",
        type=click.Choice(list(FRAMEWORKS)),
        default=found[0] if found else None,
        err=True,
    )
    return (str(one),)


def _starter() -> str:
    from importlib.resources import files

    return files("cookiegate._registry_data").joinpath("starter.toml").read_text("utf-8")


def _parse(text: str, source: str) -> Registry:
    from cookiegate.registry import Registry, RegistryError

    try:
        return Registry.parse(text, source=source)
    except RegistryError as error:
        # What the starter says is right, so it is one of the answers.
        first = error.problems[0]
        raise click.UsageError(f"{first.what}; {first.hint}") from None


def _write(path: Path, text: str, *, force: bool) -> None:
    # Complete or not at all; and the name is taken first, so that a file which has appeared
    # meanwhile is not replaced.
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            draft.write_text(text, encoding="utf-8", newline="\n")
            if not force:
                target.open("x").close()
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise click.UsageError(f"{str(path)!r} cannot be written: {error.strerror}") from None


def _as_json(
    registry: Registry, frameworks: tuple[str, ...], project: Project, lines: list[Snippet]
) -> dict[str, object]:
    return {
        "written": registry.source,
        "mode": registry.policy.mode,
        "name": registry.site.name,
        "languages": list(registry.site.languages),
        "frameworks": list(frameworks),
        "uses": sorted(project.uses - {"permanent", "sessions"}),
        "entries": [entry.names[0] for entry in registry.entries],
        "lines": [one._asdict() for one in lines],
        "next": [command for command, _ in _NEXT],
    }


def _for_people(
    registry: Registry, frameworks: tuple[str, ...], lines: list[Snippet]
) -> Iterator[str]:
    titles = " and ".join(FRAMEWORKS[one] for one in frameworks)
    names = ", ".join(entry.names[0] for entry in registry.entries)
    yield f"Wrote {escape_control(registry.source)}, in report mode: nothing is stripped yet."
    yield f"It is for {titles}." if titles else "No framework was found."
    yield f"It knows these cookies: {names}." if names else "It knows no cookie yet."
    for one in lines:
        yield ""
        yield f"{FRAMEWORKS[one.framework]}: add this {one.where}."
        yield ""
        yield from (f"    {line}".rstrip() for line in one.code.splitlines())
    for key, command in dict.fromkeys((one.key, one.make_key) for one in lines):
        yield from ("", key, "", f"    {command}")
    yield from ("", "Then visit your site, and ask:", "")
    yield from (f"    {command:<19} # {about}" for command, about in _NEXT)
