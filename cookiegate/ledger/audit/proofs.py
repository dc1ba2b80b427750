"""Proofs: one receipt in one file, to be believed without the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

import msgspec
from sqlalchemy import Engine

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import Presentation, Receipt, hash_of, leaf_of, load_receipt
from cookiegate.ledger.storage.database import reading
from cookiegate.ledger.storage.hash_chain import path_of, root_by_path
from cookiegate.ledger.storage.store import Store, leaves_in

from .checkpoints import Signed, is_genuine

__all__ = ["Proof", "check_proof", "load_proof", "prove"]


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt, what the visitor was shown, and the way to a checkpoint."""

    #: The receipt's JSON as it was hashed.
    receipt: str
    #: In hexadecimal.
    salt: str
    writer: str
    number: int
    #: The hashes beside it on the way to the root (RFC 9162, section 2.1.3), in hexadecimal.
    path: tuple[str, ...]
    presentation: Presentation | None
    checkpoint: Signed
    #: The form of this file.
    form: Literal[1] = 1


def prove(engine: Engine, id: str, signed: Signed) -> Proof:
    """
    The proof of a receipt.

    Args:
        engine: The database.
        id: The receipt's.
        signed: A checkpoint that is younger than the receipt.

    Raises:
        LedgerError: There is no such receipt, the checkpoint does not know it, or does not fit.
    """
    store = Store(engine)
    row = store.find(id)
    if row is None or row.body is None or row.salt is None:
        raise LedgerError("there is no receipt of this id, or no more")
    tips = {tip.writer: tip for tip in signed.checkpoint.writers}
    tip = tips.get(row.writer)
    if tip is None or row.number >= tip.size:
        raise LedgerError(
            "the receipt is younger than the checkpoint; make another with: "
            "cookiegate ledger checkpoint"
        )
    with reading(engine) as connection:
        path = path_of(leaves_in(connection, row.writer, tip.size), row.number)
    root = root_by_path(leaf_of(row.salt, row.body), row.number, tip.size, path)
    if root is None or root.hex() != tip.root:
        raise LedgerError(
            "the ledger and the checkpoint do not fit; look with: cookiegate ledger verify"
        )
    shown = load_receipt(row.body).presentation
    return Proof(
        receipt=row.body.decode(),
        salt=row.salt.hex(),
        writer=row.writer,
        number=row.number,
        path=tuple(one.hex() for one in path),
        presentation=None if shown is None else store.presentation(shown),
        checkpoint=signed,
    )


def check_proof(proof: Proof, trusted: Collection[str] = ()) -> Receipt:
    """
    The receipt that a proof proves; nothing but the proof and the key is needed.

    Args:
        proof: The proof.
        trusted: Public keys, in hexadecimal; without any, whichever the proof names.

    Raises:
        LedgerError: It proves nothing; the text says why.
    """
    signed = proof.checkpoint
    if not is_genuine(signed):
        raise LedgerError("the checkpoint in it is not what was signed")
    if trusted and signed.key not in trusted:
        raise LedgerError(f"the checkpoint in it is signed by another key: {signed.key}")
    tips = {tip.writer: tip for tip in signed.checkpoint.writers}
    tip = tips.get(proof.writer)
    try:
        leaf = leaf_of(bytes.fromhex(proof.salt), proof.receipt.encode())
        path = [bytes.fromhex(one) for one in proof.path]
        receipt = load_receipt(proof.receipt.encode())
    except ValueError:
        # msgspec's errors are of this kind too.
        raise LedgerError("the receipt in it cannot be read") from None
    root = None if tip is None else root_by_path(leaf, proof.number, tip.size, path)
    if tip is None or root is None or root.hex() != tip.root:
        raise LedgerError("the receipt in it is not among those that the checkpoint vouches for")
    shown = proof.presentation
    hashes = {None} if shown is None else {shown.hash, hash_of(shown.html)}
    if hashes != {receipt.presentation}:
        raise LedgerError("what it says the visitor was shown is not what the receipt says")
    return receipt


# Made here, where threads take turns: see `registry.loading`.
_PROOFS: Final = msgspec.json.Decoder(Proof)


def load_proof(text: bytes) -> Proof:
    """
    A proof from its file.

    Raises:
        LedgerError: It is none.
    """
    try:
        return _PROOFS.decode(text)
    except ValueError as error:  # msgspec's, or text that is no UTF-8
        raise LedgerError(
            f"that is no proof ({error}); make one with: cookiegate ledger prove"
        ) from None
