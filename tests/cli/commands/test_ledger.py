"""`cookiegate ledger`: what an operator sees and does."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import Result

from cookiegate.ledger.storage.store import Store
from tests.cli.runs import call, on_terminal
from tests.ledger.books import PAGE, fill, made, receipt, tell
from tests.registries import NOON

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A ledger with a grant, a change of it, its withdrawal, and a grant by code."""
    url = f"sqlite:///{tmp_path}/consent.db"
    engine = made(url)
    fill(
        engine,
        [
            receipt(0),
            receipt(1, kind="change", closes="r0", granted=("marketing",), address="192.0.2.0/24"),
            receipt(2, kind="withdrawal", closes="r1", granted=(), signals=("gpc",)),
            receipt(3, surface="code", presentation=None, language=None),
            receipt(4, surface="code", presentation=None, language=None, evidence="form\x1b[31m"),
            receipt(5, kind="refusal", granted=(), time=NOON - NOON % 86_400),
        ],
    )
    engine.dispose()
    return url


def run(url: str, *arguments: str, stdin: str | None = None) -> Result:
    return call("ledger", *arguments, env={"COOKIEGATE_LEDGER": url}, stdin=stdin)


@pytest.fixture
def public() -> str:
    return call("ledger", "keygen", "key.pem").stdout.strip()


def test_a_key_is_for_its_owner_and_never_written_over(public: str, here: Path) -> None:
    assert len(public) == 64
    assert stat.S_IMODE((here / "key.pem").stat().st_mode) == 0o600
    again = call("ledger", "keygen", "key.pem")
    assert again.exit_code == 2
    assert "'key.pem' already exists and was not changed" in again.stderr
    assert call("ledger", "keygen", "no/such/key.pem").exit_code == 2


def test_the_commands_stand_in_the_order_in_which_a_site_needs_them() -> None:
    lines = call("ledger", "--help").stdout.partition("Commands:\n")[2].splitlines()
    names = [line.split()[0] for line in lines]
    assert names[:3] == ["upgrade", "health", "keygen"]
    assert len(names) == 11
    assert all("..." not in line for line in lines)


def test_upgrade_says_what_it_did(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    assert run(url, "upgrade").stdout == "Created the ledger's tables, version 0001.\n"
    assert run(url, "upgrade").stdout == "The ledger already has version 0001.\n"


def test_health_tells_what_waits(url: str, here: Path) -> None:
    good = run(url, "health")
    assert good.exit_code == 0
    assert "answers" in good.stdout
    assert "newest    2026-11-24 12:00:04 UTC" in good.stdout
    spool = here / "consent.db.spool"
    spool.mkdir()
    (spool / "a.1.spool").write_bytes(b"{}\n{}\n{")
    waits = run(url, "health", "--json")
    assert waits.exit_code == 1
    found = json.loads(waits.stdout)
    assert (found["receipts"], found["waiting"], found["files"], found["bytes"]) == (6, 2, 1, 7)
    elsewhere = run(url, "health", "--spool", "elsewhere")
    assert elsewhere.exit_code == 0


def test_health_of_an_empty_ledger_and_of_none(tmp_path: Path) -> None:
    made(f"sqlite:///{tmp_path}/new.db").dispose()
    assert "newest    none" in run(f"sqlite:///{tmp_path}/new.db", "health").stdout
    none = run(f"sqlite:///{tmp_path}/none.db", "health")
    assert none.exit_code == 1
    assert "there is no file" in none.stdout
    assert not (tmp_path / "none.db").exists()


def test_verify_says_that_nothing_outside_vouches_for_it(url: str) -> None:
    seen = run(url, "verify")
    assert seen.exit_code == 0
    assert "internally consistent; not anchored" in seen.stdout
    assert "evidence  missing for 1 grant by the application\n" in seen.stdout
    assert "cookiegate ledger checkpoint" in seen.stderr
    assert run(url, "verify", "--strict").exit_code == 1


def test_a_checkpoint_and_its_key_anchor_the_ledger(url: str, public: str) -> None:
    signed = run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    assert signed.exit_code == 0
    assert f"Signed 6 receipts of 1 writer with the key {public}." in signed.stderr
    for key in (public, "key.pem"):
        options = ("--checkpoint", "point.json", "--public-key", key, "--strict")
        seen = run(url, "verify", *options)
        assert seen.exit_code == 0
        assert "anchored  6 receipts" in seen.stdout
    without = run(url, "verify", "--checkpoint", "point.json", "--strict")
    assert without.exit_code == 1
    assert "--public-key" in without.stderr
    piped = run(url, "checkpoint", "--key", "key.pem")
    assert json.loads(piped.stdout)["key"] == public


def test_a_checkpoint_of_nothing_anchors_nothing(tmp_path: Path, public: str) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    made(url).dispose()
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    seen = run(url, "verify", "--checkpoint", "point.json", "--public-key", public)
    assert "of an empty ledger" in seen.stderr


def test_verify_names_what_is_wrong(url: str, public: str) -> None:
    engine = made(url)
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    tell(engine, "UPDATE cookiegate_receipts SET salt = :salt WHERE id = 'r1'", salt=b"s" * 16)
    seen = run(url, "verify")
    assert seen.exit_code == 1
    for text in ("ledger    changed", "number 1 of writer", "receipt   r1", "does not follow"):
        assert text in seen.stdout
    found = json.loads(run(url, "verify", "--json").stdout)
    assert (found["whole"], found["finding"]["receipt"]) == (False, "r1")
    tell(engine, "DELETE FROM cookiegate_receipts")
    gone = run(url, "verify", "--checkpoint", "point.json")
    assert "place     writer" in gone.stdout
    assert "not whole" not in run(url, "checkpoint", "--key", "key.pem").stderr
    tell(
        engine,
        "INSERT INTO cookiegate_removals (number, body, signature, key) "
        "VALUES (0, :bytes, :bytes, :bytes)",
        bytes=b"x" * 32,
    )
    seen = run(url, "verify")
    assert "place     number 0" in seen.stdout
    refused = run(url, "checkpoint", "--key", "key.pem")
    assert refused.exit_code == 2
    assert "not whole" in refused.stderr
    engine.dispose()


def test_a_proof_is_checked_without_the_ledger(url: str, public: str, here: Path) -> None:
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    assert run(url, "prove", "r1", "--checkpoint", "point.json", "-o", "p.json").exit_code == 0
    (here / "consent.db").unlink()
    seen = call("ledger", "check", "p.json", "--public-key", public)
    assert seen.exit_code == 0
    assert f"key           {public}\n" in seen.stdout
    assert "granted       marketing" in seen.stdout
    assert "address       192.0.2.0/24" in seen.stdout
    assert call("ledger", "check", "p.json", "--page", "shown.html").exit_code == 0
    assert (here / "shown.html").read_text() == PAGE.html
    unknown = call("ledger", "check", "p.json")
    assert "not compared with any" in unknown.stdout
    machine = json.loads(call("ledger", "check", "p.json", "--json").stdout)
    assert machine["proved"]
    assert (machine["receipt"]["id"], machine["key"]) == ("r1", public)
    proof = json.loads((here / "p.json").read_text())
    (here / "p.json").write_text(json.dumps({**proof, "number": 0}))
    forged = call("ledger", "check", "p.json")
    assert forged.exit_code == 1
    assert forged.stdout.startswith("The proof is not valid: ")
    machine = json.loads(call("ledger", "check", "p.json", "--json").stdout)
    assert (machine["proved"], "is not among" in machine["why"]) == (False, True)
    (here / "p.json").write_text("{}")
    assert call("ledger", "check", "p.json").exit_code == 2


@pytest.mark.parametrize(
    "id", ["-oabc", "-Xoabc", "--abc", "-", "--Aqvm9v2LTnuGqlSdcvxw", "-ooooooooooooooooooooo"]
)
def test_an_id_that_begins_with_a_dash_is_no_option(
    tmp_path: Path, public: str, here: Path, id: str
) -> None:
    url = f"sqlite:///{tmp_path}/dashes.db"
    engine = made(url)
    fill(engine, [receipt(0, id=id)])
    engine.dispose()
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    for order in (
        (id, "--checkpoint", "point.json", "-o", "-proof"),
        ("--checkpoint=point.json", id, "--output", "-proof"),
        ("-o", "-proof", "--checkpoint", "point.json", "--", id),
    ):
        assert run(url, "prove", *order).exit_code == 0
        assert json.loads(json.loads((here / "-proof").read_text())["receipt"])["id"] == id
    assert f'"id": "{id}"' in run(url, "show", "--json", id).stdout
    assert f"\n{id}," in run(url, "export", "--receipt", id).stdout.replace("'", "")
    assert run(url, "erase", "--key", "key.pem", "--yes", id).exit_code == 0


def test_a_command_about_a_receipt_has_its_help_and_its_usage(url: str) -> None:
    assert run(url, "show", "--help").stdout.startswith("Usage: ")
    for arguments in ((), ("r1", "--jsn"), ("r1", "--page")):
        assert run(url, "show", *arguments).exit_code == 2


def test_a_proof_of_a_grant_by_code_has_no_page(url: str, public: str) -> None:
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    run(url, "prove", "r3", "--checkpoint", "point.json", "-o", "p.json")
    assert call("ledger", "check", "p.json").exit_code == 0
    seen = call("ledger", "check", "p.json", "--page", "shown.html")
    assert (seen.exit_code, "did not show one" in seen.stderr) == (2, True)


def test_a_receipt_is_shown_with_its_line_and_its_page(url: str, here: Path) -> None:
    seen = run(url, "show", "r1", "--page", "shown.html")
    assert seen.exit_code == 0
    for text in ("receipt       r0", "receipt       r1", "receipt       r2", "signals       gpc"):
        assert text in seen.stdout
    assert (here / "shown.html").read_text() == PAGE.html
    found = json.loads(run(url, "show", "r1", "--json").stdout)
    assert [one["id"] for one in found["line"]] == ["r0", "r1", "r2"]
    assert run(url, "show", "r1").exit_code == 0


def test_a_terminal_is_safe_from_what_an_application_wrote(url: str) -> None:
    seen = run(url, "show", "r4")
    assert "\x1b[31m" not in seen.stdout
    assert "form\\x1b[31m" in seen.stdout
    assert "without evidence" in run(url, "show", "r3").stdout
    assert "time          2026-11-24\n" in run(url, "show", "r5").stdout


@pytest.mark.parametrize("body", [b"{", b'{"id":"\xff"}'])
def test_a_receipt_that_cannot_be_read_is_answered_in_a_line(url: str, body: bytes) -> None:
    engine = made(url)
    tell(engine, "UPDATE cookiegate_receipts SET body = :body WHERE id = 'r1'", body=body)
    engine.dispose()
    for arguments in (("show", "r1"), ("export",), ("export", "--format", "jsonl")):
        seen = run(url, *arguments)
        assert seen.exit_code == 2
        assert seen.stderr == "Error: a receipt cannot be read; see: cookiegate ledger verify\n"


def test_a_receipt_that_names_another_is_shown_as_what_it_says(url: str) -> None:
    engine = made(url)
    tell(engine, "UPDATE cookiegate_receipts SET id = 'other' WHERE id = 'r3'")
    engine.dispose()
    seen = run(url, "show", "other")
    assert (seen.exit_code, "receipt       r3\n" in seen.stdout) == (0, True)


@pytest.mark.parametrize("time", [10**12, 10**18, -(10**18)])
def test_a_time_that_no_calendar_has_is_shown_as_its_seconds(tmp_path: Path, time: int) -> None:
    url = f"sqlite:///{tmp_path}/times.db"
    engine = made(url)
    fill(engine, [receipt(1, time=time), receipt(2, time=time, kind="refusal", granted=())])
    engine.dispose()
    for arguments in (("health",), ("show", "r1"), ("show", "r2")):
        seen = run(url, *arguments)
        assert seen.exit_code == 0
        assert f"{time} seconds, which is not a valid time\n" in seen.stdout
    cell = f"'{time}" if time < 0 else str(time)
    assert f"r1,grant,{cell},shop" in run(url, "export").stdout


def test_a_terminal_is_safe_from_who_made_the_ledger_or_the_proof(
    tmp_path: Path, public: str
) -> None:
    url = f"sqlite:///{tmp_path}/red.db"
    engine = made(url)
    red = {"site": "s\x1b[31m", "offered": ("\x1b[31m",), "address": "\x1b[31m"}
    fill(engine, [receipt(0, id="\x1b[31m", language="\x1b[31m", **red)])
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    run(url, "prove", "\x1b[31m", "--checkpoint", "point.json", "-o", "proof.json")
    tell(engine, "UPDATE cookiegate_receipts SET time = 0")
    engine.dispose()
    for arguments, code in (
        (("show", "\x1b[31m"), 0),
        (("verify",), 1),
        (("check", "proof.json"), 0),
        (("erase", "\x1b[31m", "--yes", "--key", "key.pem"), 0),
    ):
        seen = run(url, *arguments)
        assert seen.exit_code == code
        assert "\\x1b[31m\n" in seen.stdout
        assert "\x1b" not in seen.stdout


def test_of_a_grant_by_code_there_is_no_page(url: str) -> None:
    seen = run(url, "show", "r3", "--page", "shown.html")
    assert seen.exit_code == 2
    assert "did not show one" in seen.stderr
    assert run(url, "show", "r3").exit_code == 0
    assert run(url, "show", "r99").exit_code == 2


def test_on_a_terminal_the_page_is_opened(url: str, here: Path) -> None:
    browser = here / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o700)
    env = {
        "COOKIEGATE_LEDGER": url,
        "BROWSER": f"{browser} %s",
    }
    seen = on_terminal("ledger", "show", "r1", cwd=here, env=env)
    assert "Opening the page: " in seen.out
    shown = Path((here / "opened").read_text().strip().removeprefix("file://"))
    assert shown.read_text() == PAGE.html
    shown.unlink()
    (here / "opened").unlink()
    machine = on_terminal("ledger", "show", "r1", "--json", cwd=here, env=env)
    assert json.loads(machine.out)["receipt"] == "r1"
    assert not (here / "opened").exists()


def test_an_export_is_between_days_or_about_one_browser(url: str, here: Path) -> None:
    lines = run(url, "export").stdout.splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("id,kind,time")
    assert run(url, "export", "--until", "2026-11-24").stdout.count("\n") == 1
    assert run(url, "export", "--since", "2026-11-24", "--format", "jsonl").stdout.count("\n") == 6
    run(url, "export", "--receipt", "r2", "--format", "jsonl", "-o", "out.jsonl")
    ids = [json.loads(line)["id"] for line in (here / "out.jsonl").read_text().splitlines()]
    assert ids == ["r0", "r1", "r2"]
    assert stat.S_IMODE((here / "out.jsonl").stat().st_mode) == 0o600


def test_what_is_written_to_a_file_replaces_an_older_one_once_it_is_whole(
    url: str, here: Path
) -> None:
    old = here / "out.csv"
    old.write_text("an older export")
    old.chmod(0o644)
    (here / "link.csv").symlink_to("out.csv")
    engine = made(url)
    tell(engine, "UPDATE cookiegate_receipts SET body = :body WHERE id = 'r4'", body=b"{")
    files = set(here.iterdir())
    assert run(url, "export", "-o", "link.csv").exit_code == 2
    assert old.read_text() == "an older export"
    assert set(here.iterdir()) == files
    tell(engine, "DELETE FROM cookiegate_receipts WHERE id = 'r4'")
    engine.dispose()
    assert run(url, "export", "-o", "link.csv").exit_code == 0
    assert (here / "link.csv").is_symlink()
    assert old.read_text().count("\n") == 6
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


@pytest.mark.parametrize("precious", ["consent.db", "key.pem"])
def test_neither_a_ledger_nor_a_key_is_written_over(
    url: str, public: str, here: Path, precious: str
) -> None:
    before = (here / precious).read_bytes()
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    for arguments in (
        ("export",),
        ("checkpoint", "--key", "key.pem"),
        ("prove", "r1", "--checkpoint", "point.json"),
    ):
        seen = run(url, *arguments, "-o", precious)
        assert seen.exit_code == 2
        assert "is a database or a key, and is not replaced" in seen.stderr
        assert (here / precious).read_bytes() == before
    assert run(url, "show", "r1", "--page", precious).exit_code == 2


def test_a_device_is_written_to_as_it_is(url: str) -> None:
    assert run(url, "export", "-o", "/dev/null").exit_code == 0
    assert Path("/dev/null").is_char_device()


def test_verify_names_what_is_no_receipt(url: str, public: str, here: Path) -> None:
    run(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    point = here / "point.json"
    point.write_text(point.read_text().replace('"removals": 0', '"removals": 1'))
    seen = run(url, "verify", "--checkpoint", "point.json")
    assert seen.stdout.startswith("ledger    a checkpoint is not what was signed\nreceipts")
    engine = made(url)
    tell(engine, "UPDATE cookiegate_presentations SET html = :html", html=b"<p>")
    engine.dispose()
    seen = run(url, "verify")
    assert seen.stdout.startswith("ledger    a presentation was changed\ndetail")


@pytest.mark.parametrize("output", ["/dev/full", "no/such/out", "."])
def test_what_cannot_be_written_is_answered_in_a_line(url: str, public: str, output: str) -> None:
    for arguments in (("export",), ("checkpoint", "--key", "key.pem")):
        seen = run(url, *arguments, "-o", output)
        assert seen.exit_code == 2
        assert f"Error: {output!r} cannot be written: " in seen.stderr
        assert seen.stderr.count("\n") == 1


def test_a_long_command_says_on_a_terminal_how_far_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/long.db"
    engine = made(url)
    fill(engine, (receipt(n) for n in range(2500)), size=500)
    engine.dispose()
    env = {"COOKIEGATE_LEDGER": url}
    seen = on_terminal("ledger", "export", "-o", "out.csv", cwd=tmp_path, env=env)
    assert seen.code == 0
    assert "receipts written" in seen.out
    assert "2000 of 2500" in seen.out
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 2501
    for arguments, said in (
        (("verify",), "receipts verified"),
        (("export", "--until", "2026-11-24"), "0 of 0"),
        (("export", "--receipt", "r7"), "0 of 1"),
    ):
        seen = on_terminal("ledger", *arguments, cwd=tmp_path, env=env, columns=120)
        assert seen.code == 0
        assert said in seen.out


def test_an_erasure_takes_the_line_and_is_recorded(url: str, public: str) -> None:
    asked = run(url, "erase", "r1", "--key", "key.pem", stdin="n\n")
    assert asked.exit_code == 1
    assert "Erase 3 receipts for ever?" in asked.stderr
    engine = made(url)
    assert Store(engine).find("r1") is not None
    done = run(url, "erase", "r1", "--key", "key.pem", "--yes")
    assert (done.exit_code, done.stdout) == (0, "r0\nr1\nr2\n")
    alone = run(url, "erase", "r4", "--key", "key.pem", "--alone", "--yes")
    assert alone.stdout == "r4\n"
    assert "Erased 1 receipt." in alone.stderr
    seen = run(url, "verify")
    assert "6 checked, 4 of them removed" in seen.stdout
    assert f"removed by  {public}" in seen.stdout
    engine.dispose()


def test_pruning_goes_by_the_registry(url: str, public: str, here: Path) -> None:
    registry = here / "cookiegate.toml"
    registry.write_text('[site]\nname = "Shop"\nlanguages = ["en"]\n[categories.essential]\n')
    silent = run(url, "prune", "--key", "key.pem")
    assert silent.exit_code == 2
    assert "[ledger] keep" in silent.stderr
    registry.write_text(registry.read_text() + '[ledger]\nkeep = "3 years"\n')
    assert run(url, "prune", "--key", "key.pem").stdout == "Pruned 0 receipts.\n"
    wrong = run(url, "prune", "--key", "key.pem", "--keep", "long")
    assert wrong.exit_code == 2
    assert "--keep: " in wrong.stderr


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("sqlite:///none.db", "there is no file"),
        ("sqlite://", "in memory"),
        ("mysql://x/y", "SQLite or PostgreSQL"),
        ("nonsense", "no database's"),
        ("postgresql://test@127.0.0.1:1/none", "refused"),
    ],
)
def test_a_ledger_that_cannot_be_opened_is_answered_in_a_line(url: str, text: str) -> None:
    seen = run(url, "verify")
    assert seen.exit_code == 2
    assert text in seen.stderr
    assert seen.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "--checkpoint", "none.json"),
        ("verify", "--checkpoint", "consent.db"),
        ("verify", "--public-key", "abc"),
        ("verify", "--public-key", ""),
        ("verify", "--public-key", "x" * 300),
        ("checkpoint", "--key", "consent.db"),
        ("checkpoint", "--key", "none.pem"),
        ("prove", "r0", "--checkpoint", "none.json"),
    ],
)
def test_a_file_that_is_another_is_answered_in_a_line(url: str, arguments: tuple[str, ...]) -> None:
    seen = run(url, *arguments)
    assert seen.exit_code == 2
    assert seen.stderr.startswith("Error: ")
    assert seen.stderr.count("\n") == 1
