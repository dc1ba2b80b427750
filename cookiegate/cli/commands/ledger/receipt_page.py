"""The page that a visitor was shown, kept with a receipt."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Final

import click

from cookiegate.cli.console import note_written
from cookiegate.cli.errors import CommandError
from cookiegate.cli.files import FileKind, mark_page, open_output
from cookiegate.cli.options import OptionDecorator
from cookiegate.ledger.receipts import StoredPresentation

__all__ = ["open_page", "page_option", "write_page"]

# First in the file, so that nothing in the page precedes it. The page is from a database that
# others may write to.
_NO_SCRIPT: Final = (
    '<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src '
    "'none'; script-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "form-action 'none'; base-uri 'none'\">\n"
)

#: `--page FILE`.
page_option: OptionDecorator = click.option(
    "--page",
    metavar="FILE",
    type=click.Path(),
    help="Write the page that the visitor was shown to a file, in which no script runs.",
)


def write_page(path: str, presentation: StoredPresentation | None) -> None:
    """
    Write the page to a file.

    Raises:
        CommandError: There is no page, or the file cannot be written.
    """
    content = _page(presentation)
    with open_output(path, FileKind.PAGE) as file:
        file.write(content)
    note_written(path)


def open_page(presentation: StoredPresentation | None) -> None:
    """
    Open the page in a browser.

    Raises:
        CommandError: There is no page.
    """
    content = _page(presentation)
    # Not deleted: the browser reads the file after this command has ended.
    with tempfile.NamedTemporaryFile(suffix=".html", delete=False) as file:
        file.write(content)
    click.echo(f"Opening the page: {file.name}", err=True)
    webbrowser.open(Path(file.name).as_uri())


def _page(presentation: StoredPresentation | None) -> bytes:
    if presentation is None:
        raise CommandError("no page is kept with this receipt: Cookiegate did not show one")
    return mark_page(presentation.html, head=_NO_SCRIPT)
