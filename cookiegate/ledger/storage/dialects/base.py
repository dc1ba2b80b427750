"""What the ledger needs of a database beyond the SQL that all of them share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from sqlalchemy import URL, Connection, Engine, Table

from cookiegate.ledger.storage.tables import receipts

__all__ = ["INSERT_COLUMNS", "INSERT_INTO", "READS", "Dialect"]

#: The execution option of a transaction that only reads.
READS: Final = "cookiegate_reads"

#: The columns of a new receipt, in order.
INSERT_COLUMNS: Final = ("writer", "number", "id", "time", "closes", "salt", "body", "link")
#: The beginning of `Dialect.insert_statement`.
INSERT_INTO: Final = f"INSERT INTO {receipts.name} ({', '.join(INSERT_COLUMNS)})"


class Dialect(ABC):
    """One kind of database."""

    #: SQLAlchemy's name of the dialect.
    name: ClassVar[str]
    #: The name and an example of a URL, for messages.
    title: ClassVar[str]
    example: ClassVar[str]
    #: The URL schemes that are supported. Other drivers are untested or need asyncio.
    schemes: ClassVar[frozenset[str]]
    #: Execution options of a transaction that reads one state of the database.
    read_options: ClassVar[Mapping[str, Any]]
    #: The statement of `insert_receipts`, with the driver's placeholders.
    insert_statement: ClassVar[str]
    #: What `scrub` leaves, and what `rewrite` leaves after it: for the command line; "" if nothing.
    leftovers: ClassVar[str] = ""
    rewritten_leftovers: ClassVar[str] = ""
    #: Whether an empty database gets its tables without `cookiegate ledger upgrade`.
    creates_tables: ClassVar[bool] = False

    @abstractmethod
    def create_engine(self, url: URL, *, writes: bool = False) -> Engine:
        """
        Return an engine whose commits are durable and whose errors quote no parameter.

        Args:
            url: The database.
            writes: Whether a server that only reads, such as a standby, is of no use.

        Raises:
            LedgerError: The URL cannot be used.
        """

    def file_of(self, url: URL) -> Path | None:
        """Return the file that holds the database; None for a server."""
        return None

    @abstractmethod
    def insert_receipts(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """
        Insert receipts.

        By the driver: SQLAlchemy's insert processes each value of each row, which takes as long
        as SQLite needs to store it.

        Args:
            connection: In a transaction.
            rows: The values of `INSERT_COLUMNS`; at least one row.
        """

    @abstractmethod
    def insert_missing(self, connection: Connection, table: Table, values: dict[str, Any]) -> None:
        """Insert a row unless one with the same key exists."""

    @abstractmethod
    def lock_maintenance(self, connection: Connection) -> None:
        """Wait for other upgrades and removals, and exclude them until the transaction ends."""

    @abstractmethod
    def scrub(self, connection: Connection, sleep: Callable[[float], None]) -> None:
        """
        Delete what an erasure has left in the database's files, as far as the database can.

        Args:
            connection: Outside of a transaction.
            sleep: Waits for a number of seconds.

        Raises:
            LedgerError: Something is left.
        """

    def prepare_tables(self, connection: Connection) -> None:
        """
        Set what the database needs beyond the tables, each time after an upgrade.

        Args:
            connection: In the transaction of the upgrade.
        """
        return

    def rewrite(self, connection: Connection) -> None:
        """
        Rewrite the files without what an erasure has left in them, if `scrub` does not.

        Args:
            connection: Outside of a transaction.
        """
        return
