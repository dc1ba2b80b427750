"""What is printed for people: fitted to a terminal, and plain in a pipe."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from typing import Final

import click
from rich.console import Console
from rich.text import Text

__all__ = ["Row", "print_prose", "print_rows"]

#: A label, what stands beside it, and the style of that ("" for none).
Row = tuple[str, str, str]

# Wider than any line: what goes into a pipe or a file is not wrapped.
_UNBOUNDED: Final = 1_000_000


def print_rows(rows: Iterable[Row]) -> None:
    """Print labels with their texts beside them; rows without any are blank lines."""
    rows = list(rows)
    console = Console(width=None if sys.stdout.isatty() else _UNBOUNDED, highlight=False)
    margin = max(len(label) for label, _, _ in rows) + 2
    for label, text, style in rows:
        for line in Text(text, style).wrap(console, max(console.width - margin, 1)):
            line.rstrip()
            whole = Text.assemble((label, "dim"), " " * (margin - len(label)), line)
            console.print(whole if line else "")
            label = ""


def print_prose(lines: Iterable[str]) -> None:
    """Print lines, wrapped on a terminal; what is indented is code, and stays as it is."""
    width = Console().width if sys.stdout.isatty() else _UNBOUNDED
    for line in lines:
        is_code = line.startswith(" ")
        click.echo(line if is_code else "\n".join(textwrap.wrap(line, width)))
