"""`cookiegate ledger show`, `export`, `erase` and `prune`."""

import json
import os
import re
import stat
from pathlib import Path

import msgspec
import pytest

from cookiegate.ledger.audit import operations
from cookiegate.ledger.recording.spool import Spool
from cookiegate.ledger.storage.store import Store
from tests.cli.runs import call, command, on_terminal
from tests.ledger.books import PAGE, execute, fill, items, made, receipt
from tests.ledger.conftest import Server, postgres

from .runs import ledger, run_on_terminal

__all__ = ["postgres"]

pytestmark = pytest.mark.usefixtures("folder")


def test_a_receipt_is_shown_with_related_receipts_and_its_page(url: str, folder: Path) -> None:
    result = ledger(url, "show", "r1", "--page", "shown.html")
    assert result.exit_code == 0
    for text in ("receipt       r0", "receipt       r1", "receipt       r2", "signals       gpc"):
        assert text in result.stdout
    assert PAGE.html.removeprefix("<!doctype html>") in (folder / "shown.html").read_text()
    found = json.loads(ledger(url, "show", "r1", "--json").stdout)
    assert [one["id"] for one in found["line"]] == ["r0", "r1", "r2"]
    assert ledger(url, "show", "r1").exit_code == 0


def test_evidence_from_the_application_cannot_control_a_terminal(url: str) -> None:
    result = ledger(url, "show", "r4")
    assert "\x1b[31m" not in result.stdout
    assert "form\\x1b[31m" in result.stdout
    assert "without evidence" in ledger(url, "show", "r3").stdout
    assert "time          2026-11-24\n" in ledger(url, "show", "r5").stdout


def test_a_forged_ledger_or_proof_cannot_control_a_terminal(
    tmp_path: Path, public_key: str
) -> None:
    url = f"sqlite:///{tmp_path}/red.db"
    engine = made(url)
    red = {"site": "s\x1b[31m", "offered": ("\x1b[31m",), "address": "\x1b[31m"}
    fill(engine, [receipt(0, id="\x1b[31m", language="\x1b[31m", **red)])
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    ledger(url, "prove", "\x1b[31m", "--checkpoint", "point.json", "-o", "proof.json")
    execute(engine, "UPDATE cookiegate_receipts SET time = 0")
    engine.dispose()
    for arguments, code in (
        (("show", "\x1b[31m"), 1),
        (("verify",), 1),
        (("check", "proof.json"), 0),
        (("erase", "\x1b[31m", "--yes", "--key", "key.pem"), 0),
    ):
        result = ledger(url, *arguments)
        assert result.exit_code == code
        assert "\\x1b[31m\n" in result.stdout
        assert "\x1b" not in result.stdout


@pytest.mark.parametrize("body", [b"{", b'{"id":"\xff"}'])
def test_an_unreadable_receipt_is_one_line_of_error(url: str, body: bytes) -> None:
    engine = made(url)
    execute(engine, "UPDATE cookiegate_receipts SET body = :body WHERE id = 'r1'", body=body)
    engine.dispose()
    for arguments in (("show", "r1"), ("export",), ("export", "--format", "jsonl")):
        result = ledger(url, *arguments)
        assert result.exit_code == 2
        assert result.stderr == "Error: a receipt cannot be read; see: cookiegate ledger verify\n"


def test_a_process_that_fails_during_an_export_ends_with_2(url: str, folder: Path) -> None:
    engine = made(url)
    execute(engine, "UPDATE cookiegate_receipts SET body = :body WHERE id = 'r1'", body=b"{")
    engine.dispose()
    ended = command("ledger", "export", cwd=folder, env={"COOKIEGATE_LEDGER": url})
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "\nr0,grant," in ended.out.replace("\r\n", "\n")


def test_a_receipt_with_another_id_in_its_body_is_shown_with_that_id(url: str) -> None:
    engine = made(url)
    execute(engine, "UPDATE cookiegate_receipts SET id = 'other' WHERE id = 'r3'")
    engine.dispose()
    result = ledger(url, "show", "other")
    assert (result.exit_code, "receipt       r3\n" in result.stdout) == (1, True)
    assert "not intact    changed: the table's columns differ from the receipt\n" in result.stdout


@pytest.mark.parametrize("time", [10**12, 10**18, -(10**18)])
def test_a_time_that_is_not_valid_is_shown_in_seconds(tmp_path: Path, time: int) -> None:
    url = f"sqlite:///{tmp_path}/times.db"
    engine = made(url)
    fill(engine, [receipt(1, time=time), receipt(2, time=time, kind="refusal", granted=())])
    engine.dispose()
    for arguments in (("health",), ("show", "r1"), ("show", "r2")):
        result = ledger(url, *arguments)
        assert result.exit_code == 0
        assert f"{time} seconds, which is not a valid time\n" in result.stdout
    cell = f"'{time}" if time < 0 else str(time)
    assert f"r1,grant,{cell},shop" in ledger(url, "export").stdout


def test_an_export_is_limited_to_days_or_to_one_browser(url: str, folder: Path) -> None:
    lines = ledger(url, "export").stdout.splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("id,kind,time")
    assert ledger(url, "export", "--until", "2026-11-24").stdout.count("\n") == 1
    assert (
        ledger(url, "export", "--since", "2026-11-24", "--format", "jsonl").stdout.count("\n") == 6
    )
    ledger(url, "export", "--receipt", "r2", "--format", "jsonl", "-o", "out.jsonl")
    ids = [json.loads(line)["id"] for line in (folder / "out.jsonl").read_text().splitlines()]
    assert ids == ["r0", "r1", "r2"]
    assert stat.S_IMODE((folder / "out.jsonl").stat().st_mode) == 0o600


def test_on_a_terminal_long_commands_show_their_progress(long_url: str, tmp_path: Path) -> None:
    env = {"COOKIEGATE_LEDGER": long_url}
    result = on_terminal("ledger", "export", "-o", "out.csv", cwd=tmp_path, env=env)
    assert result.code == 0
    assert "receipts written" in result.out
    assert "2000 of 2500" in result.out
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 2501
    for arguments, said in (
        (("verify",), "receipts verified"),
        (("export", "--until", "2026-11-24"), "0 of 0"),
        (("export", "--receipt", "r7"), "0 of 1"),
    ):
        result = on_terminal("ledger", *arguments, cwd=tmp_path, env=env, columns=120)
        assert result.code == 0
        assert said in result.out


def test_progress_does_not_mix_with_the_output(
    long_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_on_terminal(["ledger", "verify", "--ledger", long_url], monkeypatch)
    assert "2,500 checked" in capsys.readouterr().out
    run_on_terminal(["ledger", "export", "--ledger", long_url], monkeypatch)
    out = capsys.readouterr().out.splitlines()
    assert (len(out), out[0][:8], out[-1][:5]) == (2501, "id,kind,", "r2499")


def test_an_erasure_includes_related_receipts_and_is_recorded(url: str, public_key: str) -> None:
    asked = ledger(url, "erase", "r1", "--key", "key.pem", stdin="n\n")
    assert asked.exit_code == 1
    assert "Erase 3 receipts for ever?" in asked.stderr
    assert "Nothing was erased.\n" in asked.stderr
    engine = made(url)
    assert Store(engine).find("r1") is not None
    done = ledger(url, "erase", "r1", "--key", "key.pem", "--yes")
    assert (done.exit_code, done.stdout) == (0, "r0\nr1\nr2\n")
    alone = ledger(url, "erase", "r4", "--key", "key.pem", "--alone", "--yes")
    assert alone.stdout == "r4\n"
    assert "Erased 1 receipt." in alone.stderr
    result = ledger(url, "verify")
    assert "6 checked, 4 of them removed" in result.stdout
    assert f"removed by  {public_key}" in result.stdout
    engine.dispose()


def test_an_erasure_includes_what_ended_processes_left_in_the_spool(
    url: str, public_key: str, folder: Path
) -> None:
    spool = Spool(folder / "elsewhere", "left", 10_000)
    late = items([receipt(8, kind="refusal", closes="r2", granted=())])
    spool.append([msgspec.json.encode(one) for one in late])
    erase = ("erase", "r2", "--key", "key.pem", "--yes", "--spool", "elsewhere")
    refused = ledger(url, *erase)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "receipts of running processes wait in the spool in 'elsewhere' (1)" in refused.stderr
    pruned = ledger(url, "prune", "--key", "key.pem", "--keep", "1 day", "--spool", "elsewhere")
    assert (pruned.exit_code, pruned.stdout) == (2, "")
    spool.close()
    assert ledger(url, *erase).stdout == "r0\nr1\nr2\nr8\n"
    assert not any((folder / "elsewhere").iterdir())


def test_an_erasure_says_where_it_did_not_look(url: str, public_key: str, folder: Path) -> None:
    nowhere = ledger(url, "erase", "r4", "--key", "key.pem", "--yes")
    assert "There is no spool in " in nowhere.stderr
    (folder / "consent.db.spool").mkdir()
    (folder / "consent.db.spool/unreadable").touch()
    partly = ledger(url, "erase", "r3", "--key", "key.pem", "--yes")
    assert partly.exit_code == 0
    assert "unreadable' was not searched" in partly.stderr


def test_prune_uses_the_retention_time_of_the_registry(
    url: str, public_key: str, folder: Path
) -> None:
    registry = folder / "cookiegate.toml"
    registry.write_text('[site]\nname = "Shop"\nlanguages = ["en"]\n[categories.essential]\n')
    silent = ledger(url, "prune", "--key", "key.pem")
    assert silent.exit_code == 2
    assert "[ledger] keep" in silent.stderr
    registry.write_text(registry.read_text() + '[ledger]\nkeep = "3 years"\n')
    assert ledger(url, "prune", "--key", "key.pem").stdout == "Pruned 0 receipts.\n"
    wrong = ledger(url, "prune", "--key", "key.pem", "--keep", "long")
    assert wrong.exit_code == 2
    assert "--keep: " in wrong.stderr


def test_on_a_file_that_can_only_be_read_no_command_says_that_it_removed_something(
    url: str, public_key: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "consent.db.spool").mkdir()
    # As on a disk that only reads; root may write everywhere else.
    monkeypatch.setattr(os, "access", lambda path, mode, **more: mode != os.W_OK)
    before = (folder / "consent.db").read_bytes()
    for words in (
        ("erase", "r4", "--yes"),
        ("prune", "--keep", "1 day"),  # finds receipts
        ("prune", "--keep", "99 years"),  # finds none
    ):
        ended = ledger(url, *words, "--key", "key.pem")
        assert ended.exit_code == 2
        assert re.search("readonly|can only be read; nothing was removed", ended.stderr)
        assert not re.search("Erased|Pruned|are removed", ended.output)
    assert (folder / "consent.db").read_bytes() == before


@pytest.mark.needs("postgres")
def test_in_postgresql_an_erasure_says_what_remains(
    postgres: Server, public_key: str, folder: Path
) -> None:
    url = postgres.new_database()
    engine = made(url)
    fill(engine, map(receipt, range(3)))
    engine.dispose()
    erased = ledger(url, "erase", "r1", "--yes", "--key", "key.pem")
    assert erased.exit_code == 0
    assert "PostgreSQL's files still contain them" in erased.stderr
    assert "There is no spool in 'cookiegate-spool'" in erased.stderr
    pruned = ledger(url, "prune", "--keep", "1 day", "--key", "key.pem", "--vacuum-full")
    assert pruned.exit_code == 0
    assert pruned.stderr.endswith(
        "PostgreSQL's log, its replicas and your backups still contain them until they are "
        "replaced.\n"
    )


def test_in_sqlite_nothing_remains(url: str, public_key: str, folder: Path) -> None:
    (folder / "consent.db.spool").mkdir()
    erased = ledger(url, "erase", "r3", "--yes", "--key", "key.pem")
    assert erased.stderr == "Erased 1 receipt.\n"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("presentations SET html = :bytes", "not intact    a presentation was changed: "),
        ("presentations SET hash = 'x'", "not intact    a presentation was removed: "),
        ("receipts SET salt = :bytes WHERE id = 'r1'", "not intact    changed: it does not follow"),
        ("receipts SET link = :bytes WHERE id = 'r0'", "not intact    changed: it does not follow"),
        ("receipts SET time = 1 WHERE id = 'r2'", "not intact    changed: the table's columns"),
    ],
)
def test_a_changed_receipt_or_page_is_not_shown_as_if_it_were_whole(
    url: str, folder: Path, statement: str, said: str
) -> None:
    engine = made(url)
    values = {"bytes": b"<script>alert(1)</script>"} if ":bytes" in statement else {}
    execute(engine, f"UPDATE cookiegate_{statement}", **values)
    engine.dispose()
    result = ledger(url, "show", "r1", "--page", "shown.html")
    assert result.exit_code == 1
    assert said in result.stdout
    assert not (folder / "shown.html").exists()
    machine = ledger(url, "show", "r1", "--json")
    assert machine.exit_code == 1
    assert json.loads(machine.stdout)["findings"]
    assert json.loads(ledger(url, "show", "r3", "--json").stdout)["findings"] == []


def test_a_choice_by_code_is_named(url: str) -> None:
    shown = ledger(url, "show", "r4").stdout
    assert "surface       code: the application chose" in shown
    assert "sent by       the application\n" in shown
    assert "by code   2 grants\n" in ledger(url, "verify").stdout


@pytest.mark.parametrize("id", ["\udcff", "r1\x00", "'; DROP TABLE x", "x" * 10_000])
def test_an_id_that_cannot_exist_is_one_line_of_error(url: str, id: str) -> None:
    call("ledger", "keygen", "key.pem")
    for arguments in (("show",), ("erase", "--key", "key.pem")):
        result = ledger(url, *arguments, id)
        assert result.exit_code == 2
        assert result.stderr.endswith("there is no receipt with this id, or it was erased\n")


def test_more_receipts_than_a_browser_makes_are_not_followed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made(url)
    fill(engine, (receipt(n, closes="r4") for n in range(100, 130)), size=50)
    engine.dispose()
    monkeypatch.setattr(operations, "_MAX_RELATED", 30)
    assert "more than 30 receipts are linked to this one" in ledger(url, "show", "r4").stderr
    monkeypatch.setattr(operations, "_MAX_RELATED", 31)
    assert ledger(url, "show", "r4").exit_code == 0
