"""The databases that a ledger can be in: one module, and one entry of `DIALECTS`, for each."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from cookiegate.ledger.errors import LedgerError

from .base import Dialect
from .postgresql import PostgreSQL
from .sqlite import SQLite

__all__ = ["DIALECTS", "Dialect", "dialect_for", "dialect_of"]

DIALECTS: tuple[Dialect, ...] = (SQLite(), PostgreSQL())


def dialect_for(scheme: str) -> Dialect:
    """
    Return the dialect for a URL's scheme.

    Raises:
        LedgerError: No dialect supports it.
    """
    for dialect in DIALECTS:
        if scheme in dialect.schemes:
            return dialect
    titles = " or ".join(dialect.title for dialect in DIALECTS)
    examples = ", ".join(f"'{dialect.example}'" for dialect in DIALECTS)
    raise LedgerError(f"a ledger is in {titles} ({examples}), and not in {scheme}")


def dialect_of(bind: Connection | Engine) -> Dialect:
    """Return the dialect of a connection or an engine that `open_engine` made."""
    return next(dialect for dialect in DIALECTS if dialect.name == bind.dialect.name)
