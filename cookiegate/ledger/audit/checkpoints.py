"""Checkpoints: the signed heads of all chains, to be kept away from the ledger's database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.storage.hash_chain import root_from_path

from .signing import Signer, is_signed

__all__ = [
    "ChainHead",
    "Checkpoint",
    "SignedCheckpoint",
    "is_genuine",
    "load_checkpoint",
    "sign_checkpoint",
]

# The largest number of the database's integer type.
_MAX_SIZE: Final = 2**63 - 1


class ChainHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The end of a writer's chain."""

    writer: str
    #: The number of receipts.
    size: Annotated[int, msgspec.Meta(ge=1, le=_MAX_SIZE)]
    #: The last link, and the root of the tree over all receipts (RFC 6962), in hexadecimal.
    link: str
    root: str

    def covers(self, number: int, leaf: bytes, path: Sequence[bytes]) -> bool:
        """Return True if a path leads from a leaf, the receipt of this number, to the root."""
        root = root_from_path(leaf, number, self.size, path)
        return root is not None and root.hex() == self.root


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of the ledger at one time."""

    #: Unix seconds.
    time: int
    writers: tuple[ChainHead, ...]
    #: The number of removal records, and the hash of the last one.
    removals: int
    removed: str
    #: The version of the file format.
    form: Literal[1] = 1

    def head_of(self, writer: str) -> ChainHead | None:
        """Return the head of a writer's chain; None if it had no receipt yet."""
        return {head.writer: head for head in self.writers}.get(writer)


class SignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checkpoint with its signature."""

    checkpoint: Checkpoint
    #: The public key and the signature, in hexadecimal.
    key: str
    signature: str


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> SignedCheckpoint:
    """Return a checkpoint with a signature."""
    signature = signer.sign("checkpoint", msgspec.json.encode(checkpoint))
    return SignedCheckpoint(checkpoint=checkpoint, key=signer.public, signature=signature.hex())


def is_genuine(signed: SignedCheckpoint) -> bool:
    """Return True if the signature is valid for the key that the file names."""
    try:
        signature = bytes.fromhex(signed.signature)
    except ValueError:
        return False
    body = msgspec.json.encode(signed.checkpoint)
    return is_signed(signed.key, "checkpoint", body, signature)


# Created at import, under the import lock: see `registry.load`.
_DECODER: Final = msgspec.json.Decoder(SignedCheckpoint)


def load_checkpoint(text: bytes) -> SignedCheckpoint:
    """
    Return a checkpoint from its file.

    Raises:
        LedgerError: The file is not a valid checkpoint.
    """
    try:
        return _DECODER.decode(text)
    except ValueError as error:  # msgspec's, or invalid UTF-8
        raise LedgerError(
            f"the file is not a valid checkpoint ({error}); make one with: "
            "cookiegate ledger checkpoint"
        ) from None
