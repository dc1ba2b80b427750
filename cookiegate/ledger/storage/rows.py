"""What the tables hold, and what is about to be stored in them."""

from __future__ import annotations

import msgspec

from cookiegate.ledger.receipts import StoredPresentation, leaf_hash

__all__ = ["ChainEnd", "NewReceipt", "StoredReceipt"]


class NewReceipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A receipt that is not committed yet; the spool keeps it as JSON."""

    id: str
    time: int
    salt: bytes
    body: bytes
    closes: str | None = None
    presentation: StoredPresentation | None = None

    def __repr__(self) -> str:
        # Without ids and the body, which must not get into a log.
        return "<NewReceipt>"


class StoredReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the receipts' table."""

    writer: str
    number: int
    id: str | None
    time: int | None
    closes: str | None
    #: None if the receipt is erased; then `leaf` is set.
    salt: bytes | None
    body: bytes | None
    leaf: bytes | None
    link: bytes

    def __repr__(self) -> str:
        # Without ids and the body; the number is not in a cookie.
        return f"<StoredReceipt {self.number} of {self.writer}>"

    @property
    def hash(self) -> bytes:
        """Return its hash in the chain."""
        if self.salt is None or self.body is None:
            return self.leaf or b""
        return leaf_hash(self.salt, self.body)


class ChainEnd(msgspec.Struct, frozen=True, kw_only=True):
    """Where a writer's chain ends: the number of its receipts, and the last link."""

    writer: str
    size: int
    link: bytes
