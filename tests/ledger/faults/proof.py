"""Checks of a ledger that hold after every fault."""

from collections import Counter, defaultdict

import msgspec

from cookiegate.ledger.receipts import Receipt, load_receipt
from cookiegate.ledger.storage.database import open_engine, reading
from cookiegate.ledger.storage.hash_chain import first_link, next_link
from cookiegate.ledger.storage.rows import StoredReceipt
from cookiegate.ledger.storage.store import Store, presentations_in, receipts_in
from tests.ledger.faults.visitors import Noted

__all__ = ["Found", "check_chains", "find", "lost"]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a ledger."""

    rows: list[StoredReceipt]
    receipts: dict[str, Receipt]
    #: The number of refusals without a receipt.
    counted: int = 0

    def of(self, *kinds: str) -> dict[str, Receipt]:
        """Return the receipts of these kinds."""
        return {id: one for id, one in self.receipts.items() if one.kind in kinds}

    @property
    def void(self) -> set[str | None]:
        """Return the ids of voided grants."""
        return {one.closes for one in self.of("void").values()}


def find(url: str) -> Found:
    """Read a ledger, and check its chains."""
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            rows = list(receipts_in(connection))
            shown = {one.hash for one in presentations_in(connection)}
        counted = sum(count for _, count in Store(engine).refusals())
    finally:
        engine.dispose()
    check_chains(rows)
    receipts = [load_receipt(row.body or b"") for row in rows]
    assert [one.id for one in receipts] == [row.id for row in rows]
    assert [one.closes for one in receipts] == [row.closes for row in rows]
    assert {one.presentation for one in receipts} <= {None, *shown}
    by_id = {one.id: one for one in receipts}
    assert len(by_id) == len(rows), "a receipt is there twice"
    return Found(rows=rows, receipts=by_id, counted=counted)


def check_chains(rows: list[StoredReceipt]) -> None:
    """Check that each writer's links follow from each other, without a gap."""
    chains: defaultdict[str, list[StoredReceipt]] = defaultdict(list)
    for row in rows:
        chains[row.writer].append(row)
    for writer, chain in chains.items():
        link = first_link(writer)
        assert [row.number for row in chain] == list(range(len(chain)))
        for row in chain:
            link = next_link(link, row.hash)
            assert row.link == link, f"{writer} is broken at {row.number}"


def lost(found: Found, noted: Noted, *, were_killed: bool) -> int:
    """
    Return the number of acknowledged receipts that are missing; assert everything else.

    Args:
        found: The contents of the ledger.
        noted: What visitors noted.
        were_killed: Whether processes were killed, which could not void their grants that were
            committed without a response.
    """
    grants = found.of("grant", "change")
    assert not found.void & noted.granted, "a grant that took effect was voided"
    withdrawn = Counter(one.closes for one in found.of("withdrawal").values())
    twice = [id for id, count in withdrawn.items() if id in noted.withdrawn and count > 1]
    assert not twice, f"withdrawals are there twice: {twice}"
    voided = Counter(one.closes for one in found.of("void").values())
    assert all(count == 1 for count in voided.values()), "a grant was made void twice"
    refusals = len(found.of("refusal")) + found.counted
    assert refusals <= noted.refusals + noted.refusals_in_doubt
    if not were_killed:
        assert not noted.unanswered
        unknown = grants.keys() - noted.granted - found.void
        assert not unknown, f"{len(unknown)} grants are there that took no effect: {noted.answers}"
    return (
        len(noted.granted - grants.keys())
        + len(noted.withdrawn - withdrawn.keys())
        + max(0, noted.refusals - refusals)
    )
