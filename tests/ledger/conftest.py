"""Ledgers in both databases."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from sqlalchemy import make_url

from tests.ledger.postgres import cluster

# Where it is set, the tests use this server, and make and drop databases on it.
OWN_SERVER = "COOKIEGATE_TEST_POSTGRES"


class Server(Protocol):
    """A PostgreSQL server."""

    def new_database(self) -> str: ...


class OwnServer:
    """
    A server that was there before the tests.

    Args:
        url: The address of one of its databases, for somebody who may make others.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._made: list[str] = []

    def new_database(self) -> str:
        """The address of a new, empty database."""
        name = f"cookiegate_test_{secrets.token_hex(8)}"
        self._tell(f"CREATE DATABASE {name}")
        self._made.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop_all(self) -> None:
        """Drop what was made."""
        for name in self._made:
            self._tell(f"DROP DATABASE {name} WITH (FORCE)")

    def _tell(self, statement: str) -> None:
        address = self._url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for the whole run."""
    if own := os.environ.get(OWN_SERVER):
        server = OwnServer(own)
        yield server
        server.drop_all()
    else:
        with cluster() as found:
            yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/consent.db"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()
