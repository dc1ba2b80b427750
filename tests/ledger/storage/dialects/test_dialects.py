"""A new database is one class and one entry of `DIALECTS`; no other module names a database."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy import URL, Connection, Engine, Table, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

import cookiegate.ledger
from cookiegate.ledger import Ledger, LedgerError, open_engine, verify
from cookiegate.ledger.audit.operations import erase
from cookiegate.ledger.storage import database, dialects
from cookiegate.ledger.storage.database import file_of, upgrade
from cookiegate.ledger.storage.dialects import Dialect
from cookiegate.ledger.storage.dialects.base import INSERT_COLUMNS, INSERT_INTO
from cookiegate.ledger.storage.store import Store
from tests.ledger.books import SIGNER
from tests.ledger.choices import granting
from tests.registries import NOON

PACKAGE = Path(cookiegate.ledger.__file__).parent


class ThirdDialect(SQLiteDialect_pysqlite):
    """A dialect of SQLAlchemy that the ledger does not know; it speaks SQLite's SQL."""

    name = "third"
    supports_statement_cache = True


class ThirdImpl(SQLiteImpl):
    """Alembic's side of it."""

    __dialect__ = "third"


class Third(Dialect):
    """The whole of what a third database needs."""

    name = "third"
    title = "Third"
    example = "third:///consent.db"
    schemes = frozenset(("third",))
    read_options: ClassVar[Mapping[str, Any]] = {}
    insert_statement = f"{INSERT_INTO} VALUES ({', '.join('?' * len(INSERT_COLUMNS))})"

    def __init__(self) -> None:
        self.locked = self.scrubbed = 0

    def create_engine(self, url: URL, *, writes: bool = False) -> Engine:
        return create_engine(url)

    def insert_receipts(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        connection.exec_driver_sql(self.insert_statement, list(rows))

    def insert_missing(self, connection: Connection, table: Table, values: dict[str, Any]) -> None:
        connection.execute(table.insert().prefix_with("OR IGNORE"), values)

    def lock_maintenance(self, connection: Connection) -> None:
        self.locked += 1

    def scrub(self, connection: Connection, sleep: Callable[[float], None]) -> None:
        self.scrubbed += 1


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> Iterator[Third]:
    registry.register("third", __name__, "ThirdDialect")
    found = Third()
    for module in (dialects, database):
        monkeypatch.setattr(module, "DIALECTS", (*dialects.DIALECTS, found))
    yield found
    registry.impls.pop("third")


def test_a_third_database_works_everywhere(third: Third, tmp_path: Path) -> None:
    url = f"third:///{tmp_path}/consent.db"
    assert file_of(url) is None
    with pytest.raises(LedgerError, match="run: cookiegate ledger upgrade"):
        Ledger(url, spool=tmp_path / "spool")
    engine = open_engine(url)
    assert upgrade(engine) == (None, "0002")
    ledger = Ledger(url, spool=tmp_path / "spool", min_free_bytes=0, timeout=60)
    choice = granting()
    ledger.commit(choice)
    ledger.commit(granting())
    ledger.close()
    store = Store(engine)
    found = store.find(choice.receipt)
    assert found is not None
    erase(engine, [found], SIGNER, now=NOON)
    result = verify(engine)
    assert (result.finding, result.receipts, result.erased) == (None, 2, 1)
    assert (third.locked, third.scrubbed) == (2, 1)
    engine.dispose()


def test_errors_name_every_database(third: Third) -> None:
    with pytest.raises(LedgerError, match=r"SQLite or PostgreSQL or Third .*, 'third:///consent"):
        open_engine("mysql://u@h/db")
    with pytest.raises(LedgerError, match=r"or 'third:///consent\.db'$"):
        open_engine("nonsense")


@pytest.mark.parametrize(
    "path",
    [path for path in PACKAGE.rglob("*.py") if path.parent.name != "dialects"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_other_module_names_a_database(path: Path) -> None:
    tree = ast.parse(path.read_text())
    documentation = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if node in documentation else node.value.lower()
        elif isinstance(node, ast.Import | ast.ImportFrom):
            text = ast.unparse(node).lower()
        else:
            text = ""
        assert "sqlite" not in text
        assert "postgres" not in text
