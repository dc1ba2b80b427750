"""Signed records of erased and pruned receipts: a receipt missing without one is tampering."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Row, bindparam, select, update

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import leaf_hash
from cookiegate.ledger.storage.dialects import dialect_of
from cookiegate.ledger.storage.tables import as_bytes, bounded, receipts, removals

from .signing import Signer

__all__ = [
    "NO_REMOVAL",
    "Reason",
    "Removal",
    "Span",
    "StoredRemoval",
    "load_removal",
    "merge_spans",
    "removals_in",
    "remove",
]

#: At a visitor's request, or because the time for which receipts are kept has passed.
Reason = Literal["erasure", "prune"]

#: The `previous` of the first record.
NO_REMOVAL: Final = bytes(32).hex()
_REMOVAL: Final = b"\x04"
_FETCH_SIZE: Final = 100
# The largest number of the database's integer type.
_MAX_NUMBER: Final = 2**63 - 1
# A record has a span for each of at most 10,000 receipts.
_MAX_RECORD_BYTES: Final = 4 * 1024 * 1024
_COLUMNS: Final = tuple(
    column
    if column.name == "number"
    else bounded(column, _MAX_RECORD_BYTES if column.name == "body" else 256)
    for column in removals.c
)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive receipts of a writer's chain."""

    writer: str
    first: int
    #: The number of the last receipt, inclusive.
    last: int


class Removal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record of removed receipts. It contains positions in chains and nothing personal."""

    number: int
    #: Unix seconds.
    time: int
    reason: Reason
    #: The hash of the previous record.
    previous: str
    spans: tuple[Span, ...]


class StoredRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the removals' table."""

    number: int
    body: bytes
    signature: bytes
    #: The public key, in hexadecimal.
    key: str

    @property
    def hash(self) -> str:
        """Return the hash that the next record refers to."""
        return hashlib.sha256(_REMOVAL + self.body + self.signature).hexdigest()


# Created at import, under the import lock: see `registry.load`.
_DECODER: Final = msgspec.json.Decoder(Removal)


def load_removal(body: bytes) -> Removal:
    """
    Return the record of a row.

    Raises:
        ValueError: It is not a valid record: msgspec's error, or that of invalid UTF-8.
    """
    return _DECODER.decode(body)


def removals_in(connection: Connection) -> Generator[StoredRemoval]:
    """Yield all records in their order."""
    query = select(*_COLUMNS).order_by(removals.c.number)
    with connection.execution_options(yield_per=_FETCH_SIZE).execute(query) as rows:
        yield from map(_stored, rows)


def _stored(row: Row[Any]) -> StoredRemoval:
    return StoredRemoval(
        number=row.number,
        body=as_bytes(row.body) or b"",
        signature=as_bytes(row.signature) or b"",
        key=(as_bytes(row.key) or b"").hex(),
    )


def merge_spans(positions: Iterable[tuple[str, int]]) -> tuple[Span, ...]:
    """
    Return positions in chains as few spans.

    Args:
        positions: Writers and numbers, in order.
    """
    spans: list[Span] = []
    for writer, number in positions:
        last = spans[-1] if spans else None
        if last is not None and last.writer == writer and last.last + 1 == number:
            spans[-1] = Span(writer=writer, first=last.first, last=number)
        else:
            spans.append(Span(writer=writer, first=number, last=number))
    return tuple(spans)


def remove(
    connection: Connection,
    positions: Iterable[tuple[str, int]],
    *,
    reason: Reason,
    signer: Signer,
    now: int,
) -> Removal:
    """
    Delete receipts except for their hashes, and record it.

    Args:
        connection: In a transaction.
        positions: Writers and numbers; at least one.
        reason: Why.
        signer: Signs the record.
        now: Unix seconds.

    Raises:
        LedgerError: A receipt does not exist.
    """
    spans = merge_spans(sorted(map(_checked, positions)))
    dialect_of(connection).lock_maintenance(connection)
    query = select(*_COLUMNS).order_by(removals.c.number.desc()).limit(1)
    last = connection.execute(query).first()
    if last is not None and not (isinstance(last.number, int) and last.number < _MAX_NUMBER):
        raise LedgerError(
            "the records of removals are not whole, so nothing was changed; see: "
            "cookiegate ledger verify"
        )
    removal = Removal(
        number=0 if last is None else last.number + 1,
        time=now,
        reason=reason,
        previous=NO_REMOVAL if last is None else _stored(last).hash,
        spans=spans,
    )
    body = msgspec.json.encode(removal)
    values = {
        "number": removal.number,
        "body": body,
        "signature": signer.sign("removal", body),
        "key": bytes.fromhex(signer.public),
    }
    connection.execute(removals.insert(), values)
    for span in spans:
        _erase(connection, span)
    return removal


def _checked(position: tuple[object, object]) -> tuple[str, int]:
    # In SQLite, someone with write access may have stored values of other types.
    writer, number = position
    if isinstance(writer, str) and isinstance(number, int):
        return writer, number
    raise LedgerError("a receipt to remove has no valid number; see: cookiegate ledger verify")


_ERASE: Final = (
    update(receipts)
    .where(receipts.c.writer == bindparam("row_writer"), receipts.c.number == bindparam("row"))
    .values(leaf=bindparam("row_leaf"), id=None, time=None, closes=None, salt=None, body=None)
)


def _erase(connection: Connection, span: Span) -> None:
    query = (
        select(receipts.c.number, receipts.c.salt, receipts.c.body)
        .where(receipts.c.writer == span.writer)
        .where(receipts.c.number.between(span.first, span.last))
        .where(receipts.c.body.is_not(None))
    )
    changes = [
        {
            "row_writer": span.writer,
            "row": row.number,
            "row_leaf": leaf_hash(as_bytes(row.salt) or b"", as_bytes(row.body) or b""),
        }
        for row in connection.execute(query)
    ]
    if len(changes) != span.last - span.first + 1:
        raise LedgerError("a receipt to remove does not exist; nothing was changed")
    connection.execute(_ERASE, changes)
