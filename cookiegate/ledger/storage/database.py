"""Connections to the database, and migrations of its tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from cookiegate.ledger.errors import LedgerError

from .dialects import DIALECTS, Dialect, dialect_for, dialect_of
from .tables import VERSION_TABLE

__all__ = [
    "MIGRATIONS",
    "alembic_config",
    "file_of",
    "open_engine",
    "reading",
    "require_current",
    "require_file",
    "scrub",
    "upgrade",
    "writing",
]

#: Where Alembic finds the migrations.
MIGRATIONS: Final = "cookiegate.ledger:migrations"


def open_engine(url: str, *, writes: bool = False) -> Engine:
    """
    Return an engine for a database's URL. It does not connect yet.

    Args:
        url: "sqlite:///consent.db", or "postgresql://user@host/name".
        writes: Whether a server that only reads, such as a standby, is of no use.

    Raises:
        LedgerError: The URL is not valid, or names another database.
    """
    parsed, dialect = _resolve(url)
    return dialect.create_engine(parsed, writes=writes)


def file_of(url: str) -> Path | None:
    """
    Return the file that holds the database; None for a server.

    Raises:
        LedgerError: As `open_engine`.
    """
    parsed, dialect = _resolve(url)
    dialect.create_engine(parsed).dispose()
    return dialect.file_of(parsed)


def require_file(url: str) -> None:
    """
    Check that the file of the database exists: SQLite would create it.

    Raises:
        LedgerError: It does not exist; or as `open_engine`.
    """
    file = file_of(url)
    if file is not None and not file.exists():
        raise LedgerError(f"there is no file {str(file)!r}; the site creates it with: Ledger(url)")


def _resolve(url: str) -> tuple[URL, Dialect]:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without the text, which may contain a password.
        examples = " or ".join(f"'{dialect.example}'" for dialect in DIALECTS)
        raise LedgerError(f"the ledger's URL is not valid; write {examples}") from None
    return parsed, dialect_for(parsed.drivername)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a connection that sees one state of the database and changes nothing."""
    with engine.connect() as connection:
        connection = connection.execution_options(**dialect_of(engine).read_options)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a connection whose changes are committed together at the end, or not at all."""
    with engine.begin() as connection:
        yield connection


def scrub(
    engine: Engine, *, rewrites: bool = False, sleep: Callable[[float], None] = time.sleep
) -> None:
    """
    Delete what an erasure has left in the database's files, as far as the database can.

    Args:
        engine: The database.
        rewrites: Whether to rewrite files also if that blocks readers.
        sleep: Waits for a number of seconds.

    Raises:
        LedgerError: Another connection prevented it.
    """
    with engine.connect() as connection:
        dialect_of(engine).scrub(connection, sleep)
    if rewrites:
        with engine.connect() as connection:
            dialect_of(engine).rewrite(connection)


def upgrade(engine: Engine, *, migrations: str = MIGRATIONS) -> tuple[str | None, str]:
    """
    Bring the tables to this version.

    Args:
        engine: The database.
        migrations: Where Alembic finds the migrations.

    Returns:
        The versions before (None if there were no tables) and after.
    """
    config = alembic_config(migrations)
    with engine.begin() as connection:
        dialect_of(engine).lock_maintenance(connection)
        before = _version(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        dialect_of(engine).prepare_tables(connection)
        after = _version(connection)
    return before, after or ""


def require_current(engine: Engine, *, creates: bool = True, migrations: str = MIGRATIONS) -> None:
    """
    Check that the tables have this version.

    Args:
        engine: The database.
        creates: Whether an empty SQLite file gets its tables.
        migrations: Where Alembic finds the migrations.

    Raises:
        LedgerError: They have another version, or do not exist.
    """
    with reading(engine) as connection:
        version = _version(connection)
        is_empty = version is None and not inspect(connection).get_table_names()
    scripts = ScriptDirectory.from_config(alembic_config(migrations))
    expected = scripts.get_current_head()
    if version == expected:
        return
    if creates and is_empty and dialect_of(engine).creates_tables:
        upgrade(engine, migrations=migrations)
        return
    if version is None:
        raise LedgerError("the database contains no ledger yet; run: cookiegate ledger upgrade")
    if version not in {script.revision for script in scripts.walk_revisions()}:
        raise LedgerError(
            f"the ledger has version {version}, which is newer than this Cookiegate; update it"
        )
    raise LedgerError(
        f"the ledger has version {version}, and this Cookiegate needs {expected}; "
        "run: cookiegate ledger upgrade"
    )


def alembic_config(migrations: str = MIGRATIONS) -> Config:
    """Return Alembic's configuration, without a connection."""
    config = Config()
    config.set_main_option("script_location", migrations)
    config.set_main_option("path_separator", "os")
    return config


def _version(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()
