"""The page that a visitor was shown, kept with a receipt."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path

import click

from cookiegate.cli.errors import CommandError
from cookiegate.cli.files import open_output
from cookiegate.cli.options import OptionDecorator
from cookiegate.ledger.receipts import StoredPresentation

__all__ = ["open_page", "page_option", "write_page"]

#: `--page FILE`.
page_option: OptionDecorator = click.option(
    "--page",
    metavar="FILE",
    type=click.Path(),
    help="Write the page that the visitor was shown to a file.",
)


def write_page(path: str, presentation: StoredPresentation | None) -> None:
    """
    Write the page to a file.

    Raises:
        CommandError: There is no page, or the file cannot be written.
    """
    if presentation is None:
        raise CommandError("no page is kept with this receipt: Cookiegate did not show one")
    with open_output(path) as file:
        file.write(presentation.html.encode())


def open_page(presentation: StoredPresentation) -> None:
    """Open the page in a browser."""
    # Not deleted: the browser reads the file after this command has ended.
    with tempfile.NamedTemporaryFile(suffix=".html", delete=False) as file:
        file.write(presentation.html.encode())
    click.echo(f"\nOpening the page: {file.name}")
    webbrowser.open(Path(file.name).as_uri())
