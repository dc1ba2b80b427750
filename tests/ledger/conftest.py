"""Ledgers in both databases."""

import asyncio
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from cookiegate.consent.choice import Choice
from cookiegate.ledger import Ledger
from cookiegate.ledger.storage.database import open_engine, upgrade
from cookiegate.ledger.storage.store import Store
from tests.ledger.choices import Outage, OutageLedger
from tests.ledger.postgres import cluster
from tests.registries import NOON

#: Commits a choice to a ledger, as one of the middleware does.
Commit = Callable[[Ledger, Choice], None]
#: Makes a ledger, with its options.
Make = Callable[..., OutageLedger]

# If it is set, the tests use this database, and create and drop schemas in it.
OWN_SERVER = "COOKIEGATE_TEST_POSTGRES"


class Server:
    """
    A PostgreSQL server with a schema for each test: creating a database takes longer.

    Args:
        url: The URL of one of its databases, for a user who may create schemas in it.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._made: list[str] = []

    def new_database(self) -> str:
        """Return the URL of a new, empty schema."""
        name = f"cookiegate_test_{secrets.token_hex(8)}"
        self._execute(f"CREATE SCHEMA {name}")
        self._made.append(name)
        mine = self._url.update_query_dict({"options": f"-csearch_path={name}"})
        return mine.render_as_string(hide_password=False)

    def drop_all(self) -> None:
        """Drop all schemas."""
        for name in self._made:
            self._execute(f"DROP SCHEMA {name} CASCADE")

    def _execute(self, statement: str) -> None:
        address = self._url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for the whole run."""
    if own := os.environ.get(OWN_SERVER):
        server = Server(own)
        yield server
        server.drop_all()
    else:
        with cluster() as found:
            yield Server(found.new_database())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/consent.db"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def outage() -> Iterator[Outage]:
    """Interrupts the database of ledgers that `make` makes."""
    found = Outage()
    yield found
    found.goes_on.set()


@pytest.fixture
def errors() -> list[Exception]:
    """The errors that the ledgers of a test report."""
    return []


@pytest.fixture
def make(url: str, tmp_path: Path, errors: list[Exception], outage: Outage) -> Iterator[Make]:
    """Makes ledgers in a database with tables, and closes them."""
    made: list[OutageLedger] = []
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()

    def make(**options: Any) -> OutageLedger:
        given = {
            "spool": tmp_path / "spool",
            "on_error": errors.append,
            "clock": lambda: float(NOON),
            "min_free_bytes": 0,
            "timeout": 60,
            "refusals": "keep",
            **options,
        }
        made.append(OutageLedger(url, outage, **given))
        return made[-1]

    yield make
    outage.is_down = False
    outage.goes_on.set()
    for ledger in made:
        ledger.close()


@pytest.fixture
def kept(url: str) -> Iterator[Store]:
    """The contents of the database."""
    engine = open_engine(url)
    yield Store(engine)
    engine.dispose()


def _await(ledger: Ledger, choice: Choice) -> None:
    asyncio.run(ledger.asgi.commit(choice))


@pytest.fixture(params=["wsgi", "asgi"])
def commit(request: pytest.FixtureRequest) -> Commit:
    """The commit of each middleware in turn: WSGI and ASGI."""
    return Ledger.commit if request.param == "wsgi" else _await
