"""What is read from the ledger's tables and added to them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, func, select
from sqlalchemy import Row as SomeRow
from sqlalchemy.dialects import postgresql, sqlite

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import Presentation, Receipt, leaf_of, load_receipt

from .bulk_insert import insert_receipts
from .database import as_bytes, as_text, reading, writing
from .hash_chain import first_link, link_of
from .tables import presentations, receipts

__all__ = [
    "Chain",
    "Item",
    "Row",
    "Store",
    "leaves_in",
    "presentations_in",
    "receipt_in",
    "rows_in",
]

# Rows that are fetched at a time: a million receipts are never in memory.
_AT_A_TIME: Final = 1000
# How many names a single question may hold; older SQLite takes 999.
_MOST_NAMES: Final = 500
# Pages of which it is remembered that they are there; a site has a few for each language.
_MOST_SHOWN: Final = 1024


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A receipt on its way into the ledger."""

    id: str
    time: int
    salt: bytes
    body: bytes
    closes: str | None = None
    presentation: Presentation | None = None

    def __repr__(self) -> str:
        # Without ids and the body: they have no place in a log.
        return "<Item>"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as it stands in the table."""

    writer: str
    number: int
    id: str | None
    time: int | None
    closes: str | None
    #: None where it is erased; then there is a leaf.
    salt: bytes | None
    body: bytes | None
    leaf: bytes | None
    link: bytes

    def __repr__(self) -> str:
        # As of an item; the number is in no cookie.
        return f"<Row {self.number} of {self.writer}>"

    @property
    def hash(self) -> bytes:
        """What stands for it in the chain."""
        if self.salt is None or self.body is None:
            return self.leaf or b""
        return leaf_of(self.salt, self.body)


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """Where a writer's chain ends."""

    writer: str
    #: How many receipts there are.
    size: int
    link: bytes


class Store:
    """
    The ledger's tables.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # What is known to be there need not be asked for again.
        self._shown: set[str] = set()

    def append(self, chain: Chain, items: Sequence[Item]) -> Chain:
        """
        Commit receipts at the end of a chain, all of them or none.

        Args:
            chain: The writer's.
            items: At least one.
        """
        writer, link = chain.writer, chain.link
        rows: list[tuple[Any, ...]] = []
        for number, item in enumerate(items, chain.size):
            salt, body = item.salt, item.body
            link = link_of(link, leaf_of(salt, body))
            rows.append((writer, number, item.id, item.time, item.closes, salt, body, link))
        shown = self._new_presentations(items)
        with writing(self.engine) as connection:
            self._add_presentations(connection, shown)
            insert_receipts(connection, rows)
        if len(self._shown) >= _MOST_SHOWN:
            self._shown.clear()
        self._shown.update(shown)
        return Chain(writer=chain.writer, size=chain.size + len(items), link=link)

    def chain(self, writer: str) -> Chain:
        """Where a writer's chain ends; the beginning of one where there is none yet."""
        wanted = (
            select(receipts.c.number, receipts.c.link)
            .where(receipts.c.writer == writer)
            .order_by(receipts.c.number.desc())
            .limit(1)
        )
        with reading(self.engine) as connection:
            last = connection.execute(wanted).first()
        if last is None:
            return Chain(writer=writer, size=0, link=first_link(writer))
        return Chain(writer=writer, size=last.number + 1, link=bytes(last.link))

    def known(self, ids: Iterable[str]) -> set[str]:
        """Which of these receipts are in the ledger."""
        wanted = list(ids)
        found: set[str] = set()
        with reading(self.engine) as connection:
            for start in range(0, len(wanted), _MOST_NAMES):
                some = wanted[start : start + _MOST_NAMES]
                there = connection.scalars(select(receipts.c.id).where(receipts.c.id.in_(some)))
                found.update(id for id in there if id is not None)
        return found

    def ping(self) -> None:
        """Ask the database something, to see whether it is there."""
        with reading(self.engine) as connection:
            connection.execute(select(receipts.c.number).limit(1))

    def find(self, id: str) -> Row | None:
        """A receipt by its id; None where there is none, or no more."""
        with reading(self.engine) as connection:
            found = connection.execute(select(receipts).where(receipts.c.id == id)).first()
        return None if found is None else _row(found)

    def following(self, id: str) -> list[Row]:
        """The receipts that took a receipt's place: most often one, or none."""
        wanted = select(receipts).where(receipts.c.closes == id).order_by(receipts.c.time)
        with reading(self.engine) as connection:
            return [_row(found) for found in connection.execute(wanted)]

    def presentation(self, hash: str) -> Presentation | None:
        """What visitors were shown, by its hash."""
        wanted = select(presentations).where(presentations.c.hash == hash)
        with reading(self.engine) as connection:
            found = connection.execute(wanted).first()
        return None if found is None else _presentation(found)

    def count(self) -> int:
        """How many receipts there are, erased ones too."""
        with reading(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(receipts)) or 0

    def newest(self) -> int | None:
        """When the last choice was made, in Unix seconds; None where there is none."""
        with reading(self.engine) as connection:
            newest: int | None = connection.scalar(select(func.max(receipts.c.time)))
        return newest

    def in_time(self, *, since: int | None = None, until: int | None = None) -> Generator[bytes]:
        """
        The bodies of receipts, in the order of their time.

        Args:
            since: From this moment on, in Unix seconds.
            until: Before this moment.
        """
        wanted = select(receipts.c.body).where(*_between(since, until))
        wanted = wanted.order_by(receipts.c.time, receipts.c.writer, receipts.c.number)
        with (
            reading(self.engine) as connection,
            connection.execution_options(yield_per=_AT_A_TIME).scalars(wanted) as bodies,
        ):
            for body in bodies:
                yield as_bytes(body) or b""

    def count_in_time(self, *, since: int | None = None, until: int | None = None) -> int:
        """How many `in_time` gives."""
        wanted = select(func.count()).select_from(receipts).where(*_between(since, until))
        with reading(self.engine) as connection:
            return connection.scalar(wanted) or 0

    def _new_presentations(self, items: Iterable[Item]) -> dict[str, Presentation]:
        return {
            item.presentation.hash: item.presentation
            for item in items
            if item.presentation is not None and item.presentation.hash not in self._shown
        }

    @staticmethod
    def _add_presentations(connection: Connection, shown: dict[str, Presentation]) -> None:
        # Another process may be storing the same page at this moment; in order, so that two that
        # store the same two do not wait for each other.
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        for _, one in sorted(shown.items()):
            values = {**msgspec.structs.asdict(one), "html": one.html.encode()}
            connection.execute(insert(presentations).values(values).on_conflict_do_nothing())


def _between(since: int | None, until: int | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [receipts.c.body.is_not(None)]
    if since is not None:
        wanted.append(receipts.c.time >= since)
    if until is not None:
        wanted.append(receipts.c.time < until)
    return wanted


def receipt_in(body: bytes) -> Receipt:
    """
    The receipt that stands in a table.

    Raises:
        LedgerError: It is none.
    """
    try:
        return load_receipt(body)
    except ValueError:
        raise LedgerError("a receipt cannot be read; see: cookiegate ledger verify") from None


# What gives up in the middle of one of these has to close it, and the database's cursor with it.


def rows_in(connection: Connection) -> Generator[Row]:
    """All receipts, writer by writer, in the order of their chains."""
    wanted = select(receipts).order_by(receipts.c.writer, receipts.c.number)
    with connection.execution_options(yield_per=_AT_A_TIME).execute(wanted) as result:
        for found in result:
            yield _row(found)


def leaves_in(connection: Connection, writer: str, size: int) -> Generator[bytes]:
    """What stands for the first receipts of a writer's chain, so many of them."""
    wanted = (
        select(receipts)
        .where(receipts.c.writer == writer)
        .where(receipts.c.number < size)
        .order_by(receipts.c.number)
    )
    with connection.execution_options(yield_per=_AT_A_TIME).execute(wanted) as result:
        for found in result:
            yield _row(found).hash


def presentations_in(connection: Connection) -> Generator[Presentation]:
    """All that visitors were shown."""
    wanted = select(presentations).order_by(presentations.c.hash)
    with connection.execution_options(yield_per=1).execute(wanted) as result:
        for found in result:
            yield _presentation(found)


def _presentation(found: SomeRow[Any]) -> Presentation:
    return Presentation(
        hash=found.hash,
        surface=found.surface,
        language=found.language,
        html=(as_bytes(found.html) or b"").decode("utf-8", "replace"),
    )


def _row(found: SomeRow[Any]) -> Row:
    return Row(
        writer=as_text(found.writer) or "",
        number=found.number,
        id=as_text(found.id),
        time=found.time,
        closes=as_text(found.closes),
        salt=as_bytes(found.salt),
        body=as_bytes(found.body),
        leaf=as_bytes(found.leaf),
        link=as_bytes(found.link) or b"",
    )
