"""The database: opened so that what is committed is on the disk, and brought to this version."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import SQLITE_BUSY, OperationalError
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from cookiegate.ledger.errors import LedgerError

from .tables import VERSION_TABLE, receipts

__all__ = [
    "alembic_config",
    "as_bytes",
    "as_text",
    "file_of",
    "open_engine",
    "reading",
    "require_current",
    "scrub",
    "take_turn",
    "upgrade",
    "writing",
]

# How long one process waits for another that writes to the same SQLite file.
_PATIENCE_SECONDS: Final = 10
# Pauses between two tries at a lock that SQLite does not wait for: the first, and the longest.
_FIRST_PAUSE_SECONDS: Final = 0.001
_LONGEST_PAUSE_SECONDS: Final = 0.1
# A server that is gone without a word is given up after this.
_CONNECT_SECONDS: Final = 5
_UNANSWERED_MILLISECONDS: Final = 10_000
# Two that upgrade or remove at once take turns; the number is as good as any.
_TURN: Final = 0x636F6F6B
# Others are for asyncio, or for databases that nobody has tried.
_SQLITE: Final = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL: Final = ("postgresql", "postgresql+psycopg")
_SCRIPTS: Final = "cookiegate.ledger:migrations"


def open_engine(url: str) -> Engine:
    """
    An engine for a database's URL; nothing is connected yet.

    Args:
        url: "sqlite:///consent.db", or "postgresql://user@host/name".

    Raises:
        LedgerError: The URL is none, or one of another database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without the text: there may be a password in it.
        raise LedgerError(
            "the ledger's URL is no database's; write 'sqlite:///consent.db' "
            "or 'postgresql://user@host/name'"
        ) from None
    driver = parsed.drivername
    if driver in _SQLITE:
        file = parsed.database or ":memory:"
        if file == ":memory:" or "uri" in parsed.query:
            raise LedgerError(
                "a ledger in memory proves nothing; write a file: 'sqlite:///consent.db'"
            )
        # Parameters are receipts: no error is to quote them.
        if parsed.host is not None or parsed.query:
            raise LedgerError(
                "a ledger's file stands after three slashes, and nothing stands after it: "
                "'sqlite:///consent.db'"
            )
        engine = create_engine(
            parsed, connect_args={"timeout": _PATIENCE_SECONDS}, hide_parameters=True
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if driver in _POSTGRESQL:
        # No ping before each use, which would be one more way to the server and back for each
        # commit: the writer opens a connection that broke anew, and looks what became of it.
        try:
            return create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                connect_args={
                    "connect_timeout": _CONNECT_SECONDS,
                    "tcp_user_timeout": _UNANSWERED_MILLISECONDS,
                },
            )
        except ImportError as error:
            raise LedgerError(
                f"a ledger in PostgreSQL needs {error.name}: pip install 'cookiegate[postgresql]'"
            ) from error
    raise LedgerError(
        "a ledger is in SQLite or PostgreSQL ('sqlite:///consent.db', "
        f"'postgresql://user@host/name'), and not in {driver}"
    )


def file_of(url: str) -> Path | None:
    """
    The file that a database is in; None where it is none.

    Raises:
        LedgerError: As `open_engine`.
    """
    engine = open_engine(url)
    engine.dispose()
    is_file = engine.dialect.name == "sqlite" and engine.url.database is not None
    return Path(str(engine.url.database)) if is_file else None


def _set_up_sqlite(
    connection: Any, record: object, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    # Transactions begin where we say, not where Python's module thinks best.
    connection.isolation_level = None
    _repeat(connection, _keeps_log, sleep)
    # With WAL anything less would lose what was acknowledged when the power fails.
    connection.execute("PRAGMA synchronous = FULL")
    # What is erased is overwritten.
    connection.execute("PRAGMA secure_delete = ON")
    # What somebody wrote there that is no text is to be told, and not to end the reading of it.
    connection.text_factory = _text_of


def _repeat(connection: Any, act: Callable[[Any], bool], sleep: Callable[[float], None]) -> bool:
    # Returns whether it succeeded within the time that the connection waits for a lock. For some
    # locks SQLite does not wait at all, and while it waits for readers it locks all writers out.
    (milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        left, pause = milliseconds / 1000, _FIRST_PAUSE_SECONDS
        while not act(connection):
            if left <= 0:
                return False
            pause = min(pause, left)
            sleep(pause)
            left -= pause
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        return True
    finally:
        connection.execute(f"PRAGMA busy_timeout = {milliseconds}")


def _keeps_log(connection: Any) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except OperationalError as error:
        # A copy that may only be read, say an auditor's, stays as it is.
        return error.sqlite_errorcode & 0xFF != SQLITE_BUSY
    return True


def _empties_log(connection: Any) -> bool:
    # The log holds old pages.
    (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def _text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def as_bytes(value: object) -> bytes | None:
    """Bytes from a column of bytes, in which SQLite keeps whatever is written."""
    return value if value is None or isinstance(value, bytes) else str(value).encode()


def as_text(value: object) -> str | None:
    """Text from a column of text, in which SQLite keeps whatever is written."""
    return value if value is None or isinstance(value, str) else str(value)


def _begin_sqlite(connection: Connection) -> None:
    # Whoever is to write takes the lock at once: a reader that becomes a writer fails instead of
    # waiting when another one was faster.
    is_reader = connection.get_execution_options().get("cookiegate_reads")
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database, and changes nothing."""
    with engine.connect() as connection:
        connection = connection.execution_options(cookiegate_reads=True)
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are kept together, at the end, or not at all."""
    with engine.begin() as connection:
        yield connection


def scrub(engine: Engine, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """
    Have the database let go of what was erased, as far as it is in its hands.

    Others that read or empty SQLite's log are waited for as long as a connection waits for a lock.

    Args:
        engine: The database.
        sleep: Waits for a number of seconds.

    Raises:
        LedgerError: SQLite could not empty its log in that time.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            if not _repeat(driver, _empties_log, sleep):
                raise LedgerError(
                    "what was to go is out of the ledger, and recorded, but SQLite's log still "
                    "holds it, since something else reads there; once that has ended, run: "
                    "cookiegate ledger prune"
                )
        else:
            vacuuming = connection.execution_options(isolation_level="AUTOCOMMIT")
            vacuuming.exec_driver_sql(f"VACUUM {receipts.name}")


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """
    Bring the tables to this version.

    Returns:
        The versions before (None where there were no tables) and after.
    """
    config = alembic_config()
    with engine.begin() as connection:
        take_turn(connection)
        before = _version(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        after = _version(connection)
    return before, after or ""


def require_current(engine: Engine, *, makes: bool = True) -> None:
    """
    See that the tables are of this version.

    Args:
        engine: The database.
        makes: Whether a SQLite file that is empty gets them.

    Raises:
        LedgerError: They are not.
    """
    with reading(engine) as connection:
        version = _version(connection)
        is_empty = version is None and not inspect(connection).get_table_names()
    scripts = ScriptDirectory.from_config(alembic_config())
    wanted = scripts.get_current_head()
    if version == wanted:
        return
    if makes and is_empty and engine.dialect.name == "sqlite":
        upgrade(engine)
        return
    if version is None:
        raise LedgerError("the database holds no ledger yet; run: cookiegate ledger upgrade")
    if version not in {script.revision for script in scripts.walk_revisions()}:
        raise LedgerError(
            f"the ledger is of version {version}, which is newer than this Cookiegate; update it"
        )
    raise LedgerError(
        f"the ledger is of version {version}, and this Cookiegate wants {wanted}; "
        "run: cookiegate ledger upgrade"
    )


def take_turn(connection: Connection) -> None:
    """Wait for others that do such a thing at this moment, until the transaction ends."""
    # SQLite has one writer at a time anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TURN)))


def _version(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def alembic_config() -> Config:
    """Where Alembic finds the migrations; the connection is for whoever runs them to give."""
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.set_main_option("path_separator", "os")
    return config
