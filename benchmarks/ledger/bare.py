"""The bare database: its driver inserts the same rows, one batch in each transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine, make_url, select

from cookiegate.ledger.storage.database import open_engine, require_current, upgrade
from cookiegate.ledger.storage.dialects.base import INSERT_COLUMNS
from cookiegate.ledger.storage.dialects.postgresql import PostgreSQL
from cookiegate.ledger.storage.dialects.sqlite import SQLite
from cookiegate.ledger.storage.tables import receipts

__all__ = ["Bare", "bare_database", "last_rows", "timed"]

Values = Sequence[tuple[Any, ...]]


class Bare(Protocol):
    """A connection of the bare driver."""

    def insert(self, batch: Values) -> None:
        """Insert rows in one transaction."""

    def close(self) -> None: ...


class _Sqlite:
    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        # The same settings as the ledger's.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA secure_delete = ON")

    def insert(self, batch: Values) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(SQLite.insert_statement, batch)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


class _PostgreSQL:
    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address)
        self._cursor = self._connection.cursor()

    def insert(self, batch: Values) -> None:
        self._cursor.execute(PostgreSQL.insert_statement, list(map(list, zip(*batch, strict=True))))
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()


def bare_database(url: str) -> Bare:
    """Create the ledger's tables in a database, and return the driver's connection to it."""
    engine = open_engine(url)
    upgrade(engine)
    require_current(engine)
    engine.dispose()
    if engine.dialect.name == "sqlite":
        return _Sqlite(Path(str(engine.url.database)))
    address = make_url(url).set(drivername="postgresql")
    return _PostgreSQL(address.render_as_string(hide_password=False))


def last_rows(engine: Engine, count: int) -> list[tuple[Any, ...]]:
    """Return the last rows of a ledger's only writer, in their order."""
    columns = [receipts.c[name] for name in INSERT_COLUMNS]
    wanted = select(*columns).order_by(receipts.c.number.desc()).limit(count)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted)][::-1]


def timed(bare: Bare, rows: Values, batch: int) -> tuple[float, float]:
    """
    Insert rows, in transactions of `batch` rows.

    Returns:
        The elapsed seconds, and those of this process's processor time.
    """
    parts = [rows[first : first + batch] for first in range(0, len(rows), batch)]
    begun, processor = time.perf_counter(), time.process_time()
    for part in parts:
        bare.insert(part)
    return time.perf_counter() - begun, time.process_time() - processor
