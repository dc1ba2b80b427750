"""Reads and writes of the receipts' and presentations' tables."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any, Final, TypeVar, cast

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    RowMapping,
    Select,
    func,
    select,
    update,
)

from cookiegate.consent.choice import Surface
from cookiegate.http.memo import BoundedDict
from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import Receipt, StoredPresentation, leaf_hash, load_receipt
from cookiegate.ledger.refusals import RefusalKey

from .database import reading, writing
from .dialects import dialect_of
from .hash_chain import first_link, next_link
from .rows import ChainEnd, NewReceipt, StoredReceipt
from .tables import (
    MAX_BODY_BYTES,
    MAX_PAGE_BYTES,
    RECEIPT_COLUMNS,
    as_bytes,
    as_text,
    bounded,
    presentations,
    receipts,
    refusals,
)

__all__ = [
    "FETCH_SIZE",
    "Store",
    "leaves_in",
    "presentations_in",
    "receipt_in",
    "receipts_in",
]

#: Rows fetched at a time, so that a million receipts are never in memory.
FETCH_SIZE: int = 1000
_Count = Annotated[int, msgspec.Meta(ge=0)]
# A time that the calendar has.
_Day = Annotated[int, msgspec.Meta(ge=0, lt=253_402_300_800)]
_V = TypeVar("_V", str, bytes)

# Parameters of one query; older versions of SQLite allow 999.
_MAX_PARAMETERS: Final = 500
_REFUSAL_FIELDS: Final = RefusalKey.__struct_fields__
# The row of `Store.ping`, which nobody ever sees.
_PROBE: Final = {"writer": "", "number": 0, "link": b""}
# A site has a few pages for each language.
_MAX_PAGES: Final = 1024


_PAGE_COLUMNS: Final = tuple(
    bounded(column, MAX_PAGE_BYTES) if column.name == "html" else bounded(column)
    for column in presentations.c
)


class Store:
    """
    The ledger's tables.

    Args:
        engine: The database.
        max_pages: How many pages it remembers to have stored.
    """

    def __init__(self, engine: Engine, *, max_pages: int = _MAX_PAGES) -> None:
        self.engine: Engine = engine
        #: Hashes of pages that are known to be in the table.
        self.known_pages: BoundedDict[str, None] = BoundedDict(max_pages)

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection that sees one state of the database and changes nothing."""
        return reading(self.engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a connection whose changes are committed together, or not at all."""
        return writing(self.engine)

    def append(self, end: ChainEnd, new: Sequence[NewReceipt]) -> ChainEnd:
        """
        Commit receipts at the end of a chain, all of them or none.

        Args:
            end: Where the chain ends.
            new: At least one receipt.

        Returns:
            Where the chain ends now.
        """
        writer, link = end.writer, end.link
        rows: list[tuple[Any, ...]] = []
        for number, one in enumerate(new, end.size):
            link = next_link(link, leaf_hash(one.salt, one.body))
            rows.append((writer, number, one.id, one.time, one.closes, one.salt, one.body, link))
        pages = {
            one.presentation.hash: one.presentation
            for one in new
            if one.presentation is not None and one.presentation.hash not in self.known_pages
        }
        dialect = dialect_of(self.engine)
        with self.writing() as connection:
            # In order: two processes that store the same pages at once do not deadlock.
            for _, page in sorted(pages.items()):
                values = {**msgspec.structs.asdict(page), "html": page.html.encode()}
                dialect.insert_missing(connection, presentations, values)
            dialect.insert_receipts(connection, rows)
        for hash in pages:
            self.known_pages.remember(hash, None)
        return ChainEnd(writer=writer, size=end.size + len(new), link=link)

    def chain_end(self, writer: str) -> ChainEnd:
        """Return where a writer's chain ends; its start if it has no receipt yet."""
        query = (
            select(receipts.c.number, receipts.c.link)
            .where(receipts.c.writer == writer)
            .order_by(receipts.c.number.desc())
            .limit(1)
        )
        last = self._first(query)
        if last is None:
            return ChainEnd(writer=writer, size=0, link=first_link(writer))
        return ChainEnd(writer=writer, size=last.number + 1, link=bytes(last.link))

    def known(self, ids: Iterable[str]) -> set[str]:
        """Return those of the ids whose receipts are in the ledger and not erased."""
        return self._known(receipts.c.id, ids)

    def without_erased(self, new: Sequence[NewReceipt]) -> list[NewReceipt]:
        """Return the receipts without those that were erased from the ledger, each once."""
        leaves = {leaf_hash(one.salt, one.body): one for one in new}
        # The hash of an erased receipt stays. Its id is NULL, which the index on ids finds.
        erased = self._known(receipts.c.leaf, leaves, receipts.c.id.is_(None))
        return [one for leaf, one in leaves.items() if leaf not in erased]

    def add_refusals(self, counts: Mapping[RefusalKey, int]) -> None:
        """Add counts of refusals, all or none."""
        dialect = dialect_of(self.engine)
        with self.writing() as connection:
            # In order: two processes that add to the same counts at once do not deadlock.
            for key, count in sorted(counts.items(), key=_refusal_values):
                values = msgspec.structs.asdict(key)
                dialect.insert_missing(connection, refusals, {**values, "count": 0})
                is_it = [refusals.c[name] == value for name, value in values.items()]
                change = update(refusals).where(*is_it)
                connection.execute(change.values(count=refusals.c.count + count))

    def refusals(
        self, *, since: int | None = None, until: int | None = None
    ) -> list[tuple[RefusalKey, int]]:
        """
        Return the counts of refusals.

        Args:
            since: From this time on, in Unix seconds.
            until: Before this time.

        Raises:
            LedgerError: A row is not valid.
        """
        query = select(refusals).order_by(*refusals.primary_key)
        if since is not None:
            query = query.where(refusals.c.day >= since)
        if until is not None:
            query = query.where(refusals.c.day < until)
        with self.reading() as connection:
            rows = connection.execute(query).mappings().all()
        try:
            # In SQLite, someone with write access may have stored values of other types.
            return [
                (
                    _refusal_key(row),
                    msgspec.convert(row["count"], _Count),
                )
                for row in rows
            ]
        except msgspec.ValidationError:
            raise LedgerError("a count of refusals cannot be read") from None

    def ping(self) -> None:
        """Write a row and take it back, to find out whether receipts can be committed."""
        with self.writing() as connection:
            savepoint = connection.begin_nested()
            connection.execute(receipts.insert(), _PROBE)
            savepoint.rollback()

    def find(self, id: str) -> StoredReceipt | None:
        """Return a receipt; None if it does not exist or is erased."""
        if not _is_text(id):
            return None
        row = self._first(select(*RECEIPT_COLUMNS).where(receipts.c.id == id))
        return None if row is None else _receipt(row)

    def neighbours(self, row: StoredReceipt) -> tuple[StoredReceipt | None, StoredReceipt | None]:
        """Return the previous and the next receipt of the same writer; None at an end."""
        found = []
        for number in (row.number - 1, row.number + 1):
            query = select(*RECEIPT_COLUMNS).where(receipts.c.writer == row.writer)
            one = self._first(query.where(receipts.c.number == number))
            found.append(None if one is None else _receipt(one))
        return found[0], found[1]

    def replacements(self, id: str, *, limit: int = FETCH_SIZE) -> list[StoredReceipt]:
        """
        Return the receipts that replaced a receipt, oldest first; usually one or none.

        Args:
            id: The receipt's id.
            limit: How many are returned at most.
        """
        query = select(*RECEIPT_COLUMNS).where(receipts.c.closes == id)
        query = query.order_by(receipts.c.time).limit(limit)
        with self.reading() as connection:
            return [_receipt(row) for row in connection.execute(query)]

    def presentation(self, hash: str) -> StoredPresentation | None:
        """Return what visitors were shown, by its hash."""
        row = self._first(select(*_PAGE_COLUMNS).where(presentations.c.hash == hash))
        return None if row is None else _presentation(row)

    def count(self) -> int:
        """Return the number of receipts, erased ones included."""
        return self._scalar(select(func.count()).select_from(receipts)) or 0

    def newest(self) -> int | None:
        """Return the time of the last choice in Unix seconds; None in an empty ledger."""
        newest = self._scalar(select(func.max(receipts.c.time)))
        # In SQLite, someone with write access may have stored a text.
        return newest if isinstance(newest, int) else None

    def bodies(self, *, since: int | None = None, until: int | None = None) -> Generator[bytes]:
        """
        Yield the JSON of receipts, ordered by their time.

        Args:
            since: From this time on, in Unix seconds.
            until: Before this time.
        """
        query = select(bounded(receipts.c.body, MAX_BODY_BYTES)).where(*_between(since, until))
        query = query.order_by(receipts.c.time, receipts.c.writer, receipts.c.number)
        with (
            self.reading() as connection,
            connection.execution_options(yield_per=FETCH_SIZE).scalars(query) as bodies,
        ):
            for body in bodies:
                yield as_bytes(body) or b""

    def count_bodies(self, *, since: int | None = None, until: int | None = None) -> int:
        """Return how many receipts `bodies` yields."""
        query = select(func.count()).select_from(receipts).where(*_between(since, until))
        return self._scalar(query) or 0

    def _known(
        self, column: Column[Any], values: Iterable[_V], *conditions: ColumnElement[bool]
    ) -> set[_V]:
        wanted = list(values)
        found: set[_V] = set()
        with self.reading() as connection:
            for start in range(0, len(wanted), _MAX_PARAMETERS):
                part = wanted[start : start + _MAX_PARAMETERS]
                query = select(column).where(column.in_(part), *conditions)
                found.update(connection.scalars(query))
        return found

    def _first(self, query: Select[Any]) -> Row[Any] | None:
        with self.reading() as connection:
            return connection.execute(query).first()

    def _scalar(self, query: Select[Any]) -> int | None:
        with self.reading() as connection:
            value: int | None = connection.scalar(query)
        return value


def _refusal_key(row: RowMapping) -> RefusalKey:
    msgspec.convert(row["day"], _Day)
    return msgspec.convert({name: row[name] for name in _REFUSAL_FIELDS}, RefusalKey)


def _refusal_values(item: tuple[RefusalKey, int]) -> tuple[Any, ...]:
    return msgspec.structs.astuple(item[0])


def _is_text(id: str) -> bool:
    # Arguments of a command may have bytes that no database stores as text.
    return "\0" not in id and id.encode(errors="replace").decode() == id


def _between(since: int | None, until: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [receipts.c.body.is_not(None)]
    if since is not None:
        conditions.append(receipts.c.time >= since)
    if until is not None:
        conditions.append(receipts.c.time < until)
    return conditions


def receipt_in(body: bytes) -> Receipt:
    """
    Return the receipt of a row.

    Raises:
        LedgerError: It is not a valid receipt.
    """
    try:
        return load_receipt(body)
    except ValueError:
        raise LedgerError("a receipt cannot be read; see: cookiegate ledger verify") from None


# A caller that stops early has to close these generators, and the cursor with them.


def receipts_in(connection: Connection) -> Generator[StoredReceipt]:
    """Yield all receipts, writer by writer, in the order of their chains."""
    query = select(*RECEIPT_COLUMNS).order_by(receipts.c.writer, receipts.c.number)
    with connection.execution_options(yield_per=FETCH_SIZE).execute(query) as rows:
        yield from map(_receipt, rows)


def leaves_in(connection: Connection, writer: str, size: int) -> Generator[bytes]:
    """Yield the hashes of the first `size` receipts of a writer's chain."""
    query = (
        select(*RECEIPT_COLUMNS)
        .where(receipts.c.writer == writer, receipts.c.number < size)
        .order_by(receipts.c.number)
    )
    with connection.execution_options(yield_per=FETCH_SIZE).execute(query) as rows:
        for row in rows:
            yield _receipt(row).hash


def presentations_in(connection: Connection) -> Generator[StoredPresentation]:
    """Yield everything that visitors were shown."""
    query = select(*_PAGE_COLUMNS).order_by(presentations.c.hash)
    with connection.execution_options(yield_per=1).execute(query) as rows:
        yield from map(_presentation, rows)


def _presentation(row: Row[Any]) -> StoredPresentation:
    return StoredPresentation(
        hash=as_text(row.hash) or "",
        # By someone with write access, it may be any text.
        surface=cast(Surface, as_text(row.surface)),
        language=as_text(row.language) or "",
        html=(as_bytes(row.html) or b"").decode("utf-8", "replace"),
    )


def _receipt(row: Row[Any]) -> StoredReceipt:
    return StoredReceipt(
        writer=as_text(row.writer) or "",
        number=row.number,
        id=as_text(row.id),
        time=row.time,
        closes=as_text(row.closes),
        salt=as_bytes(row.salt),
        body=as_bytes(row.body),
        leaf=as_bytes(row.leaf),
        link=as_bytes(row.link) or b"",
    )
