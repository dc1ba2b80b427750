"""A database that is there and lets nobody write: another session holds it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from sqlalchemy import make_url

__all__ = ["hold", "libpq_address"]


@contextmanager
def hold(url: str) -> Iterator[None]:
    """Let nobody write to a ledger while the context lasts; in PostgreSQL nobody reads either."""
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


def libpq_address(url: str) -> str:
    """A database's address as psycopg wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
