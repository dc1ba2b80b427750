"""`cookiegate texts`: translate the pages into other languages."""

from __future__ import annotations

import click

from cookiegate.cli.group import CommandGroup, CommandSpec

__all__ = ["texts"]

_COMMANDS = {
    "extract": CommandSpec(
        "texts.translate", "Write the sentences of the pages to a file to translate.", "pages"
    ),
    "check": CommandSpec("texts.translate", "Find what a translation lacks.", "pages"),
}


@click.group(cls=CommandGroup, specs=_COMMANDS)
def texts() -> None:
    """Translate the pages into other languages, or change single sentences."""
