"""Whoever writes to the database cannot make a command fail without a message."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cookiegate.ledger.storage.tables import presentations, receipts, refusals, removals
from tests.cli.runs import call
from tests.ledger.books import made
from tests.registries import DAY, NOON

from .runs import ledger

pytestmark = pytest.mark.usefixtures("folder", "public_key")

RED = "\x1b[31m\x9b31m\u202e"
# Values that SQLite stores in a column of any type.
VALUES: tuple[object, ...] = (
    *(None, f"text {RED}", b"\xff\x00" + RED.encode(), 2**63 - 1, 9e999),
    "x" * 3_000_000,
)
REFUSAL = {
    **{"day": NOON - NOON % DAY, "site": "shop", "version": 1, "surface": "banner"},
    **{"language": "en", "signals": "", "count": 3},
}
COMMANDS = (
    (
        "ledger",
        "health",
    ),
    ("ledger", "verify", "--checkpoint", "good.json", "--public-key", "key.pem", "--strict"),
    ("ledger", "checkpoint", "--key", "key.pem"),
    ("ledger", "show", "r1", "--page", "shown.html"),
    (
        "ledger",
        "export",
    ),
    ("ledger", "export", "--format", "jsonl"),
    ("ledger", "prove", "r1", "--checkpoint", "good.json"),
    ("ledger", "erase", "r1", "--key", "key.pem", "--yes"),
    ("ledger", "prune", "--key", "key.pem", "--keep", "1 day"),
    ("insights", "--json"),
)


@pytest.fixture
def attacked(url: str) -> str:
    """A ledger with a removal, whose tables accept everything."""
    ledger(url, "erase", "r4", "--key", "key.pem", "--yes")
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "good.json")
    engine = made(url)
    with engine.begin() as connection:
        connection.execute(refusals.insert(), REFUSAL)
    engine.dispose()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        # Whoever writes to the file may also change the tables.
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
        connection.commit()
    return url


def run_all(url: str) -> None:
    """Run all commands, and assert that each ends with its message."""
    for arguments in COMMANDS:
        env = {"COOKIEGATE_LEDGER": url}
        result = call(*arguments, env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments
        assert result.exit_code in (0, 1, 2)
        assert not set(result.output) & set(RED[:1] + RED[5:6] + RED[9:]), arguments
        if result.exit_code == 2:
            assert result.stderr.startswith(("Error: ", "There is no spool")), result.stderr
        for piece in result.output.splitlines():
            assert len(piece) < 100_000, arguments


def columns() -> list[tuple[str, str]]:
    """Return the tables' names without their prefix, each with each of its columns."""
    tables = (receipts, presentations, removals, refusals)
    return [
        (one.name.removeprefix("cookiegate_"), column.name) for one in tables for column in one.c
    ]


@pytest.mark.parametrize(("table", "column"), columns())
def test_a_value_of_any_type_and_size_ends_no_command_without_a_message(
    attacked: str, table: str, column: str, tmp_path: Path
) -> None:
    for number, value in enumerate(VALUES):
        copy = shutil.copy(tmp_path / "consent.db", tmp_path / f"{number}.db")
        where = " WHERE rowid = 2" if table == "receipts" else ""
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute(f"UPDATE cookiegate_{table} SET {column} = ?{where}", (value,))
            connection.commit()
        run_all(f"sqlite:///{copy}")
