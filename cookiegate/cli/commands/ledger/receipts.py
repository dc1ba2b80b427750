"""`cookiegate ledger show`, `export`, `erase` and `prune`."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import msgspec
from sqlalchemy import Engine

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import TableRow, print_rows, progress_bar
from cookiegate.cli.escape import escape_control
from cookiegate.cli.files import FileKind, open_output
from cookiegate.cli.formatting import plural
from cookiegate.cli.options import (
    DAY,
    OptionDecorator,
    json_option,
    load_registry,
    output_option,
    registry_option,
    write_json,
)
from cookiegate.cli.render.receipt import receipt_rows, receipt_values
from cookiegate.ledger import Receipt
from cookiegate.ledger.audit import operations
from cookiegate.ledger.audit.export import ExportFormat
from cookiegate.ledger.audit.export import export as export_receipts
from cookiegate.ledger.audit.findings import LedgerFinding
from cookiegate.ledger.audit.operations import related_receipts
from cookiegate.ledger.audit.signing import Signer
from cookiegate.ledger.audit.verify import check_receipt
from cookiegate.ledger.recording.replay import take_over
from cookiegate.ledger.recording.spool import UNREADABLE
from cookiegate.ledger.storage.dialects import dialect_of
from cookiegate.ledger.storage.store import Store, receipt_in
from cookiegate.registry.errors import InvalidValueError
from cookiegate.registry.lifetimes import parse_keep

from .connection import ledger_option, open_ledger, spool_folder, spool_option
from .keys import key_option, parse_file
from .receipt_id import ReceiptCommand
from .receipt_page import open_page, page_option, write_page

__all__ = ["erase", "export", "prune", "show"]


@click.command(
    cls=ReceiptCommand,
    examples=[
        "cookiegate ledger show RECEIPT --ledger sqlite:///consent.db",
        "cookiegate ledger show RECEIPT --open",
        "cookiegate ledger show RECEIPT --page shown.html",
    ],
)
@click.argument("receipt")
@ledger_option
@page_option
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Open the page that the visitor was shown in a browser; no script runs in it.",
)
@json_option
def show(receipt: str, url: str, page: str | None, opens: bool, as_json: bool) -> None:
    """Show RECEIPT with the related ones: those before and after it from the same browser.

    Each receipt is checked first: its hash, its links to the ones before and after it, and its
    page. The exit code is 1 if one of them was changed, and no page is written or opened.
    """
    with open_ledger(url) as engine:
        store = Store(engine)
        rows = related_receipts(store, receipt)
        # By the database's column: a forged body may hold another id.
        related = {row.id: receipt_in(row.body or b"") for row in rows}
        findings = {row.id: found for row in rows if (found := check_receipt(store, row))}
        hash = related[receipt].presentation
        presentation = None if hash is None else store.presentation(hash)
    if as_json:
        line = [receipt_values(one) for one in related.values()]
        changed = [msgspec.to_builtins(one) for one in findings.values()]
        write_json({"receipt": receipt, "line": line, "findings": changed})
    else:
        print_rows(_shown_rows(related, findings))
    if findings:
        raise click.exceptions.Exit(1)
    if page is not None:
        write_page(page, presentation)
    if opens:
        open_page(presentation)
    is_seen = page is not None or opens or as_json
    if presentation is not None and not is_seen and sys.stdout.isatty():
        click.echo("\nTo see the page that the visitor was shown: --open, or --page FILE", err=True)


def _shown_rows(
    related: dict[str | None, Receipt], findings: dict[str | None, LedgerFinding]
) -> list[TableRow]:
    rows: list[TableRow] = []
    for id, receipt in related.items():
        if found := findings.get(id):
            rows.append(("not intact", f"{found.what}: {found.detail}", "red"))
        rows += [*receipt_rows(receipt), ("", "", "")]
    return rows[:-1]


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger export -o receipts.csv",
        "cookiegate ledger export --since 2026-11-01 --format jsonl",
    ],
)
@ledger_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    help="csv, safe for spreadsheets; jsonl, the values as hashed.  [default: csv]",
)
@click.option("--since", metavar="DAY", type=DAY, help="From this day on (UTC), as 2026-11-24.")
@click.option("--until", metavar="DAY", type=DAY, help="Before this day.")
@click.option("--receipt", metavar="ID", help="Only this receipt with the related ones.")
@output_option
def export(
    url: str,
    form: ExportFormat,
    since: datetime | None,
    until: datetime | None,
    receipt: str | None,
    output: str | None,
) -> None:
    """Write receipts for other programs, oldest first."""
    with open_ledger(url) as engine, ExitStack() as opened:
        store = Store(engine)
        bodies: Iterable[bytes]
        if receipt is None:
            days = {"since": _start_of(since), "until": _start_of(until)}
            bodies = opened.enter_context(closing(store.bodies(**days)))
            count_all = partial(store.count_bodies, **days)
        else:
            bodies = [row.body for row in related_receipts(store, receipt) if row.body is not None]
            count_all = partial(len, bodies)
        with (
            progress_bar("receipts written", count_all) as progress,
            open_output(output, FileKind.EXPORT) as file,
        ):
            text = io.TextIOWrapper(file, "utf-8", newline="")
            try:
                export_receipts(_with_progress(bodies, progress), text, form)
            finally:
                # Otherwise the wrapper would close standard output.
                text.detach()


def _with_progress(bodies: Iterable[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    for number, body in enumerate(bodies, 1):
        yield body
        if number % 1000 == 0:
            progress(number)


_vacuum_option: OptionDecorator = click.option(
    "--vacuum-full",
    is_flag=True,
    help="PostgreSQL: rewrite the files of the receipts' table, with the table locked.",
)


@click.command(
    cls=ReceiptCommand,
    examples=[
        "cookiegate ledger erase RECEIPT --key ledger-key.pem",
    ],
)
@click.argument("receipt")
@ledger_option
@key_option
@spool_option
@_vacuum_option
@click.option("--alone", is_flag=True, help="Erase only this receipt.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def erase(
    receipt: str,
    url: str,
    key: str,
    spool: str | None,
    vacuum_full: bool,
    alone: bool,
    yes: bool,
) -> None:
    """Erase RECEIPT and the related ones: those before and after it from the same browser.

    A hash remains, and a signed record that a receipt was erased. The proof of that consent is lost
    too. Receipts that ended processes left in the spool are committed first.
    """
    with open_ledger(url) as engine:
        signer = parse_file(key, Signer)
        _empty_spool(engine, spool_folder(url, spool))
        rows = related_receipts(Store(engine), receipt)
        if alone:
            rows = [row for row in rows if row.id == receipt]
        for row in rows:
            click.echo(escape_control(str(row.id)))
        text = plural(len(rows), "receipt")
        if not (yes or click.confirm(f"Erase {text} for ever?", err=True)):
            click.echo("Nothing was erased.", err=True)
            raise click.Abort
        operations.erase(engine, rows, signer, now=int(time.time()), rewrites=vacuum_full)
    click.echo(f"Erased {text}.", err=True)
    _print_leftovers(engine, rewrites=vacuum_full)


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger prune --key ledger-key.pem",
        'cookiegate ledger prune --keep "3 years"',
    ],
)
@ledger_option
@key_option
@spool_option
@_vacuum_option
@registry_option
@click.option(
    "--keep",
    metavar="TIME",
    help='How long to keep receipts: "3 years".  [default: the registry\'s [ledger] keep]',
)
def prune(
    url: str, key: str, spool: str | None, vacuum_full: bool, registry: str, keep: str | None
) -> None:
    """Delete receipts that are older than the registry's [ledger] keep.

    Receipts that ended processes left in the spool are committed first.
    """
    seconds = _keep_seconds(registry, keep)
    with open_ledger(url) as engine, progress_bar("receipts pruned") as progress:
        signer = parse_file(key, Signer)
        _empty_spool(engine, spool_folder(url, spool))
        now = int(time.time())
        count = operations.prune(
            engine,
            signer,
            keep_seconds=seconds,
            now=now,
            rewrites=vacuum_full,
            progress=progress,
        )
    click.echo(f"Pruned {plural(count, 'receipt')}.")
    _print_leftovers(engine, rewrites=vacuum_full)


def _empty_spool(engine: Engine, folder: Path) -> None:
    # Otherwise what is erased could come back from there.
    if not folder.is_dir():
        click.echo(
            f"There is no spool in {str(folder)!r}. If the site has another: --spool FOLDER",
            err=True,
        )
        return
    take_over(engine, folder)
    if (folder / UNREADABLE).exists():
        click.echo(
            f"The spool's file {str(folder / UNREADABLE)!r} was not searched: it has receipts that "
            "could not be committed.",
            err=True,
        )


def _print_leftovers(engine: Engine, *, rewrites: bool) -> None:
    dialect = dialect_of(engine)
    if text := dialect.rewritten_leftovers if rewrites else dialect.leftovers:
        click.echo(f"{text}.", err=True)


def _keep_seconds(registry: str, keep: str | None) -> int:
    if keep is None:
        lifetime = load_registry(registry).ledger.keep
        if lifetime is None:
            raise click.UsageError(
                f'{registry} does not say how long receipts are kept; write [ledger] keep = "3 '
                'years" there, or --keep "3 years" here'
            )
    else:
        try:
            lifetime = parse_keep(keep)
        except InvalidValueError as error:
            raise click.UsageError(f"--keep: {error}") from None
    return lifetime.seconds or 0


def _start_of(day: datetime | None) -> int | None:
    return None if day is None else int(day.replace(tzinfo=UTC).timestamp())
