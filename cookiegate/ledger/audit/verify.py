"""Verification: every receipt follows from the previous one, and none is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from itertools import groupby, islice
from typing import Final

from sqlalchemy import Connection, Engine

from cookiegate.ledger.receipts import Receipt, load_receipt, page_hash
from cookiegate.ledger.storage.database import reading
from cookiegate.ledger.storage.hash_chain import Tree, first_link, next_link
from cookiegate.ledger.storage.rows import StoredReceipt
from cookiegate.ledger.storage.store import Store, presentations_in, receipts_in

from .checkpoints import ChainHead, SignedCheckpoint, is_genuine
from .findings import FindingError, LedgerFinding, Unanchored, Verification
from .receipt_times import ReceiptTimes
from .removals import NO_REMOVAL, StoredRemoval, load_removal, removals_in
from .signing import is_signed

__all__ = ["check_receipt", "verify"]

# Receipts after a wrong one that are searched for the one that belongs there.
_SEARCHED: Final = 500
_PROGRESS_STEP: Final = 1000
# The largest number of the database's integer type.
_MAX_NUMBER: Final = 2**63 - 1


def verify(
    engine: Engine,
    *,
    checkpoints: Sequence[SignedCheckpoint] = (),
    trusted: Collection[str] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> Verification:
    """
    Read and verify the whole ledger, in memory that does not grow with it.

    Args:
        engine: The database.
        checkpoints: Checkpoints that were kept away from the database.
        trusted: Public keys, in hexadecimal; without them signatures prove nothing.
        progress: Called from time to time with the number of verified receipts.
    """
    verifier = _Verifier(checkpoints, trusted, progress)
    with reading(engine) as connection:
        try:
            verifier.run(connection)
        except FindingError as error:
            return verifier.result(error.finding)
    return verifier.result(None)


def check_receipt(store: Store, row: StoredReceipt) -> LedgerFinding | None:
    """
    Check one receipt: its hash, its links to the ones before and after, and its page.

    Only `verify` with a checkpoint shows that the whole ledger was not rewritten.

    Args:
        store: The ledger's tables.
        row: The receipt.
    """

    def error(what: str, detail: str) -> FindingError:
        return FindingError(what, detail, writer=row.writer, number=row.number, receipt=row.id)

    try:
        receipt = _read_body(row)
        if not (isinstance(row.number, int) and 0 <= row.number < _MAX_NUMBER):
            raise error("changed", "its number is not valid")
        before, after = store.neighbours(row)
        if before is None and row.number != 0:
            raise error("removed", "the previous receipt is missing")
        previous = first_link(row.writer) if before is None else before.link
        if next_link(previous, row.hash) != row.link:
            raise error("changed", "it does not follow from the previous receipt")
        if after is not None and next_link(row.link, after.hash) != after.link:
            raise error("changed", "the next receipt does not follow from it")
        if receipt.presentation is not None:
            page = store.presentation(receipt.presentation)
            if page is None:
                raise error("a presentation was removed", receipt.presentation)
            if page_hash(page.html) != receipt.presentation:
                raise error("a presentation was changed", receipt.presentation)
    except FindingError as found:
        return found.finding
    return None


def _read_body(row: StoredReceipt) -> Receipt:
    def error(detail: str) -> FindingError:
        return FindingError("changed", detail, writer=row.writer, number=row.number, receipt=row.id)

    try:
        receipt = load_receipt(row.body or b"")
    except ValueError:
        raise error("it cannot be read") from None
    if (receipt.id, receipt.time, receipt.closes) != (row.id, row.time, row.closes):
        raise error("the table's columns differ from the receipt")
    return receipt


class _Verifier:
    def __init__(
        self,
        checkpoints: Sequence[SignedCheckpoint],
        trusted: Collection[str],
        progress: Callable[[int], None],
    ) -> None:
        self._checkpoints = checkpoints
        self._trusted = frozenset(trusted)
        self._progress = progress
        self._receipts = self._erased = self._without_evidence = 0
        self._heads: list[ChainHead] = []
        self._removals = 0
        self._removed = NO_REMOVAL
        self._keys: set[str] = set()
        # By writer: first and last numbers of receipts removed with a record.
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self._pages: set[str] = set()
        # By writer and size: the chain's heads in checkpoints.
        self._expected: dict[str, dict[int, list[ChainHead]]] = {}
        self._anchored: dict[str, int] = {}
        # By writer: grants that follow what is anchored.
        self._grants: dict[str, int] = {}
        self._by_code = 0
        self._times = ReceiptTimes(checkpoints if self._trusted else ())

    def run(self, connection: Connection) -> None:
        for signed in self._checkpoints:
            self._read_checkpoint(signed)
        with closing(removals_in(connection)) as records:
            for stored in records:
                self._read_removal(stored)
        for signed in self._checkpoints:
            if signed.checkpoint.removals > self._removals:
                detail = f"a checkpoint has {signed.checkpoint.removals} of them"
                raise FindingError("a record of a removal was removed", detail)
        for spans in self._spans.values():
            spans.sort()
        with closing(presentations_in(connection)) as pages:
            for page in pages:
                if page_hash(page.html) != page.hash:
                    raise FindingError("a presentation was changed", page.hash)
                self._pages.add(page.hash)
        with closing(receipts_in(connection)) as rows:
            for writer, chain in groupby(rows, key=lambda row: row.writer):
                self._read_chain(writer, chain)
        for writer, spans in self._spans.items():
            _check_length(writer, 0, spans)
        for writer, sizes in self._expected.items():
            for size in sizes:
                detail = f"a checkpoint has {size} receipts of this writer"
                raise FindingError("removed", detail, writer=writer)

    def result(self, finding: LedgerFinding | None) -> Verification:
        return Verification(
            finding=finding,
            receipts=self._receipts,
            erased=self._erased,
            without_evidence=self._without_evidence,
            presentations=len(self._pages),
            heads=tuple(self._heads),
            removals=self._removals,
            removed=self._removed,
            keys=tuple(sorted(self._keys)),
            by_code=self._by_code,
            anchored=sum(self._anchored.values()),
            unanchored=tuple(self._unanchored()) if self._anchored else (),
            anomalies=self._times.anomalies,
        )

    def _unanchored(self) -> Iterator[Unanchored]:
        for head in self._heads:
            first = self._anchored.get(head.writer, 0)
            if first < head.size:
                yield Unanchored(
                    writer=head.writer,
                    first=first,
                    receipts=head.size - first,
                    grants=self._grants[head.writer],
                )

    def _read_checkpoint(self, signed: SignedCheckpoint) -> None:
        if not is_genuine(signed):
            raise FindingError("a checkpoint is not what was signed")
        if self._trusted and signed.key not in self._trusted:
            raise FindingError("a checkpoint is signed by another key", signed.key)
        for head in signed.checkpoint.writers:
            self._expected.setdefault(head.writer, {}).setdefault(head.size, []).append(head)

    def _read_removal(self, stored: StoredRemoval) -> None:
        number = self._removals

        def error(detail: str) -> FindingError:
            return FindingError("a record of a removal is not whole", detail, number=number)

        try:
            removal = load_removal(stored.body)
        except ValueError:
            raise error("it cannot be read") from None
        if stored.number != number or removal.number != number:
            raise error("a number is missing")
        if removal.previous != self._removed:
            raise error("it does not follow from the previous record")
        if not is_signed(stored.key, "removal", stored.body, stored.signature):
            raise error("its signature is not valid")
        if self._trusted and stored.key not in self._trusted:
            raise error(f"it is signed with another key: {stored.key}")
        self._keys.add(stored.key)
        for span in removal.spans:
            if not 0 <= span.first <= span.last:
                raise error("it names receipts that cannot exist")
            self._spans.setdefault(span.writer, []).append((span.first, span.last))
        self._removals += 1
        for signed in self._checkpoints:
            expected = signed.checkpoint
            if expected.removals == self._removals and expected.removed != stored.hash:
                raise error("a checkpoint has another record in its place")
        self._removed = stored.hash

    def _read_chain(self, writer: str, rows: Iterator[StoredReceipt]) -> None:
        link, tree = first_link(writer), Tree()
        self._grants[writer] = 0
        self._times.start_chain(writer)
        spans = self._spans.pop(writer, [])
        rest = iter(spans)
        span = next(rest, None)
        expected = self._expected.get(writer, {})
        for row in rows:
            if row.number != tree.size:
                # Otherwise it is before number 0 or between two numbers (SQLite stores fractions).
                is_later = isinstance(row.number, int) and row.number > tree.size
                raise FindingError(
                    "removed" if is_later else "slipped in",
                    f"the next one is number {row.number}",
                    writer=writer,
                    number=tree.size,
                    receipt=None if is_later else row.id,
                )
            while span is not None and span[1] < row.number:
                span = next(rest, None)
            self._read_row(row, is_removed=span is not None and span[0] <= row.number)
            leaf = row.hash
            following = next_link(link, leaf)
            if following != row.link:
                raise _misplaced(row, link, rows)
            link = following
            tree.add(leaf)
            self._receipts += 1
            if self._receipts % _PROGRESS_STEP == 0:
                self._progress(self._receipts)
            for head in expected.pop(tree.size, ()):
                self._compare(head, link, tree)
        _check_length(writer, tree.size, spans)
        self._heads.append(
            ChainHead(writer=writer, size=tree.size, link=link.hex(), root=tree.root().hex())
        )

    def _compare(self, head: ChainHead, link: bytes, tree: Tree) -> None:
        if head.link != link.hex() or head.root != tree.root().hex():
            raise FindingError(
                "changed",
                "a checkpoint has other receipts up to this one",
                writer=head.writer,
                number=head.size - 1,
            )
        if self._trusted:
            self._anchored[head.writer] = head.size
            self._grants[head.writer] = 0

    def _read_row(self, row: StoredReceipt, *, is_removed: bool) -> None:
        def error(what: str, detail: str) -> FindingError:
            return FindingError(what, detail, writer=row.writer, number=row.number, receipt=row.id)

        if row.body is None or row.salt is None:
            if not is_removed:
                raise error("removed", "no signed record says so")
            if any(part is not None for part in (row.body, row.salt, row.id, row.time, row.closes)):
                raise error("changed", "an erased receipt has values left")
            self._erased += 1
            return
        if is_removed:
            raise error("changed", "a record says that it is erased")
        receipt = _read_body(row)
        if receipt.presentation is not None and receipt.presentation not in self._pages:
            raise error("a presentation was removed", receipt.presentation)
        self._without_evidence += receipt.lacks_evidence
        is_grant = bool(receipt.granted)
        self._by_code += is_grant and receipt.surface == "code"
        self._grants[row.writer] += is_grant
        self._times.read(row.writer, row.number, receipt)


def _misplaced(row: StoredReceipt, previous: bytes, rest: Iterator[StoredReceipt]) -> FindingError:
    # If a later receipt belongs here, the order was changed.
    later = list(islice(rest, _SEARCHED))
    links = {row.link, *(other.link for other in later)}
    is_moved = any(next_link(previous, other.hash) in links for other in later)
    return FindingError(
        "reordered" if is_moved else "changed",
        "it does not follow from the previous receipt",
        writer=row.writer,
        number=row.number,
        receipt=row.id,
    )


def _check_length(writer: str, size: int, spans: Sequence[tuple[int, int]]) -> None:
    # The hashes of erased receipts stay, so a chain reaches at least to the last of them.
    last = max((last for _, last in spans), default=-1)
    if last >= size:
        detail = f"number {last} was erased, and its hash is missing"
        raise FindingError("removed", detail, writer=writer, number=size)
