"""The ledger in an SQLite file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_READONLY, OperationalError, connect
from typing import Any, ClassVar, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert

from cookiegate.ledger.errors import LedgerError

from .base import INSERT_COLUMNS, INSERT_INTO, READS, Dialect

__all__ = ["SQLite", "configure"]

# How long a connection waits for another process that writes to the file.
_BUSY_SECONDS: Final = 10
# The first and the longest pause between two attempts to get a lock that SQLite does not wait for.
_FIRST_PAUSE_SECONDS: Final = 0.001
_LONGEST_PAUSE_SECONDS: Final = 0.1


class SQLite(Dialect):
    """SQLite, through Python's own driver."""

    name = "sqlite"
    title = "SQLite"
    example = "sqlite:///consent.db"
    schemes: ClassVar[frozenset[str]] = frozenset(("sqlite", "sqlite+pysqlite"))
    read_options: ClassVar[Mapping[str, Any]] = {READS: True}
    insert_statement: ClassVar[str] = (
        f"{INSERT_INTO} VALUES ({', '.join('?' * len(INSERT_COLUMNS))})"
    )
    creates_tables = True

    def create_engine(self, url: URL, *, writes: bool = False) -> Engine:
        if (url.database or ":memory:") == ":memory:" or "uri" in url.query:
            raise LedgerError(
                f"a ledger in memory proves nothing; write the URL of a file: '{self.example}'"
            )
        if url.host is not None or url.query:
            raise LedgerError(
                "the URL of an SQLite ledger has three slashes before the file and nothing after "
                f"it: '{self.example}'"
            )
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
        event.listen(engine, "do_connect", _connect)
        event.listen(engine, "connect", configure)
        event.listen(engine, "begin", _begin)
        return engine

    def file_of(self, url: URL) -> Path | None:
        return Path(str(url.database))

    def insert_receipts(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        connection.exec_driver_sql(self.insert_statement, list(rows))

    def insert_missing(self, connection: Connection, table: Table, values: dict[str, Any]) -> None:
        connection.execute(insert(table).values(values).on_conflict_do_nothing())

    def lock_maintenance(self, connection: Connection) -> None:
        """Do nothing: SQLite allows one writer at a time."""

    def scrub(self, connection: Connection, sleep: Callable[[float], None]) -> None:
        driver: Any = connection.connection.driver_connection
        try:
            # `secure_delete` overwrites what is deleted, but not the copies that stay in a page
            # when SQLite moves rows and index entries to another one.
            driver.execute("VACUUM")
            is_done = _retry(driver, _empty_log, sleep)
            reason = "another connection is reading"
        except OperationalError as error:
            if error.sqlite_errorcode & 0xFF == SQLITE_READONLY:
                raise LedgerError(
                    "the ledger's file, or the folder with it, can only be read; nothing was "
                    "removed"
                ) from None
            is_done, reason = False, str(error)
        if not is_done:
            raise LedgerError(
                "the receipts are removed from the ledger, and the removal is recorded, but "
                f"SQLite's files still contain them ({reason}); when that has ended, run: "
                "cookiegate ledger prune"
            )


def _connect(
    dialect: object, record: object, arguments: Sequence[Any], options: Mapping[str, Any]
) -> object:
    # Return a connection, or None if SQLAlchemy is to make it. Follow a link, as SQLite does.
    file = Path(os.path.realpath(arguments[0]))
    if _is_still(file):
        return connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True, **options)
    # SQLite gives its log the permissions of the database, which would be those of the umask.
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return None


def _is_still(file: Path) -> bool:
    # A whole copy on a disk that only reads, such as an auditor's. SQLite would want to create the
    # files of the log beside it.
    log = file.with_name(f"{file.name}-wal")
    is_whole = file.is_file() and not (log.exists() and log.stat().st_size)
    return is_whole and not os.access(file.parent, os.W_OK)


def configure(
    connection: Any, record: object = None, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """
    Configure a new connection: durable commits, no leftovers of what is erased.

    Args:
        connection: The driver's.
        record: SQLAlchemy's record of it; unused.
        sleep: Waits for a number of seconds.
    """
    # Transactions begin with `_begin`, not where Python's driver would begin them.
    connection.isolation_level = None
    _retry(connection, _enable_log, sleep)
    # With WAL, any lower level loses acknowledged receipts in a power failure.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    # Invalid text in the file is a finding of `verify`; it must not stop the reading.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that becomes a writer fails, instead of waiting,
    # if another connection has written meanwhile.
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _retry(connection: Any, attempt: Callable[[Any], bool], sleep: Callable[[float], None]) -> bool:
    # Retry for as long as the connection waits for a lock; return whether an attempt succeeded.
    # SQLite itself does not wait for some locks, and locks writers out while it waits for readers.
    (milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        left, pause = milliseconds / 1000, _FIRST_PAUSE_SECONDS
        while not attempt(connection):
            if left <= 0:
                return False
            pause = min(pause, left)
            sleep(pause)
            left -= pause
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        return True
    finally:
        connection.execute(f"PRAGMA busy_timeout = {milliseconds}")


def _enable_log(connection: Any) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except OperationalError as error:
        # A read-only copy, such as an auditor's, is used as it is.
        return error.sqlite_errorcode & 0xFF != SQLITE_BUSY
    return True


def _empty_log(connection: Any) -> bool:
    (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy
