"""`cookiegate policy`: the cookie policy, from the registry."""

from __future__ import annotations

from typing import Literal

import click

from cookiegate.cli.options import load_registry, registry_option

__all__ = ["policy"]


@click.command
@registry_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "fragment", "md"]),
    default="md",
    help="html for a page, fragment for a part of one, md for Markdown.  [default: md]",
)
@click.option("--lang", metavar="CODE", help="One of the registry's languages.  [default: first]")
def policy(registry: str, form: Literal["html", "fragment", "md"], lang: str | None) -> None:
    """Print the cookie policy that the registry makes."""
    # Here, not above: `--help` needs none of it, and the pages are an extra of their own.
    from secrets import token_urlsafe

    from cookiegate.gate import Gate

    loaded = load_registry(registry)
    if lang is not None and lang not in loaded.site.languages:
        known = ", ".join(loaded.site.languages)
        raise click.UsageError(f"the registry has no language {lang!r}; write one of {known}")
    try:
        from cookiegate.pages import Pages
    except ImportError as error:
        raise click.UsageError(str(error)) from None
    # Any key will do: nothing is signed.
    text = Pages(Gate(loaded, token_urlsafe(32))).policy(form, lang)
    click.echo(text.strip())
