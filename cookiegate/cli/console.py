"""Print for people: fitted to a terminal, and plain in a pipe."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from .escape import escape_control

__all__ = [
    "TableRow",
    "make_console",
    "make_table",
    "note_written",
    "print_prose",
    "print_rows",
    "print_table",
    "progress_bar",
]

#: A label, the text beside it, and the style of the text ("" for none).
TableRow = tuple[str, str, str]

# Wider than any line: output to a pipe or a file is not wrapped.
_UNBOUNDED: Final = 1_000_000
# At the end of a line, also inside the codes for colours.
_TRAILING_BLANKS: Final = re.compile(r"(?<! ) ++(?=(?:\x1b\[[\d;]*m *+)*+$)", re.MULTILINE)


def make_console() -> Console:
    """Return a console for standard output."""
    return Console(width=None if sys.stdout.isatty() else _UNBOUNDED, highlight=False)


def make_table(*, header: bool = True) -> Table:
    """Return a table of columns without lines."""
    return Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=header)


def print_table(table: Table) -> None:
    """Print a table without blanks at the ends of lines."""
    console = make_console()
    with console.capture() as captured:
        console.print(table)
    console.file.write(_TRAILING_BLANKS.sub("", captured.get()))
    console.file.flush()


def print_rows(rows: Iterable[TableRow]) -> None:
    """Print labels with texts beside them, escaped. An empty row is a blank line."""
    table = make_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, text, style in rows:
        table.add_row(Text(escape_control(label), "dim"), Text(escape_control(text), style))
    print_table(table)


def print_prose(lines: Iterable[str]) -> None:
    """Print lines, wrapped on a terminal. Indented lines are code and are never wrapped."""
    width = make_console().width
    for line in lines:
        is_code = line.startswith(" ")
        click.echo(line if is_code else "\n".join(textwrap.wrap(line, width)))


def note_written(path: str | None) -> None:
    """Say on a terminal that a file was written; a script knows it by the exit code."""
    if path not in (None, "-") and sys.stderr.isatty():
        click.echo(escape_control(f"Wrote {path}"), err=True)


@contextmanager
def progress_bar(
    text: str, count_all: Callable[[], int] | None = None
) -> Iterator[Callable[[int], None]]:
    """
    Show a progress bar on standard error if that is a terminal.

    Args:
        text: What is counted.
        count_all: Returns the total number, if it is known. Called only for a terminal.

    Yields:
        A function to call with the number done so far.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(separator=" of "),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        # Otherwise the bar would also capture what goes to standard output.
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(text, total=None if count_all is None else count_all())
        yield lambda done: bar.update(task, completed=done)
