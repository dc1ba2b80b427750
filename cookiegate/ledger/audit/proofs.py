"""Proofs: one receipt in one file, which can be checked without the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

import msgspec
from sqlalchemy import Engine

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import (
    Receipt,
    StoredPresentation,
    leaf_hash,
    load_receipt,
    page_hash,
)
from cookiegate.ledger.storage.database import reading
from cookiegate.ledger.storage.hash_chain import inclusion_path
from cookiegate.ledger.storage.store import Store, leaves_in, receipt_in

from .checkpoints import SignedCheckpoint, is_genuine

__all__ = ["Proof", "check_proof", "load_proof", "prove"]


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt, what the visitor was shown, and the path to a signed checkpoint."""

    #: The receipt's JSON as it was hashed.
    receipt: str
    #: In hexadecimal.
    salt: str
    writer: str
    number: int
    #: The inclusion path (RFC 9162, section 2.1.3), in hexadecimal.
    path: tuple[str, ...]
    presentation: StoredPresentation | None
    checkpoint: SignedCheckpoint
    #: The version of the file format.
    form: Literal[1] = 1


def prove(engine: Engine, id: str, signed: SignedCheckpoint) -> Proof:
    """
    Return the proof of a receipt.

    Args:
        engine: The database.
        id: The receipt's id.
        signed: A checkpoint that is newer than the receipt.

    Raises:
        LedgerError: The receipt does not exist, or the checkpoint is older or does not match.
    """
    store = Store(engine)
    row = store.find(id)
    if row is None or row.body is None or row.salt is None:
        raise LedgerError("there is no receipt with this id, or it was erased")
    if not isinstance(row.number, int):
        raise LedgerError("the receipt has no valid number; see: cookiegate ledger verify")
    head = signed.checkpoint.head_of(row.writer)
    if head is None or row.number >= head.size:
        raise LedgerError(
            "the receipt is newer than the checkpoint; make another with: "
            "cookiegate ledger checkpoint"
        )
    with reading(engine) as connection:
        path = inclusion_path(leaves_in(connection, row.writer, head.size), row.number)
    if not head.covers(row.number, leaf_hash(row.salt, row.body), path):
        raise LedgerError(
            "the ledger and the checkpoint do not match; see: cookiegate ledger verify"
        )
    presentation = receipt_in(row.body).presentation
    proof = Proof(
        receipt=row.body.decode(),
        salt=row.salt.hex(),
        writer=row.writer,
        number=row.number,
        path=tuple(node.hex() for node in path),
        presentation=None if presentation is None else store.presentation(presentation),
        checkpoint=signed,
    )
    # As somebody else will read it.
    check_proof(load_proof(msgspec.json.encode(proof)))
    return proof


def check_proof(proof: Proof, trusted: Collection[str] = ()) -> Receipt:
    """
    Return the receipt that a proof proves. Needs only the proof and the key.

    Args:
        proof: The proof.
        trusted: Public keys, in hexadecimal; if empty, any key is accepted.

    Raises:
        LedgerError: The proof is not valid; the message says why.
    """
    signed = proof.checkpoint
    if not is_genuine(signed):
        raise LedgerError("the signature of its checkpoint is not valid")
    if trusted and signed.key not in trusted:
        raise LedgerError(f"its checkpoint is signed with another key: {signed.key}")
    head = signed.checkpoint.head_of(proof.writer)
    try:
        leaf = leaf_hash(bytes.fromhex(proof.salt), proof.receipt.encode())
        path = [bytes.fromhex(node) for node in proof.path]
        receipt = load_receipt(proof.receipt.encode())
    except ValueError:  # msgspec's too
        raise LedgerError("its receipt cannot be read") from None
    if head is None or not head.covers(proof.number, leaf, path):
        raise LedgerError("its receipt is not among those that the checkpoint covers")
    page = proof.presentation
    hashes = {None} if page is None else {page.hash, page_hash(page.html)}
    if hashes != {receipt.presentation}:
        raise LedgerError("its page is not the one that the receipt names")
    return receipt


# Created at import, under the import lock: see `registry.load`.
_DECODER: Final = msgspec.json.Decoder(Proof)


def load_proof(text: bytes) -> Proof:
    """
    Return a proof from its file.

    Raises:
        LedgerError: The file is not a valid proof.
    """
    try:
        return _DECODER.decode(text)
    except ValueError as error:  # msgspec's, or invalid UTF-8
        raise LedgerError(
            f"the file is not a valid proof ({error}); make one with: cookiegate ledger prove"
        ) from None
