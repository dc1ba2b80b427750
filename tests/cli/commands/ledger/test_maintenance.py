"""`cookiegate ledger upgrade` and `health`."""

import json
from errno import EACCES
from pathlib import Path
from typing import NoReturn

import pytest

from tests.cli.runs import call
from tests.ledger.books import execute, made

from .runs import ledger

pytestmark = pytest.mark.usefixtures("folder")


def test_upgrade_creates_the_tables_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    assert ledger(url, "upgrade").stdout == "Created the ledger's tables, version 0002.\n"
    assert ledger(url, "upgrade").stdout == "The ledger already has version 0002.\n"


def test_upgrade_names_both_versions(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "cookiegate.ledger.storage.database.upgrade", lambda engine: ("0001", "0002")
    )
    result = call("ledger", "upgrade", "--ledger", url)
    assert result.stdout == "Upgraded the ledger from version 0001 to 0002.\n"


def test_health_counts_the_receipts_that_wait(url: str, folder: Path) -> None:
    good = ledger(url, "health")
    assert good.exit_code == 0
    assert "answers" in good.stdout
    assert "newest    2026-11-24 12:00:04 UTC" in good.stdout
    spool = folder / "consent.db.spool"
    spool.mkdir()
    (spool / "a.1.spool").write_bytes(b"{}\n{}\n{")
    waits = ledger(url, "health", "--json")
    assert waits.exit_code == 1
    found = json.loads(waits.stdout)
    assert (found["receipts"], found["waiting"], found["files"], found["bytes"]) == (6, 2, 1, 7)
    elsewhere = ledger(url, "health", "--spool", "elsewhere")
    assert elsewhere.exit_code == 0


def test_health_writes_since_a_database_that_only_reads_takes_no_receipt(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    engine = made(url)
    execute(
        engine,
        "CREATE TRIGGER no BEFORE INSERT ON cookiegate_receipts "
        "BEGIN SELECT RAISE(ABORT, 'nothing is written'); END",
    )
    engine.dispose()
    found = ledger(url, "health", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["database"] == f"'{tmp_path}/new.db': nothing is written"


def test_health_works_for_an_empty_and_for_a_missing_ledger(tmp_path: Path) -> None:
    made(f"sqlite:///{tmp_path}/new.db").dispose()
    assert "newest    none" in ledger(f"sqlite:///{tmp_path}/new.db", "health").stdout
    none = ledger(f"sqlite:///{tmp_path}/none.db", "health")
    assert none.exit_code == 1
    assert "there is no file" in none.stdout
    assert not (tmp_path / "none.db").exists()


def test_health_names_files_that_other_users_may_read(url: str, folder: Path) -> None:
    assert json.loads(ledger(url, "health", "--json").stdout)["readable"] == []
    (folder / "consent.db").chmod(0o640)
    result = ledger(url, "health")
    assert result.exit_code == 0
    text = "consent.db: users other than the owner have access; chmod 600\n"
    assert f"readable  {folder}/{text}" in result.stdout


def test_only_files_get_the_advice_to_change_their_rights(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    found = ledger(f"sqlite:///{tmp_path}/folder.db", "health")
    assert found.exit_code == 1
    assert f"'{tmp_path}/folder.db': unable to open database file\n" in found.stdout
    assert "chmod" not in found.stdout


def test_health_names_receipts_that_no_database_accepts(url: str, folder: Path) -> None:
    assert json.loads(ledger(url, "health", "--json").stdout)["unreadable"] is None
    spool = folder / "consent.db.spool"
    spool.mkdir()
    (spool / "unreadable").write_bytes(b"{")
    found = ledger(url, "health")
    assert found.exit_code == 1
    assert f"lost      {spool}/unreadable: receipts that no database accepts\n" in found.stdout


@pytest.mark.parametrize("name", ["none/new.db", "garbage.db"])
def test_an_error_of_sqlite_names_the_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "garbage.db").write_bytes(b"\x07" * 5000)
    failed = ledger(f"sqlite:///{tmp_path}/{name}", "upgrade")
    assert failed.exit_code == 2
    assert f"Error: '{tmp_path}/{name}': " in failed.stderr


def test_health_does_not_take_a_spool_that_it_may_not_read_for_empty(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "consent.db.spool").mkdir()

    def refuse(path: object) -> NoReturn:
        raise PermissionError(EACCES, "Permission denied", path)

    monkeypatch.setattr("cookiegate.ledger.recording.spool.os.listdir", refuse)
    found = ledger(url, "health")
    assert found.exit_code == 2
    assert "cannot be read (Permission denied); run this as the site's user" in found.stderr
