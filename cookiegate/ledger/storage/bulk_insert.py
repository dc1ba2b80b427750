"""Receipts put into their table, in each driver's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from .tables import receipts

__all__ = ["COLUMNS", "ROW", "ROWS", "insert_receipts"]

#: The columns of a new receipt, in order.
COLUMNS: Final = ("writer", "number", "id", "time", "closes", "salt", "body", "link")

_INTO: Final = f"INSERT INTO {receipts.name} ({', '.join(COLUMNS)})"
#: SQLite: one row.
ROW: Final = f"{_INTO} VALUES ({', '.join('?' * len(COLUMNS))})"
#: PostgreSQL: all rows at once, a list for each column. What is marked %b travels as it is, and not
#: in hexadecimal.
ROWS: Final = (
    f"{_INTO} SELECT * FROM unnest(%s::text[], %s::int8[], %s::text[], %s::int8[], "
    "%s::text[], %b::bytea[], %b::bytea[], %b::bytea[])"
)


def insert_receipts(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """
    Put receipts into their table.

    SQLAlchemy's own insert would look at each value of each row, which takes as long as SQLite
    takes to store it.

    Args:
        connection: In a transaction.
        rows: What is in `COLUMNS`, at least one.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(ROW, list(rows))
    else:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        connection.exec_driver_sql(ROWS, columns)
