"""Signed records of what was erased or pruned: without one, a missing receipt is tampering."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Row, bindparam, select, update

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import leaf_of
from cookiegate.ledger.storage.database import as_bytes, take_turn
from cookiegate.ledger.storage.tables import receipts, removals

from .signing import Signer

__all__ = [
    "NO_REMOVAL",
    "Reason",
    "Removal",
    "Span",
    "StoredRemoval",
    "gather",
    "load_removal",
    "removals_in",
    "remove",
]

#: On a visitor's demand, or since receipts are kept for so long and no longer.
Reason = Literal["erasure", "prune"]

#: What the first record follows.
NO_REMOVAL: Final = bytes(32).hex()
_REMOVAL: Final = b"\x04"
_AT_A_TIME: Final = 100


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Receipts that stand one after the other in a writer's chain."""

    writer: str
    first: int
    #: The last one's number; it is among them.
    last: int


class Removal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One record. It names nobody: only places in chains."""

    number: int
    #: Unix seconds.
    time: int
    reason: Reason
    #: The hash of the record before.
    previous: str
    spans: tuple[Span, ...]


class StoredRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it stands in the table."""

    number: int
    body: bytes
    signature: bytes
    #: The public key, in hexadecimal.
    key: str

    @property
    def hash(self) -> str:
        """What the next record refers to."""
        return hashlib.sha256(_REMOVAL + self.body + self.signature).hexdigest()


# Made here, where threads take turns: see `registry.loading`.
_REMOVALS: Final = msgspec.json.Decoder(Removal)


def load_removal(body: bytes) -> Removal:
    """
    The record that stands in a table.

    Raises:
        ValueError: It is none: msgspec's error, or that of text which is no UTF-8.
    """
    return _REMOVALS.decode(body)


def removals_in(connection: Connection) -> Generator[StoredRemoval]:
    """All records, in their order."""
    wanted = select(removals).order_by(removals.c.number)
    with connection.execution_options(yield_per=_AT_A_TIME).execute(wanted) as result:
        for found in result:
            yield _stored(found)


def _stored(found: Row[Any]) -> StoredRemoval:
    return StoredRemoval(
        number=found.number,
        body=as_bytes(found.body) or b"",
        signature=as_bytes(found.signature) or b"",
        key=(as_bytes(found.key) or b"").hex(),
    )


def gather(places: Iterable[tuple[str, int]]) -> tuple[Span, ...]:
    """
    Places in chains as few spans.

    Args:
        places: Writers and numbers, in order.
    """
    spans: list[Span] = []
    for writer, number in places:
        last = spans[-1] if spans else None
        if last is not None and last.writer == writer and last.last + 1 == number:
            spans[-1] = Span(writer=writer, first=last.first, last=number)
        else:
            spans.append(Span(writer=writer, first=number, last=number))
    return tuple(spans)


def remove(
    connection: Connection,
    places: Iterable[tuple[str, int]],
    *,
    reason: Reason,
    signer: Signer,
    now: int,
) -> Removal:
    """
    Take receipts away, and record that; what is left of each is its hash.

    Args:
        connection: One whose changes are kept together.
        places: Writers and numbers, in order; at least one.
        reason: Why.
        signer: Signs the record.
        now: Unix seconds.

    Raises:
        LedgerError: A receipt is not there.
    """
    spans = gather(places)
    take_turn(connection)
    last = connection.execute(select(removals).order_by(removals.c.number.desc()).limit(1)).first()
    removal = Removal(
        number=0 if last is None else last.number + 1,
        time=now,
        reason=reason,
        previous=NO_REMOVAL if last is None else _stored(last).hash,
        spans=spans,
    )
    body = msgspec.json.encode(removal)
    connection.execute(
        removals.insert(),
        {
            "number": removal.number,
            "body": body,
            "signature": signer.sign("removal", body),
            "key": bytes.fromhex(signer.public),
        },
    )
    for span in spans:
        _blank(connection, span)
    return removal


_BLANK: Final = (
    update(receipts)
    .where(receipts.c.writer == bindparam("its_writer"))
    .where(receipts.c.number == bindparam("its_number"))
    .values(leaf=bindparam("its_leaf"), id=None, time=None, closes=None, salt=None, body=None)
)


def _blank(connection: Connection, span: Span) -> None:
    wanted = (
        select(receipts.c.number, receipts.c.salt, receipts.c.body)
        .where(receipts.c.writer == span.writer)
        .where(receipts.c.number.between(span.first, span.last))
        .where(receipts.c.body.is_not(None))
    )
    changes = [
        {
            "its_writer": span.writer,
            "its_number": found.number,
            "its_leaf": leaf_of(found.salt, found.body),
        }
        for found in connection.execute(wanted)
    ]
    if len(changes) != span.last - span.first + 1:
        raise LedgerError("what is to be removed is not all there; nothing was changed")
    connection.execute(_BLANK, changes)
