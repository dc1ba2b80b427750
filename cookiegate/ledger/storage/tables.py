"""The ledger's tables. Rows are only added; an erased receipt keeps its row and its hash."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
)

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_PAGE_BYTES",
    "RECEIPT_COLUMNS",
    "VERSION_TABLE",
    "as_bytes",
    "as_text",
    "bounded",
    "metadata",
    "presentations",
    "receipts",
    "refusals",
    "removals",
]

metadata: Final = MetaData()
#: Where Alembic records the last migration.
VERSION_TABLE: Final = "cookiegate_ledger_version"

#: One choice each, in the order in which a writer committed them. Of an erased receipt only
#: `writer`, `number`, `leaf` and `link` remain.
receipts: Final = Table(
    "cookiegate_receipts",
    metadata,
    Column("writer", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(64), unique=True),
    Column("time", BigInteger, index=True),
    # The receipt that this one replaces; the index finds the replacement of a receipt.
    Column("closes", String(64), index=True),
    Column("salt", LargeBinary(16)),
    Column("body", LargeBinary),
    # The hash of salt and body; set when those are erased.
    Column("leaf", LargeBinary(32)),
    # The hash of this receipt and all before it in the writer's chain.
    Column("link", LargeBinary(32), nullable=False),
)
#: What visitors were shown, each distinct page once.
presentations: Final = Table(
    "cookiegate_presentations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("surface", String(16), nullable=False),
    Column("language", String(35), nullable=False),
    Column("html", LargeBinary, nullable=False),
)
#: How many visitors who had granted nothing refused: by day, registry, surface, language, signals.
refusals: Final = Table(
    "cookiegate_refusals",
    metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("site", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("surface", String(16), primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("signals", String(64), primary_key=True),
    Column("count", BigInteger, nullable=False),
)
#: Signed records of what was erased or pruned, each with the hash of the previous one.
removals: Final = Table(
    "cookiegate_removals",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("key", LargeBinary(32), nullable=False),
)


#: More than any value that the ledger writes. Longer ones, by someone with write access to the
#: database, are cut, and so are no valid receipt and no page with the right hash.
MAX_BODY_BYTES: Final = 1024 * 1024
MAX_PAGE_BYTES: Final = 16 * 1024 * 1024
_MAX_FIELD: Final = 256


def bounded(column: Column[Any], limit: int = _MAX_FIELD) -> ColumnElement[Any]:
    """Return a column's value in a query, cut after the limit in bytes or characters."""
    part = func.substr(column, 1, limit + 1, type_=column.type)
    return part.label(column.name)


#: The columns of a receipt in a query, of bounded size.
RECEIPT_COLUMNS: Final = tuple(
    column
    if isinstance(column.type, BigInteger)
    else bounded(column, MAX_BODY_BYTES if column.name == "body" else _MAX_FIELD)
    for column in receipts.c
)


def as_bytes(value: object) -> bytes | None:
    """Return the bytes of a binary column, in which SQLite accepts values of any type."""
    return value if value is None or isinstance(value, bytes) else str(value).encode()


def as_text(value: object) -> str | None:
    """Return the text of a text column, in which SQLite accepts values of any type."""
    return value if value is None or isinstance(value, str) else str(value)
