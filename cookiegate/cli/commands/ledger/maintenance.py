"""`cookiegate ledger upgrade` and `health`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import TableRow, print_rows
from cookiegate.cli.errors import CommandError
from cookiegate.cli.formatting import format_time, plural
from cookiegate.cli.options import json_option, write_json
from cookiegate.ledger import LedgerError
from cookiegate.ledger.recording.spool import UNREADABLE, waiting_in
from cookiegate.ledger.storage import database
from cookiegate.ledger.storage.database import file_of
from cookiegate.ledger.storage.store import Store

from .connection import ledger_option, open_ledger, spool_folder, spool_option

__all__ = ["health", "upgrade"]


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger upgrade --ledger sqlite:///consent.db",
    ],
)
@ledger_option
def upgrade(url: str) -> None:
    """Create the ledger's tables, or upgrade them to this version."""
    with open_ledger(url, is_current=False) as engine:
        before, after = database.upgrade(engine)
    if before == after:
        click.echo(f"The ledger already has version {after}.")
    elif before is None:
        click.echo(f"Created the ledger's tables, version {after}.")
    else:
        click.echo(f"Upgraded the ledger from version {before} to {after}.")


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger health --ledger sqlite:///consent.db",
    ],
)
@ledger_option
@spool_option
@json_option
def health(url: str, spool: str | None, as_json: bool) -> None:
    """Check whether the database takes receipts, and which receipts wait on the disk for it.

    The exit code is 1 if the database takes none, receipts wait, or some were never accepted. For
    what a running process refused or lost, see Ledger.health().
    """
    found: dict[str, Any] = {"database": "answers", "receipts": None, "newest": None}
    try:
        with open_ledger(url) as engine:
            store = Store(engine)
            found |= {"receipts": store.count(), "newest": store.newest()}
            # Reading alone says nothing: a standby also answers.
            store.ping()
    except LedgerError as error:
        found["database"] = str(error)
    folder = spool_folder(url, spool)
    try:
        files, receipts, size = waiting_in(folder)
        unreadable = str(folder / UNREADABLE) if (folder / UNREADABLE).exists() else None
    except OSError as error:
        raise CommandError(
            f"the spool in {str(folder)!r} cannot be read ({error.strerror}); run this as the "
            "site's user"
        ) from None
    readable = _readable_files(url)
    found |= {"waiting": receipts, "files": files, "bytes": size, "readable": readable}
    found["unreadable"] = unreadable
    if as_json:
        write_json(found)
    else:
        print_rows(_health_rows(found))
    if found["database"] != "answers" or receipts or unreadable:
        raise click.exceptions.Exit(1)


def _readable_files(url: str) -> list[str]:
    # Receipts say what visitors chose. SQLite creates its log with the permissions of the file.
    file = file_of(url)
    paths = () if file is None else (file, Path(f"{file}-wal"), Path(f"{file}-shm"))
    return [str(path) for path in paths if path.is_file() and path.stat().st_mode & 0o077]


def _health_rows(found: dict[str, Any]) -> list[TableRow]:
    is_up = found["database"] == "answers"
    rows = [("database", found["database"], "green" if is_up else "red")]
    if is_up:
        newest = found["newest"]
        rows.append(("receipts", f"{found['receipts']:,}", ""))
        rows.append(("newest", "none" if newest is None else format_time(newest), ""))
    waiting = f"{plural(found['waiting'], 'receipt')} on the disk, {plural(found['bytes'], 'byte')}"
    if files := found["readable"]:
        text = f"{', '.join(files)}: users other than the owner have access; chmod 600"
        rows.append(("readable", text, "yellow"))
    if file := found["unreadable"]:
        rows.append(("lost", f"{file}: receipts that no database accepts", "red"))
    return [*rows, ("waiting", waiting, "yellow" if found["waiting"] else "")]
