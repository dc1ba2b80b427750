"""`cookiegate ledger show`, `export`, `erase` and `prune`: a visitor's rights, a site's duties."""

from __future__ import annotations

import io
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cookiegate.cli.console import Row, print_rows
from cookiegate.cli.escape import shown
from cookiegate.cli.options import json_option, load_registry, registry_option, write_json

from .shared import (
    NO_PAGE,
    LedgerProblem,
    OfReceipt,
    counted,
    key_option,
    ledger_option,
    number_of,
    opened,
    read_signer,
    written,
)

if TYPE_CHECKING:
    from cookiegate.ledger.audit.export import ExportForm

__all__ = ["erase", "export", "prune", "show"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(cls=OfReceipt, short_help="Show a receipt, and what was shown.")
@click.argument("receipt")
@ledger_option
@click.option(
    "--page",
    metavar="FILE",
    type=click.Path(),
    help="Write what the visitor was shown to a file, and do not open it.",
)
@json_option
def show(receipt: str, url: str, page: str | None, as_json: bool) -> None:
    """Show RECEIPT and those before and after it, and open the page that the visitor was shown."""
    with opened(url) as engine:
        from cookiegate.cli.render.receipt import receipt_rows, receipt_values
        from cookiegate.ledger.audit.operations import linked
        from cookiegate.ledger.storage.store import Store, receipt_in

        store = Store(engine)
        # By the column: what is asked for is there, also where the receipt says another id.
        line = {row.id: receipt_in(row.body or b"") for row in linked(store, receipt)}
        asked = line[receipt]
        hash = asked.presentation
        presentation = None if hash is None else store.presentation(hash)
    if as_json:
        write_json({"receipt": receipt, "line": [receipt_values(one) for one in line.values()]})
    else:
        rows: list[Row] = []
        for one in line.values():
            rows += [*receipt_rows(one), ("", "", "")]
        print_rows(rows[:-1])
    if presentation is None:
        if page is not None:
            raise LedgerProblem(NO_PAGE)
        return
    html = presentation.html.encode()
    if page is not None:
        with written(page) as file:
            file.write(html)
    elif sys.stdout.isatty() and not as_json:
        # A file of its own, which the browser reads when this command is gone.
        with tempfile.NamedTemporaryFile(suffix=".html", delete=False) as opened_file:
            opened_file.write(html)
        click.echo(f"\nOpening what was shown: {opened_file.name}")
        webbrowser.open(Path(opened_file.name).as_uri())


@click.command(short_help="Write receipts as CSV or JSON lines.")
@ledger_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    help="csv, which no spreadsheet runs; jsonl, as the receipts were hashed.  [default: csv]",
)
@click.option("--since", metavar="DAY", type=_DAY, help="From this day on (UTC), as 2026-11-24.")
@click.option("--until", metavar="DAY", type=_DAY, help="Before this day.")
@click.option(
    "--receipt",
    metavar="ID",
    help="This one only, with those before and after it from the same browser.",
)
@click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Where to.  [default: -]")
def export(
    url: str,
    form: ExportForm,
    since: datetime | None,
    until: datetime | None,
    receipt: str | None,
    output: str | None,
) -> None:
    """Write receipts for other programs, oldest first."""
    with opened(url) as engine, ExitStack() as stack:
        from cookiegate.ledger.audit.export import export as write
        from cookiegate.ledger.audit.operations import linked
        from cookiegate.ledger.storage.store import Store

        store = Store(engine)
        bodies: Iterable[bytes]
        if receipt is None:
            days = {"since": _seconds(since), "until": _seconds(until)}
            bodies = store.in_time(**days)
            total = partial(store.count_in_time, **days)
        else:
            bodies = [row.body for row in linked(store, receipt) if row.body is not None]
            total = partial(len, bodies)
        progress = stack.enter_context(counted("receipts written", total))

        def told() -> Iterator[bytes]:
            for number, body in enumerate(bodies, 1):
                yield body
                if number % 1000 == 0:
                    progress(number)

        if output is None or output == "-":
            write(told(), sys.stdout, form)
            return
        with written(output) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
            write(told(), text, form)


@click.command(cls=OfReceipt, short_help="Erase a receipt and those before and after it.")
@click.argument("receipt")
@ledger_option
@key_option
@click.option("--alone", is_flag=True, help="Leave those before and after it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(receipt: str, url: str, key: str, alone: bool, yes: bool) -> None:
    """Erase RECEIPT and those before and after it from the same browser.

    What is left is a hash, and a signed record that a receipt was erased here. The proof of what
    was done under that consent is gone too.
    """
    with opened(url) as engine:
        from cookiegate.ledger.audit.operations import erase as take_away
        from cookiegate.ledger.audit.operations import linked
        from cookiegate.ledger.storage.store import Store

        signer = read_signer(key)
        rows = linked(Store(engine), receipt)
        if alone:
            rows = [row for row in rows if row.id == receipt]
        for row in rows:
            click.echo(shown(str(row.id)))
        text = number_of(len(rows), "receipt")
        if not yes:
            click.confirm(f"Erase {text} for ever?", abort=True, err=True)
        take_away(engine, rows, signer, now=int(time.time()))
    click.echo(f"Erased: {text}.", err=True)


@click.command(short_help="Remove what is older than the registry keeps.")
@ledger_option
@key_option
@registry_option
@click.option(
    "--keep",
    metavar="TIME",
    help='How long receipts are kept: "3 years".  [default: the registry\'s [ledger] keep]',
)
def prune(url: str, key: str, registry: str, keep: str | None) -> None:
    """Remove receipts that are older than the registry's [ledger] keep."""
    seconds = _keep_seconds(registry, keep)
    with opened(url) as engine, counted("receipts pruned") as progress:
        from cookiegate.ledger.audit.operations import prune as take_away

        count = take_away(
            engine,
            read_signer(key),
            keep_seconds=seconds,
            now=int(time.time()),
            progress=progress,
        )
    click.echo(f"Pruned: {number_of(count, 'receipt')}.")


def _keep_seconds(registry: str, keep: str | None) -> int:
    from cookiegate.registry.errors import InvalidValueError
    from cookiegate.registry.lifetimes import parse_keep

    if keep is None:
        found = load_registry(registry).ledger.keep
        if found is None:
            raise click.UsageError(
                f'{registry} does not say how long receipts are kept; write [ledger] keep = "3 '
                'years" there, or --keep "3 years" here'
            )
    else:
        try:
            found = parse_keep(keep)
        except InvalidValueError as error:
            raise click.UsageError(f"--keep: {error}") from None
    return found.seconds or 0


def _seconds(day: datetime | None) -> int | None:
    return None if day is None else int(day.replace(tzinfo=UTC).timestamp())
