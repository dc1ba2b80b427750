"""Checkpoints: the ends of all chains, signed, to be kept where the ledger's database is not."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from cookiegate.ledger.errors import LedgerError

from .signing import Signer, is_signed

__all__ = ["Checkpoint", "Signed", "Tip", "is_genuine", "load_signed", "sign"]


# As many as a database can number.
_MOST: Final = 2**63 - 1


class Tip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a writer's chain ended."""

    writer: str
    #: How many receipts there were.
    size: Annotated[int, msgspec.Meta(ge=1, le=_MOST)]
    #: The last link, and the root of the tree over all of them (RFC 6962), in hexadecimal.
    link: str
    root: str


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What held at one moment."""

    #: Unix seconds.
    time: int
    writers: tuple[Tip, ...]
    #: How many records of removals there were, and the hash of the last.
    removals: int
    removed: str
    #: The form of this file.
    form: Literal[1] = 1


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checkpoint with its signature."""

    checkpoint: Checkpoint
    #: The public key and the signature, in hexadecimal.
    key: str
    signature: str


def sign(checkpoint: Checkpoint, signer: Signer) -> Signed:
    """Sign a checkpoint."""
    signature = signer.sign("checkpoint", msgspec.json.encode(checkpoint))
    return Signed(checkpoint=checkpoint, key=signer.public, signature=signature.hex())


def is_genuine(signed: Signed) -> bool:
    """Whether the holder of the key that it names has signed it."""
    try:
        signature = bytes.fromhex(signed.signature)
    except ValueError:
        return False
    text = msgspec.json.encode(signed.checkpoint)
    return is_signed(signed.key, "checkpoint", text, signature)


# Made here, where threads take turns: see `registry.loading`.
_SIGNED: Final = msgspec.json.Decoder(Signed)


def load_signed(text: bytes) -> Signed:
    """
    A checkpoint from its file.

    Raises:
        LedgerError: It is none.
    """
    try:
        return _SIGNED.decode(text)
    except ValueError as error:  # msgspec's, or text that is no UTF-8
        raise LedgerError(
            f"that is no checkpoint ({error}); make one with: cookiegate ledger checkpoint"
        ) from None
