"""`cookiegate ledger verify`, `checkpoint`, `prove` and `check`."""

import json
import time
from pathlib import Path

import pytest

from cookiegate.ledger import Receipt
from tests.cli.runs import call
from tests.ledger.books import PAGE, execute, fill, made, receipt

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


def added(url: str, *new: Receipt) -> None:
    """Add receipts of other writers."""
    engine = made(url)
    fill(engine, *([one] for one in new))
    engine.dispose()


def test_verify_names_what_no_checkpoint_covers(url: str, public_key: str) -> None:
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    anchor = ("--checkpoint", "point.json", "--public-key", public_key, "--strict")
    now = int(time.time()) + 1
    added(url, *(receipt(n, time=now) for n in range(10, 23)))
    result = ledger(url, "verify", *anchor)
    assert result.exit_code == 0
    assert "ledger        whole up to the checkpoint\n" in result.stdout
    assert result.stdout.count("1 receipt from number 0 of writer ") == 10
    assert "3 receipts of 3 more writers\n" in result.stdout
    assert result.stdout.count(", 1 grant among them") == 10
    assert "cookiegate ledger checkpoint --previous FILE" in result.stderr
    found = json.loads(ledger(url, "verify", *anchor, "--json").stdout)
    assert (len(found["unanchored"]), found["anomalies"]) == (13, [])


def test_verify_is_strict_about_grants_dated_before_a_checkpoint(url: str, public_key: str) -> None:
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    added(url, receipt(10, id="late", kind="withdrawal", granted=()))
    anchor = ("--checkpoint", "point.json", "--public-key", public_key, "--strict")
    spooled = ledger(url, "verify", *anchor)
    assert spooled.exit_code == 0
    assert "1 receipt dated before a checkpoint and not covered by it;" in spooled.stdout
    added(url, receipt(11, id="forged"))
    result = ledger(url, "verify", *anchor)
    assert result.exit_code == 1
    assert "not to be trusted after the checkpoint" in result.stdout
    assert "2 receipts dated before a checkpoint and not covered by it, 1 grant among" in (
        result.stdout
    )
    assert "receipt forged, dated 2026-11-24 12:00:11 UTC" in result.stdout
    assert ledger(url, "verify", *anchor[:-1]).exit_code == 0
    warned = ledger(url, "checkpoint", "--key", "key.pem", "--previous", "point.json")
    assert "But look at it first: 2 receipts dated before a checkpoint" in warned.stderr


def test_a_checkpoint_is_refused_if_it_does_not_continue_the_previous_one(
    url: str, public_key: str, folder: Path
) -> None:
    first = ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    assert "It continues no earlier checkpoint." in first.stderr
    second = ledger(
        url, "checkpoint", "--key", "key.pem", "--previous", "point.json", "-o", "next.json"
    )
    assert (second.exit_code, "continues" in second.stderr) == (0, False)
    assert ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json").exit_code == 0
    engine = made(url)
    execute(engine, "DELETE FROM cookiegate_receipts")
    fill(engine, map(receipt, range(9)))
    engine.dispose()
    kept = (folder / "point.json").read_bytes()
    for previous in (("--previous", "next.json"), ("-o", "point.json")):
        refused = ledger(url, "checkpoint", "--key", "key.pem", *previous)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "so it is not signed: removed; " in refused.stderr
    assert (folder / "point.json").read_bytes() == kept
    call("ledger", "keygen", "other.pem")
    other = ledger(url, "checkpoint", "--key", "other.pem", "--previous", "next.json")
    assert "a checkpoint is signed by another key" in other.stderr


def test_a_proof_with_a_page_that_was_changed_is_not_written(
    url: str, public_key: str, folder: Path
) -> None:
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    engine = made(url)
    execute(engine, "UPDATE cookiegate_presentations SET html = :html", html=b"<p>")
    engine.dispose()
    result = ledger(url, "prove", "r1", "--checkpoint", "point.json", "-o", "p.json")
    assert result.exit_code == 2
    assert "its page is not the one that the receipt names" in result.stderr
    assert not (folder / "p.json").exists()
