"""`cookiegate policy`: the cookie policy, generated from the registry."""

from __future__ import annotations

import secrets
from typing import Literal

import click

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.errors import require_extra
from cookiegate.cli.options import RegistryProblemsError, load_registry, registry_option
from cookiegate.gate import Gate
from cookiegate.registry import RegistryError

__all__ = ["policy"]


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate policy",
        "cookiegate policy --format html --lang sv > policy.html",
    ],
)
@registry_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "fragment", "md"]),
    default="md",
    help="html for a page, fragment for a part of a page, md for Markdown.  [default: md]",
)
@click.option("--lang", metavar="CODE", help="One of the registry's languages.  [default: first]")
def policy(registry: str, form: Literal["html", "fragment", "md"], lang: str | None) -> None:
    """Print the cookie policy that is generated from the registry."""
    loaded = load_registry(registry)
    if lang is not None and lang not in loaded.site.languages:
        known = ", ".join(loaded.site.languages)
        raise click.UsageError(f"the registry has no language {lang!r}; write one of {known}")
    with require_extra("pages", "cookiegate policy"):
        from cookiegate.pages import Pages
    try:
        # Nothing is signed, so any key will do.
        pages = Pages(Gate(loaded, secrets.token_urlsafe(32)))
    except RegistryError as error:
        raise RegistryProblemsError(error, as_json=False) from None
    click.echo(pages.policy(form, lang).strip())
