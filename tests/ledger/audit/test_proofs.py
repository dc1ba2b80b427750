"""Proofs: one receipt, checked without the database."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from cookiegate.ledger import LedgerError
from cookiegate.ledger.audit.checkpoints import SignedCheckpoint, load_checkpoint, sign_checkpoint
from cookiegate.ledger.audit.operations import checkpoint, erase
from cookiegate.ledger.audit.proofs import Proof, check_proof, load_proof, prove
from cookiegate.ledger.audit.signing import Signer, make_key
from cookiegate.ledger.storage.store import Store
from tests.ledger.books import PAGE, SIGNER, execute, fill, made, receipt
from tests.registries import NOON

replace = msgspec.structs.replace


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = made(url)
    fill(engine, map(receipt, range(11)), [receipt(20, presentation=None, surface="code")])
    yield engine
    engine.dispose()


@pytest.fixture
def signed(engine: Engine) -> SignedCheckpoint:
    return checkpoint(engine, SIGNER, now=NOON)[0]


@pytest.mark.parametrize("number", [0, 4, 10, 20])
def test_a_proof_is_one_complete_file(
    engine: Engine, signed: SignedCheckpoint, number: int
) -> None:
    text = msgspec.json.format(msgspec.json.encode(prove(engine, f"r{number}", signed)), indent=2)
    engine.dispose()
    proof = load_proof(text)
    found = check_proof(proof, [SIGNER.public])
    assert (found.id, found.granted) == (f"r{number}", ("analysis",))
    assert proof.presentation == (None if number == 20 else PAGE)


def test_a_proof_stays_valid_after_later_receipts_and_erasures(
    engine: Engine, signed: SignedCheckpoint
) -> None:
    row = Store(engine).find("r3")
    assert row is not None
    erase(engine, [row], SIGNER, now=NOON)
    fill(engine, [receipt(30)])
    assert check_proof(prove(engine, "r4", signed)).id == "r4"


@pytest.fixture
def proof(engine: Engine, signed: SignedCheckpoint) -> Proof:
    return prove(engine, "r4", signed)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda p: replace(p, receipt=p.receipt.replace("analysis", "marketin")), "not among"),
        (lambda p: replace(p, receipt="{"), "cannot be read"),
        (lambda p: replace(p, salt="00" * 16), "not among"),
        (lambda p: replace(p, salt="xx"), "cannot be read"),
        (lambda p: replace(p, number=5), "not among"),
        (lambda p: replace(p, number=99), "not among"),
        (lambda p: replace(p, writer="another"), "not among"),
        (lambda p: replace(p, path=p.path[1:]), "not among"),
        (lambda p: replace(p, path=("zz",)), "cannot be read"),
        (lambda p: replace(p, presentation=None), "not the one"),
        (
            lambda p: replace(p, presentation=replace(PAGE, html="<p>")),
            "not the one that the receipt names",
        ),
        (
            lambda p: replace(
                p,
                checkpoint=replace(
                    p.checkpoint, checkpoint=replace(p.checkpoint.checkpoint, time=1)
                ),
            ),
            "signature of its checkpoint is not valid",
        ),
    ],
)
def test_a_changed_proof_is_invalid(proof: Proof, change: Any, text: str) -> None:
    with pytest.raises(LedgerError, match=text):
        check_proof(change(proof), [SIGNER.public])


def test_a_proof_with_another_key_is_invalid(proof: Proof) -> None:
    other = Signer(make_key())
    with pytest.raises(LedgerError, match="another key"):
        check_proof(proof, [other.public])


def test_a_receipt_of_an_unknown_chain_cannot_be_proved(
    engine: Engine, signed: SignedCheckpoint
) -> None:
    fill(engine, [receipt(40)])
    with pytest.raises(LedgerError, match="newer"):
        prove(engine, "r40", signed)
    for id in ("r99", ""):
        with pytest.raises(LedgerError, match="no receipt with this id"):
            prove(engine, id, signed)


def test_a_receipt_after_the_checkpoint_cannot_be_proved(
    engine: Engine, signed: SignedCheckpoint
) -> None:
    row = Store(engine).find("r4")
    assert row is not None
    store = Store(engine)
    from tests.ledger.books import items

    store.append(store.chain_end(row.writer), items([receipt(41)]))
    with pytest.raises(LedgerError, match="newer"):
        prove(engine, "r41", signed)


def test_a_changed_ledger_gives_no_proof(engine: Engine, signed: SignedCheckpoint) -> None:
    execute(engine, "UPDATE cookiegate_receipts SET salt = :salt WHERE id = 'r3'", salt=b"s" * 16)
    with pytest.raises(LedgerError, match="do not match"):
        prove(engine, "r4", signed)


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[1]", b'{"salt":"\xff","key":"\xff"}'])
def test_other_files_are_rejected(text: bytes) -> None:
    with pytest.raises(LedgerError, match="not a valid proof"):
        load_proof(text)
    with pytest.raises(LedgerError, match="not a valid checkpoint"):
        load_checkpoint(text)


@pytest.mark.parametrize("size", [-1, 0, 2**63, 10**30])
def test_a_checkpoint_with_an_impossible_size_is_rejected(
    signed: SignedCheckpoint, size: int
) -> None:
    heads = tuple(replace(head, size=size) for head in signed.checkpoint.writers)
    forged = sign_checkpoint(replace(signed.checkpoint, writers=heads), SIGNER)
    with pytest.raises(LedgerError, match="not a valid checkpoint"):
        load_checkpoint(msgspec.json.encode(forged))


def test_files_of_a_later_format_are_rejected(signed: SignedCheckpoint, proof: Proof) -> None:
    later: Any = 2
    with pytest.raises(LedgerError, match="form"):
        load_proof(msgspec.json.encode(replace(proof, form=later)))
    forged = replace(signed, checkpoint=replace(signed.checkpoint, form=later))
    with pytest.raises(LedgerError, match="form"):
        load_checkpoint(msgspec.json.encode(forged))
