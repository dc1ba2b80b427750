"""Open the ledger's database for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from cookiegate.cli.options import OptionDecorator
from cookiegate.ledger import LedgerError
from cookiegate.ledger.recording.recorder import spool_of
from cookiegate.ledger.storage.database import file_of, open_engine, require_current, require_file

__all__ = ["ledger_option", "open_ledger", "spool_folder", "spool_option"]


def _require_url(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if not value:
        raise click.UsageError(
            "name the ledger's database: --ledger sqlite:///consent.db, or the same in "
            "COOKIEGATE_LEDGER"
        )
    return value


#: `--ledger URL`.
ledger_option: OptionDecorator = click.option(
    "--ledger",
    "url",
    metavar="URL",
    envvar="COOKIEGATE_LEDGER",
    callback=_require_url,
    help="The database, as COOKIEGATE_LEDGER: sqlite:///consent.db, or "
    "postgresql://user@host/name.",
)

#: `--spool FOLDER`.
spool_option: OptionDecorator = click.option(
    "--spool",
    metavar="FOLDER",
    type=click.Path(),
    help="The folder for waiting receipts.  [default: the same as for Ledger(url)]",
)


def spool_folder(url: str, spool: str | None) -> Path:
    """Return the folder of `--spool`, or the default of the ledger's URL."""
    return Path(spool) if spool else spool_of(url)


@contextmanager
def open_ledger(url: str, *, is_current: bool = True) -> Iterator[Engine]:
    """
    Open the ledger's database and close it afterwards.

    Args:
        url: The database's URL.
        is_current: Whether the tables must exist in the current version.

    Raises:
        LedgerError: The database cannot be used.
    """
    file = file_of(url)
    if is_current:
        require_file(url)
    engine = open_engine(url)
    try:
        if is_current:
            require_current(engine, creates=False)
        yield engine
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        # SQLite's reason does not name the file.
        raise LedgerError(reason if file is None else f"{str(file)!r}: {reason}") from None
    finally:
        engine.dispose()
