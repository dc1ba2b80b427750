"""Proofs: one receipt, checked without the database."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from cookiegate.ledger import LedgerError
from cookiegate.ledger.audit.checkpoints import SignedCheckpoint, load_checkpoint, sign_checkpoint
from cookiegate.ledger.audit.operations import checkpoint, erase
from cookiegate.ledger.audit.proofs import Proof, check_proof, load_proof, prove
from cookiegate.ledger.audit.signing import Signer, is_signed, make_key, read_public
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
    tips = tuple(replace(tip, size=size) for tip in signed.checkpoint.writers)
    forged = sign_checkpoint(replace(signed.checkpoint, writers=tips), SIGNER)
    with pytest.raises(LedgerError, match="not a valid checkpoint"):
        load_checkpoint(msgspec.json.encode(forged))


def test_files_of_a_later_format_are_rejected(signed: SignedCheckpoint, proof: Proof) -> None:
    later: Any = 2
    with pytest.raises(LedgerError, match="form"):
        load_proof(msgspec.json.encode(replace(proof, form=later)))
    forged = replace(signed, checkpoint=replace(signed.checkpoint, form=later))
    with pytest.raises(LedgerError, match="form"):
        load_checkpoint(msgspec.json.encode(forged))


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_a_signature_is_valid_for_one_body_purpose_and_key(one: bytes, other: bytes) -> None:
    signature = SIGNER.sign("removal", one)
    assert is_signed(SIGNER.public, "removal", one, signature)
    assert not is_signed(SIGNER.public, "checkpoint", one, signature)
    assert is_signed(SIGNER.public, "removal", other, signature) is (one == other)
    assert not is_signed("00" * 32, "removal", one, signature)
    assert not is_signed("no key", "removal", one, signature)


def test_a_public_key_is_read_from_digits_and_pem() -> None:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    pem = make_key()
    public = load_pem_private_key(pem, None).public_key()
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    wanted = Signer(pem).public
    parted = f"{wanted[:32]}\n{wanted[32:]}"
    for form in (wanted, f" {wanted.upper()}\n", parted, pem.decode(), text):
        assert read_public(form) == wanted
    assert wanted in repr(Signer(pem))


# Keys of an unsupported curve (brainpoolP160r1) and with a password.
_OF_NO_CURVE = b"""-----BEGIN PRIVATE KEY-----
MGQCAQAwFAYHKoZIzj0CAQYJKyQDAwIIAQEBBEkwRwIBAQQUeSqj+Wzx9Luom0+U
pByy31VHZp2hLAMqAATdyJtp+C1ZVY1Lbnx5e8qpYdVN6wczYxkYmF9scJVk10d0
4qyK2wVd
-----END PRIVATE KEY-----
"""
_PUBLIC_OF_NO_CURVE = """-----BEGIN PUBLIC KEY-----
MEIwFAYHKoZIzj0CAQYJKyQDAwIIAQEBAyoABN3Im2n4LVlVjUtufHl7yqlh1U3r
BzNjGRiYX2xwlWTXR3TirIrbBV0=
-----END PUBLIC KEY-----
"""
_LOCKED = b"""-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj4jUDb1DiVbQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBboHCx98mlUL5gRCS9L4k0EQCjP
UdFs5PI72PrzovJcaFzf6gESIYeSuiqgmblKHb5pz5/X/H5tJG37ovw8sE9vi2zL
FoQOHnC1oc4w0cE1p+0=
-----END ENCRYPTED PRIVATE KEY-----
"""


def test_invalid_keys_are_rejected() -> None:
    from cryptography.hazmat.primitives.asymmetric import x25519
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    other = x25519.X25519PrivateKey.generate()
    private = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for pem in (b"", b"no key", private, _OF_NO_CURVE, _LOCKED):
        with pytest.raises(LedgerError, match="cookiegate ledger keygen"):
            Signer(pem)
    for text in ("", "abcd", "no key", public.decode(), _PUBLIC_OF_NO_CURVE):
        with pytest.raises(LedgerError, match="not a valid public key"):
            read_public(text)
