"""`cookiegate ledger verify`, `checkpoint`, `prove` and `check`."""

import json
from pathlib import Path

import pytest

from tests.cli.runs import call
from tests.ledger.books import PAGE, execute, made

from .runs import ledger

pytestmark = pytest.mark.usefixtures("folder")


def test_verify_says_if_the_ledger_is_not_anchored(url: str) -> None:
    result = ledger(url, "verify")
    assert result.exit_code == 0
    assert "internally consistent; not anchored" in result.stdout
    assert "evidence  missing for 1 grant by the application\n" in result.stdout
    assert "cookiegate ledger checkpoint" in result.stderr
    assert ledger(url, "verify", "--strict").exit_code == 1


def test_a_checkpoint_and_its_key_anchor_the_ledger(url: str, public_key: str) -> None:
    signed = ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    assert signed.exit_code == 0
    assert f"Signed 6 receipts of 1 writer with the key {public_key}." in signed.stderr
    for key in (public_key, "key.pem"):
        options = ("--checkpoint", "point.json", "--public-key", key, "--strict")
        result = ledger(url, "verify", *options)
        assert result.exit_code == 0
        assert "anchored  6 receipts" in result.stdout
    without = ledger(url, "verify", "--checkpoint", "point.json", "--strict")
    assert without.exit_code == 1
    assert "--public-key" in without.stderr
    piped = ledger(url, "checkpoint", "--key", "key.pem")
    assert json.loads(piped.stdout)["key"] == public_key


def test_a_checkpoint_of_an_empty_ledger_anchors_nothing(tmp_path: Path, public_key: str) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    made(url).dispose()
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    result = ledger(url, "verify", "--checkpoint", "point.json", "--public-key", public_key)
    assert "of an empty ledger" in result.stderr


def test_verify_names_the_first_receipt_that_is_wrong(url: str, public_key: str) -> None:
    engine = made(url)
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    execute(engine, "UPDATE cookiegate_receipts SET salt = :salt WHERE id = 'r1'", salt=b"s" * 16)
    result = ledger(url, "verify")
    assert result.exit_code == 1
    for text in ("ledger    changed", "number 1 of writer", "receipt   r1", "does not follow"):
        assert text in result.stdout
    found = json.loads(ledger(url, "verify", "--json").stdout)
    assert (found["whole"], found["finding"]["receipt"]) == (False, "r1")
    execute(engine, "DELETE FROM cookiegate_receipts")
    gone = ledger(url, "verify", "--checkpoint", "point.json")
    assert "place     writer" in gone.stdout
    assert "not intact" not in ledger(url, "checkpoint", "--key", "key.pem").stderr
    execute(
        engine,
        "INSERT INTO cookiegate_removals (number, body, signature, key) "
        "VALUES (0, :bytes, :bytes, :bytes)",
        bytes=b"x" * 32,
    )
    result = ledger(url, "verify")
    assert "place     number 0" in result.stdout
    refused = ledger(url, "checkpoint", "--key", "key.pem")
    assert refused.exit_code == 2
    assert "not intact" in refused.stderr
    engine.dispose()


def test_verify_names_a_forged_checkpoint_and_a_changed_page(
    url: str, public_key: str, folder: Path
) -> None:
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    point = folder / "point.json"
    point.write_text(point.read_text().replace('"removals": 0', '"removals": 1'))
    result = ledger(url, "verify", "--checkpoint", "point.json")
    assert result.stdout.startswith("ledger    a checkpoint is not what was signed\nreceipts")
    engine = made(url)
    execute(engine, "UPDATE cookiegate_presentations SET html = :html", html=b"<p>")
    engine.dispose()
    result = ledger(url, "verify")
    assert result.stdout.startswith("ledger    a presentation was changed\ndetail")


def test_a_proof_is_checked_without_the_ledger(url: str, public_key: str, folder: Path) -> None:
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    assert ledger(url, "prove", "r1", "--checkpoint", "point.json", "-o", "p.json").exit_code == 0
    (folder / "consent.db").unlink()
    result = call("ledger", "check", "p.json", "--public-key", public_key)
    assert result.exit_code == 0
    assert f"key           {public_key}\n" in result.stdout
    assert "granted       marketing" in result.stdout
    assert "address       192.0.2.0/24" in result.stdout
    assert call("ledger", "check", "p.json", "--page", "shown.html").exit_code == 0
    assert PAGE.html.removeprefix("<!doctype html>") in (folder / "shown.html").read_text()
    unknown = call("ledger", "check", "p.json")
    assert "not compared with any" in unknown.stdout
    machine = json.loads(call("ledger", "check", "p.json", "--json").stdout)
    assert machine["proved"]
    assert (machine["receipt"]["id"], machine["key"]) == ("r1", public_key)
    proof = json.loads((folder / "p.json").read_text())
    (folder / "p.json").write_text(json.dumps({**proof, "number": 0}))
    forged = call("ledger", "check", "p.json")
    assert forged.exit_code == 1
    assert forged.stdout.startswith("The proof is not valid: ")
    machine = json.loads(call("ledger", "check", "p.json", "--json").stdout)
    assert (machine["proved"], "is not among" in machine["why"]) == (False, True)
    (folder / "p.json").write_text("{}")
    assert call("ledger", "check", "p.json").exit_code == 2
