"""Connections to the database, and migrations of its tables."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

import cookiegate.ledger.migrations as migrations
from cookiegate.ledger import LedgerError
from cookiegate.ledger.storage import database, tables
from cookiegate.ledger.storage.database import (
    file_of,
    open_engine,
    reading,
    require_current,
    upgrade,
)

NEXT_STEP = '''
"""The step after the last."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("cookiegate_receipts", sa.Column("more", sa.Integer))
'''


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    found = open_engine(url)
    yield found
    found.dispose()


def stamp(engine: Engine, version: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE {tables.VERSION_TABLE} SET version_num = :version"), {"version": version}
        )


def test_an_empty_database_is_upgraded_once(engine: Engine) -> None:
    assert upgrade(engine) == (None, "0002")
    assert upgrade(engine) == ("0002", "0002")
    require_current(engine)


def test_the_migrations_create_the_tables_of_the_code(engine: Engine) -> None:
    upgrade(engine)
    found = inspect(engine)
    for table in tables.metadata.tables.values():
        columns = {one["name"]: one for one in found.get_columns(table.name)}
        assert set(columns) == set(table.columns.keys())
        for column in table.columns:
            assert columns[column.name]["nullable"] == column.nullable, column
        key = found.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key]
    indexed = {one["column_names"][0] for one in found.get_indexes("cookiegate_receipts")}
    unique = found.get_unique_constraints("cookiegate_receipts")
    assert {"time", "closes"} <= indexed
    assert [one["column_names"] for one in unique] == [["id"]]


def test_an_empty_sqlite_file_gets_its_tables(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/consent.db")
    require_current(engine)
    assert upgrade(engine) == ("0002", "0002")
    engine.dispose()


def test_a_sqlite_file_with_other_tables_is_not_changed(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/shop.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (id INTEGER)"))
    with pytest.raises(LedgerError, match="contains no ledger yet; run: cookiegate ledger upgrade"):
        require_current(engine)
    assert inspect(engine).get_table_names() == ["orders"]
    engine.dispose()


@pytest.mark.needs("postgres")
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_only_a_command_creates_tables_in_postgresql(engine: Engine) -> None:
    with pytest.raises(LedgerError, match="contains no ledger yet; run: cookiegate ledger upgrade"):
        require_current(engine)
    assert inspect(engine).get_table_names() == []
    upgrade(engine)
    require_current(engine)


def test_a_ledger_of_a_newer_cookiegate_is_refused(engine: Engine) -> None:
    upgrade(engine)
    stamp(engine, "9999")
    with pytest.raises(LedgerError, match=r"version 9999, which is newer .*; update it"):
        require_current(engine)


def test_a_ledger_of_an_older_cookiegate_is_upgraded_by_a_command(
    engine: Engine, tmp_path: Path
) -> None:
    upgrade(engine)
    steps = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, steps)
    (steps / "versions/next.py").write_text(NEXT_STEP)
    with pytest.raises(
        LedgerError, match=r"has version 0002, .* needs 9999; run: cookiegate ledger upgrade"
    ):
        require_current(engine, migrations=str(steps))
    assert upgrade(engine, migrations=str(steps)) == ("0002", "9999")
    require_current(engine, migrations=str(steps))
    assert "more" in [one["name"] for one in inspect(engine).get_columns("cookiegate_receipts")]


def test_concurrent_upgrades_exclude_each_other(url: str) -> None:
    script = (
        "import sys; from cookiegate.ledger.storage.database import open_engine, upgrade; "
        "engine = open_engine(sys.argv[1]); print('ready', flush=True); input(); "
        "print(upgrade(engine)[0])"
    )
    all_of_them = [
        subprocess.Popen(
            [sys.executable, "-c", script, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    before = []
    for one in all_of_them:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in all_of_them:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in all_of_them:
        before.append(one.communicate(timeout=60)[0].strip())
        assert one.returncode == 0
    assert sorted(before) == ["0002", "0002", "None"]


@pytest.mark.parametrize(
    "url", ["", "consent.db", "postgresql//u:hunter2@h/db", "postgresql://u:hunter2@h:port/db"]
)
def test_the_error_for_an_invalid_url_contains_no_password(url: str) -> None:
    with pytest.raises(LedgerError, match="is not valid; write 'sqlite:///cons") as raised:
        open_engine(url)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("mysql://u:hunter2@h/db", "mysql"),
        ("postgres://u:hunter2@h/db", "postgres"),
        ("postgresql+asyncpg://u:hunter2@h/db", r"postgresql\+asyncpg"),
        ("sqlite+nothing:///consent.db", r"sqlite\+nothing"),
    ],
)
def test_another_kind_of_database_is_refused(url: str, name: str) -> None:
    with pytest.raises(
        LedgerError, match=f"is in SQLite or PostgreSQL .*, and not in {name}"
    ) as raised:
        open_engine(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?uri=true",
        "sqlite:///file:consent?mode=memory&uri=true",
    ],
)
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(LedgerError, match="in memory proves nothing; write the URL of a file"):
        open_engine(url)


@pytest.mark.parametrize(
    "address",
    [
        "sqlite://consent.db/consent.db",
        "sqlite://u:hunter2@h/consent.db",
        "sqlite:///consent.db?timeout=soon",
        "sqlite:///consent.db?nonsense=1",
    ],
)
def test_the_url_of_a_file_has_three_slashes_and_no_query(address: str) -> None:
    with pytest.raises(LedgerError, match="three slashes before the file") as raised:
        open_engine(address)
    assert "hunter2" not in str(raised.value)


def test_the_error_without_the_extra_for_postgresql_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r"pip install 'cookiegate\[postgresql\]'"):
        open_engine("postgresql://u@h/db")


def test_file_of_returns_the_file(tmp_path: Path) -> None:
    assert file_of(f"sqlite:///{tmp_path}/consent.db") == tmp_path / "consent.db"
    assert file_of("sqlite:///consent.db") == Path("consent.db")
    for url in ("postgresql://u@h/db", "postgresql+psycopg://u@h/db"):
        assert file_of(url) is None


def test_a_reader_sees_one_state_while_another_writes(engine: Engine) -> None:
    upgrade(engine)
    wanted = tables.removals.select()
    row = {"number": 0, "body": b"", "signature": b"s" * 64, "key": b"k" * 32}
    with reading(engine) as connection:
        assert connection.execute(wanted).all() == []
        writer = threading.Thread(target=add, args=(engine, row))
        writer.start()
        writer.join()
        assert connection.execute(wanted).all() == []
    with reading(engine) as connection:
        assert len(connection.execute(wanted).all()) == 1


def add(engine: Engine, *rows: dict[str, object]) -> None:
    with database.writing(engine) as connection:
        for row in rows:
            connection.execute(tables.removals.insert(), row)


def test_a_failed_transaction_keeps_nothing_and_quotes_no_value(engine: Engine) -> None:
    upgrade(engine)
    row = {"number": 7, "body": b"hunter2", "signature": b"s" * 64, "key": b"k" * 32}
    with pytest.raises(DBAPIError) as raised:
        add(engine, row, row)
    assert "hunter2" not in str(raised.value)
    with reading(engine) as connection:
        assert connection.execute(tables.removals.select()).all() == []
