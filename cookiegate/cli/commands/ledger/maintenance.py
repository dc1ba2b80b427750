"""`cookiegate ledger upgrade` and `health`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cookiegate.cli.console import print_rows
from cookiegate.cli.options import json_option, write_json

from .shared import LedgerProblem, as_moment, extra, ledger_option, number_of, opened

__all__ = ["health", "upgrade"]


@click.command(short_help="Make the tables, or bring them to this version.")
@ledger_option
def upgrade(url: str) -> None:
    """Make the ledger's tables, or bring them to this version."""
    with opened(url, is_current=False) as engine:
        from cookiegate.ledger.storage.database import upgrade as bring_up

        before, after = bring_up(engine)
    if before == after:
        click.echo(f"The ledger is of version {after} already.")
    elif before is None:
        click.echo(f"The ledger's tables are made, version {after}.")
    else:
        click.echo(f"The ledger was of version {before}, and is of version {after} now.")


@click.command(short_help="Say whether the database answers, and what waits.")
@ledger_option
@click.option(
    "--spool",
    metavar="FOLDER",
    type=click.Path(),
    help="The folder that the site was given for what waits.  [default: as Ledger(url) has it]",
)
@json_option
def health(url: str, spool: str | None, as_json: bool) -> None:
    """Say whether the database answers, and what waits on the disk for it.

    The exit code is 1 where the database does not answer, or receipts wait. What a process at work
    has refused or lost, Ledger.health() tells.
    """
    # Here, not above: `--help` needs none of it.
    with extra():
        from cookiegate.ledger.recording.recorder import spool_of
        from cookiegate.ledger.recording.spool import waiting_in
    found: dict[str, Any] = {"database": "answers", "receipts": None, "newest": None}
    try:
        with opened(url) as engine:
            from cookiegate.ledger.storage.store import Store

            store = Store(engine)
            found |= {"receipts": store.count(), "newest": store.newest()}
    except LedgerProblem as problem:
        found["database"] = problem.message
    files, lines, size = waiting_in(Path(spool) if spool else spool_of(url))
    found |= {"waiting": lines, "files": files, "bytes": size}
    if as_json:
        write_json(found)
    else:
        _print(found)
    if found["database"] != "answers" or lines:
        raise click.exceptions.Exit(1)


def _print(found: dict[str, Any]) -> None:
    is_up = found["database"] == "answers"
    rows = [("database", found["database"], "green" if is_up else "red")]
    if is_up:
        rows.append(("receipts", f"{found['receipts']:,}", ""))
        newest = found["newest"]
        rows.append(("newest", "none" if newest is None else as_moment(newest), ""))
    waiting = (
        f"{number_of(found['waiting'], 'receipt')} on the disk, {number_of(found['bytes'], 'byte')}"
    )
    rows.append(("waiting", waiting, "yellow" if found["waiting"] else ""))
    print_rows(rows)
