"""Whether the ledger is whole: each receipt follows from the one before, and none is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine

from cookiegate.ledger.receipts import Receipt, hash_of, load_receipt
from cookiegate.ledger.storage.database import reading
from cookiegate.ledger.storage.hash_chain import Tree, first_link, link_of
from cookiegate.ledger.storage.store import Row, presentations_in, rows_in

from .checkpoints import Checkpoint, Signed, Tip, is_genuine
from .removals import NO_REMOVAL, Removal, StoredRemoval, load_removal, removals_in
from .signing import is_signed

__all__ = ["Finding", "Verification", "verify"]

# So many of the receipts that follow are looked at for one that stands in the wrong place.
_NEAR: Final = 500


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing that is wrong."""

    #: In a few words: "changed", "removed", "reordered", …
    what: str
    #: The chain and the place in it; None where it is about something else than a receipt.
    writer: str | None = None
    number: int | None = None
    #: The receipt's id, where it has one.
    receipt: str | None = None
    #: What was seen.
    detail: str = ""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and what was found."""

    #: The first thing that is wrong; None where nothing is.
    finding: Finding | None
    receipts: int = 0
    #: How many of them are erased or pruned, with a record.
    erased: int = 0
    #: How many grants by code say nothing of what they rest on.
    without_evidence: int = 0
    presentations: int = 0
    #: Where each writer's chain ends.
    tips: tuple[Tip, ...] = ()
    removals: int = 0
    #: The hash of the last record of a removal.
    removed: str = NO_REMOVAL
    #: The keys that records of removals are signed with, in hexadecimal.
    keys: tuple[str, ...] = ()
    #: How many receipts a checkpoint vouches for that a trusted key has signed.
    anchored: int = 0

    @property
    def is_anchored(self) -> bool:
        """Whether something outside of the database vouches for it."""
        return bool(self.anchored) and self.finding is None


class _Wrong(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def verify(
    engine: Engine,
    *,
    checkpoints: Sequence[Signed] = (),
    trusted: Collection[str] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> Verification:
    """
    Go through the whole ledger, in memory that does not grow with it.

    Args:
        engine: The database.
        checkpoints: Signed before, and kept elsewhere.
        trusted: Public keys, in hexadecimal; only with them does a signature mean something.
        progress: Told now and then how many receipts were looked at.
    """
    with reading(engine) as connection:
        walk = _Walk(checkpoints, trusted, progress)
        try:
            walk.go(connection)
        except _Wrong as wrong:
            return walk.result(wrong.finding)
        return walk.result(None)


class _Walk:
    def __init__(
        self,
        checkpoints: Sequence[Signed],
        trusted: Collection[str],
        progress: Callable[[int], None],
    ) -> None:
        self._checkpoints = checkpoints
        self._trusted = frozenset(trusted)
        self._progress = progress
        self._receipts = self._erased = self._without_evidence = 0
        self._tips: list[Tip] = []
        self._removals = 0
        self._removed = NO_REMOVAL
        self._keys: set[str] = set()
        # By writer: first and last numbers of what was removed with a record.
        self._gone: dict[str, list[tuple[int, int]]] = {}
        self._shown: set[str] = set()
        # By writer and size: what checkpoints say of the chain there.
        self._wanted: dict[str, dict[int, list[Tip]]] = {}
        self._anchored: dict[str, int] = {}

    def go(self, connection: Connection) -> None:
        for signed in self._checkpoints:
            self._read(signed)
        with closing(removals_in(connection)) as records:
            for stored in records:
                self._removed = self._removal(stored, self._removed)
        for signed in self._checkpoints:
            self._check_removals(signed.checkpoint)
        for spans in self._gone.values():
            spans.sort()
        with closing(presentations_in(connection)) as pages:
            for page in pages:
                if hash_of(page.html) != page.hash:
                    raise _Wrong(Finding(what="a presentation was changed", detail=page.hash))
                self._shown.add(page.hash)
        with closing(rows_in(connection)) as every:
            for writer, rows in groupby(every, key=lambda row: row.writer):
                self._writer(writer, rows)
        for writer, spans in self._gone.items():
            _require_reach(writer, 0, spans)
        for writer, sizes in self._wanted.items():
            for size in sizes:
                raise _Wrong(
                    Finding(
                        what="removed",
                        writer=writer,
                        detail=f"a checkpoint has {size} receipts of this writer",
                    )
                )

    def result(self, finding: Finding | None) -> Verification:
        return Verification(
            finding=finding,
            receipts=self._receipts,
            erased=self._erased,
            without_evidence=self._without_evidence,
            presentations=len(self._shown),
            tips=tuple(self._tips),
            removals=self._removals,
            removed=self._removed,
            keys=tuple(sorted(self._keys)),
            anchored=sum(self._anchored.values()),
        )

    def _read(self, signed: Signed) -> None:
        if not is_genuine(signed):
            raise _Wrong(Finding(what="a checkpoint is not what was signed"))
        if self._trusted and signed.key not in self._trusted:
            raise _Wrong(Finding(what="a checkpoint is signed by another key", detail=signed.key))
        for tip in signed.checkpoint.writers:
            self._wanted.setdefault(tip.writer, {}).setdefault(tip.size, []).append(tip)

    def _check_removals(self, checkpoint: Checkpoint) -> None:
        if checkpoint.removals > self._removals:
            raise _Wrong(
                Finding(
                    what="a record of a removal was removed",
                    detail=f"a checkpoint has {checkpoint.removals} of them",
                )
            )

    def _removal(self, stored: StoredRemoval, previous: str) -> str:
        number = self._removals

        def wrong(detail: str) -> _Wrong:
            return _Wrong(
                Finding(what="a record of a removal is not whole", number=number, detail=detail)
            )

        try:
            removal: Removal = load_removal(stored.body)
        except ValueError:
            raise wrong("it cannot be read") from None
        if stored.number != number or removal.number != number:
            raise wrong("a number is left out")
        if removal.previous != previous:
            raise wrong("it does not follow from the one before")
        if not is_signed(stored.key, "removal", stored.body, stored.signature):
            raise wrong("its signature is not of this text")
        if self._trusted and stored.key not in self._trusted:
            raise wrong(f"it is signed by another key: {stored.key}")
        self._keys.add(stored.key)
        for span in removal.spans:
            if not 0 <= span.first <= span.last:
                raise wrong("it is about receipts that never were")
            self._gone.setdefault(span.writer, []).append((span.first, span.last))
        self._removals += 1
        for signed in self._checkpoints:
            given = signed.checkpoint
            if given.removals == self._removals and given.removed != stored.hash:
                raise wrong("a checkpoint has another one in its place")
        return stored.hash

    def _writer(self, writer: str, rows: Iterator[Row]) -> None:
        link, tree = first_link(writer), Tree()
        spans = self._gone.pop(writer, [])
        gone = iter(spans)
        span = next(gone, None)
        wanted = self._wanted.get(writer, {})
        for row in rows:
            if row.number != tree.size:
                # Before the first place, or between two (SQLite keeps fractions), none belongs.
                is_later = isinstance(row.number, int) and row.number > tree.size
                raise _Wrong(
                    Finding(
                        what="removed" if is_later else "slipped in",
                        writer=writer,
                        number=tree.size,
                        receipt=None if is_later else row.id,
                        detail=f"the next one is number {row.number}",
                    )
                )
            while span is not None and span[1] < row.number:
                span = next(gone, None)
            self._row(row, is_gone=span is not None and span[0] <= row.number)
            leaf = row.hash
            follows = link_of(link, leaf)
            if follows != row.link:
                raise _Wrong(self._misplaced(row, link, rows))
            link = follows
            tree.add(leaf)
            self._receipts += 1
            if self._receipts % 1000 == 0:
                self._progress(self._receipts)
            for tip in wanted.pop(tree.size, ()):
                self._compare(tip, link, tree)
        _require_reach(writer, tree.size, spans)
        self._tips.append(
            Tip(writer=writer, size=tree.size, link=link.hex(), root=tree.root().hex())
        )

    def _compare(self, tip: Tip, link: bytes, tree: Tree) -> None:
        if tip.link != link.hex() or tip.root != tree.root().hex():
            raise _Wrong(
                Finding(
                    what="changed",
                    writer=tip.writer,
                    number=tip.size - 1,
                    detail="a checkpoint has other receipts up to here",
                )
            )
        if self._trusted:
            self._anchored[tip.writer] = max(self._anchored.get(tip.writer, 0), tip.size)

    def _row(self, row: Row, *, is_gone: bool) -> None:
        def wrong(what: str, detail: str) -> _Wrong:
            return _Wrong(
                Finding(
                    what=what,
                    writer=row.writer,
                    number=row.number,
                    receipt=row.id,
                    detail=detail,
                )
            )

        if row.body is None or row.salt is None:
            if not is_gone:
                raise wrong("removed", "no signed record says so")
            if any(part is not None for part in (row.body, row.salt, row.id, row.time, row.closes)):
                raise wrong("changed", "something is left of an erased receipt")
            self._erased += 1
            return
        if is_gone:
            raise wrong("changed", "it is said to be erased")
        try:
            receipt: Receipt = load_receipt(row.body)
        except ValueError:
            raise wrong("changed", "it cannot be read") from None
        if (receipt.id, receipt.time, receipt.closes) != (row.id, row.time, row.closes):
            raise wrong("changed", "the table's columns say something else than the receipt")
        if receipt.presentation is not None and receipt.presentation not in self._shown:
            raise wrong("a presentation was removed", receipt.presentation)
        self._without_evidence += receipt.lacks_evidence

    @staticmethod
    def _misplaced(row: Row, before: bytes, rest: Iterator[Row]) -> Finding:
        # Where another receipt belongs here, and stands further on, the two were exchanged.
        links = {row.link}
        near = [other for _, other in zip(range(_NEAR), rest, strict=False)]
        links.update(other.link for other in near)
        is_moved = any(link_of(before, other.hash) in links for other in near)
        return Finding(
            what="reordered" if is_moved else "changed",
            writer=row.writer,
            number=row.number,
            receipt=row.id,
            detail="it does not follow from the one before it",
        )


def _require_reach(writer: str, size: int, spans: Sequence[tuple[int, int]]) -> None:
    # Of what is erased the hash stays, so a chain is as long as its last erasure needs.
    last = max((last for _, last in spans), default=-1)
    if last >= size:
        raise _Wrong(
            Finding(
                what="removed",
                writer=writer,
                number=size,
                detail=f"number {last} was erased, and its hash is to stay",
            )
        )
