"""SQLite: durable commits, and nothing left of what is erased."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from cookiegate.ledger import LedgerError
from cookiegate.ledger.storage.database import open_engine, reading, scrub, upgrade
from cookiegate.ledger.storage.dialects.sqlite import configure


def test_commits_are_durable(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/consent.db")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        full = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == full
    engine.dispose()


def test_a_read_only_copy_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE one (number)")
    copy = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    with closing(copy):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            copy.execute("PRAGMA journal_mode = WAL")
        configure(copy)
        assert copy.execute("SELECT * FROM one").fetchall() == []


# Holds the lock of a checkpoint until it reads a line; https://www.sqlite.org/walformat.html#locks
CHECKPOINTER = """
import fcntl, sys
with open(sys.argv[1], "r+b") as shared:
    fcntl.lockf(shared, fcntl.LOCK_EX, 1, 121)
    print("held", flush=True)
    input()
"""


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Engine]:
    """A database in SQLite with data in its log."""
    engine = open_engine(f"sqlite:///{tmp_path}/consent.db")
    upgrade(engine)
    assert (tmp_path / "consent.db-wal").stat().st_size
    yield engine
    engine.dispose()


def tables(file: Path) -> list[str]:
    engine = open_engine(f"sqlite:///{file}")
    with reading(engine) as connection:
        names = inspect(connection).get_table_names()
        files = [path.name for path in file.parent.iterdir()]
    engine.dispose()
    return [*names, *sorted(files)]


def test_a_copy_on_a_disk_that_only_reads_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "an odd #name.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = tables(file)
    assert "cookiegate_receipts" in found
    # Nothing is created beside it, as SQLite does for a log.
    assert found[-1] == file.name


def test_a_file_with_a_log_is_read_with_it(
    logged: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "cookiegate_receipts" in tables(tmp_path / "consent.db")


def test_scrub_waits_for_another_checkpoint(logged: Engine, tmp_path: Path) -> None:
    pauses: list[float] = []
    with subprocess.Popen(
        [sys.executable, "-c", CHECKPOINTER, str(tmp_path / "consent.db-shm")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"

        def end_on_third(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                other.communicate("\n")

        scrub(logged, sleep=end_on_third)
    assert (tmp_path / "consent.db-wal").read_bytes() == b""
    assert len(pauses) == 3


def test_scrub_waits_for_a_reader_without_blocking_writers(logged: Engine, tmp_path: Path) -> None:
    pauses: list[float] = []
    with closing(sqlite3.connect(tmp_path / "consent.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cookiegate_receipts").fetchall()

        def write_or_end(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                reader.execute("ROLLBACK")
            else:
                # Writers are not blocked.
                with closing(sqlite3.connect(tmp_path / "consent.db", timeout=0)) as writer:
                    writer.execute("PRAGMA user_version = 1")

        scrub(logged, sleep=write_or_end)
    assert (tmp_path / "consent.db-wal").read_bytes() == b""
    assert len(pauses) == 3


def test_scrub_waits_as_long_as_for_a_lock(logged: Engine, tmp_path: Path) -> None:
    pauses: list[float] = []
    with closing(sqlite3.connect(tmp_path / "consent.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cookiegate_receipts").fetchall()
        with pytest.raises(LedgerError, match="run: cookiegate ledger prune"):
            scrub(logged, sleep=pauses.append)
    with logged.connect() as connection:
        (milliseconds,) = connection.exec_driver_sql("PRAGMA busy_timeout").one()
    assert sum(pauses) == pytest.approx(milliseconds / 1000)
    # Pauses grow up to a limit.
    assert pauses[:-1] == sorted(pauses[:-1])
    assert pauses[0] < 0.01
    assert max(pauses) <= 0.1


def test_enabling_the_log_waits_for_a_writer(tmp_path: Path) -> None:
    pauses: list[float] = []
    file = tmp_path / "restored.db"
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        closing(sqlite3.connect(file)) as connection,
    ):
        other.execute("CREATE TABLE one (number)")
        # SQLite does not wait for this lock.
        other.execute("BEGIN IMMEDIATE")

        def end_on_third(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                other.execute("COMMIT")

        configure(connection, sleep=end_on_third)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert len(pauses) == 3


@pytest.mark.parametrize("is_link", [False, True])
def test_only_the_owner_can_read_a_new_database_and_its_log(tmp_path: Path, is_link: bool) -> None:
    if is_link:
        (tmp_path / "consent.db").symlink_to(tmp_path / "there.db")
    before = os.umask(0)
    try:
        engine = open_engine(f"sqlite:///{tmp_path}/consent.db")
        upgrade(engine)
        with reading(engine) as connection:
            connection.exec_driver_sql("SELECT * FROM cookiegate_receipts")
            files = [path for path in tmp_path.iterdir() if not path.is_symlink()]
            assert {path.suffix for path in files} == {".db", ".db-wal", ".db-shm"}
            assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        engine.dispose()
    finally:
        os.umask(before)


def test_a_database_of_another_mode_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "consent.db").touch(0o640)
    engine = open_engine(f"sqlite:///{tmp_path}/consent.db")
    upgrade(engine)
    engine.dispose()
    assert stat.S_IMODE((tmp_path / "consent.db").stat().st_mode) == 0o640
