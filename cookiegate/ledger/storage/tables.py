"""The ledger's tables. Rows are added; what is erased leaves its hash."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table

__all__ = ["VERSION_TABLE", "metadata", "presentations", "receipts", "removals"]

metadata: Final = MetaData()
#: Where Alembic notes which migration was the last.
VERSION_TABLE: Final = "cookiegate_ledger_version"

#: One choice each, in the order in which a writer committed them. Of an erased one only `leaf` and
#: `link` are left.
receipts: Final = Table(
    "cookiegate_receipts",
    metadata,
    Column("writer", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(64), unique=True),
    Column("time", BigInteger, index=True),
    # The receipt that it takes the place of: so one finds what followed.
    Column("closes", String(64), index=True),
    Column("salt", LargeBinary(16)),
    Column("body", LargeBinary),
    # The hash of salt and body; kept where those are gone.
    Column("leaf", LargeBinary(32)),
    # Stands for this receipt and all before it in the writer's chain.
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
#: Signed records of what was erased or pruned, each with the hash of the one before.
removals: Final = Table(
    "cookiegate_removals",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("key", LargeBinary(32), nullable=False),
)
