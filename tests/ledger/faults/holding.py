"""Databases that accept nothing: another session has locked them, or a table is missing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from sqlalchemy import make_url

from cookiegate.ledger.storage.database import open_engine

__all__ = ["broken", "hold", "libpq_address"]


@contextmanager
def hold(url: str) -> Iterator[None]:
    """Block writers of a ledger inside of the context; in PostgreSQL also readers."""
    if url.startswith("sqlite"):
        file = str(make_url(url).database)
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA busy_timeout = 30000")
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
    else:
        with psycopg.connect(libpq_address(url)) as session:
            session.execute("LOCK TABLE cookiegate_receipts IN ACCESS EXCLUSIVE MODE")
            yield
            session.rollback()


@contextmanager
def broken(url: str) -> Iterator[None]:
    """Let all queries of a ledger fail inside of the context."""
    _rename(url, "cookiegate_receipts", "cookiegate_hidden")
    yield
    _rename(url, "cookiegate_hidden", "cookiegate_receipts")


def _rename(url: str, old: str, new: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
    engine.dispose()


def libpq_address(url: str) -> str:
    """Return a database's URL for psycopg."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
