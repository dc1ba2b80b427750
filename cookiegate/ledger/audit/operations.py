"""What an operator does with the ledger: sign its state, look up, erase, prune."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Engine, select

from cookiegate.consent.terms import SECONDS_PER_DAY
from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.storage.database import scrub, writing
from cookiegate.ledger.storage.store import Row, Store
from cookiegate.ledger.storage.tables import receipts

from .checkpoints import Checkpoint, Signed, sign
from .removals import Removal, remove
from .signing import Signer
from .verify import Verification, verify

__all__ = ["checkpoint", "erase", "linked", "prune"]

# How many receipts one record of a removal is about at most.
_MOST_PRUNED: Final = 10_000
# A visitor's receipts form a line; whoever can write to the database could have made a ring.
_MOST_LINKED: Final = 10_000


def checkpoint(
    engine: Engine,
    signer: Signer,
    *,
    now: int,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[Signed, Verification]:
    """
    Sign the ends of all chains.

    Args:
        engine: The database.
        signer: Signs.
        now: Unix seconds.
        progress: Told now and then how many receipts were looked at.

    Raises:
        LedgerError: The ledger is not whole; that is not to be signed.
    """
    seen = verify(engine, progress=progress)
    if seen.finding is not None:
        raise LedgerError(
            "the ledger is not whole, so it is not signed; see: cookiegate ledger verify"
        )
    made = Checkpoint(time=now, writers=seen.tips, removals=seen.removals, removed=seen.removed)
    return sign(made, signer), seen


def linked(store: Store, id: str) -> list[Row]:
    """
    A receipt with all that came before and after it from the same browser, oldest first.

    Each names the one whose place it took; what is erased in between ends the line.

    Args:
        store: The tables.
        id: The receipt's.

    Raises:
        LedgerError: There is no such receipt.
    """
    row = store.find(id)
    if row is None:
        raise LedgerError("there is no receipt of this id, or no more")
    found = {row.id: row}
    line = [row]
    while line[0].closes is not None and len(line) < _MOST_LINKED:
        before = store.find(line[0].closes)
        if before is None or before.id in found:
            break
        found[before.id] = before
        line.insert(0, before)
    rest = [row]
    while rest and len(line) < _MOST_LINKED:
        for after in store.following(str(rest.pop(0).id)):
            if after.id not in found:
                found[after.id] = after
                line.append(after)
                rest.append(after)
    return line


def erase(engine: Engine, rows: Iterable[Row], signer: Signer, *, now: int) -> Removal:
    """
    Take receipts away on a visitor's demand (GDPR, article 17); their hashes stay.

    Args:
        engine: The database.
        rows: Which.
        signer: Signs the record of it.
        now: Unix seconds.

    Raises:
        LedgerError: One of them is not there any more; or all are gone, but not from SQLite's log.
    """
    places = sorted((row.writer, row.number) for row in rows)
    with writing(engine) as connection:
        removal = remove(connection, places, reason="erasure", signer=signer, now=now)
    scrub(engine)
    return removal


def prune(
    engine: Engine,
    signer: Signer,
    *,
    keep_seconds: int,
    now: int,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """
    Take away what is older than receipts are kept, to the day.

    Args:
        engine: The database.
        signer: Signs the records of it.
        keep_seconds: How long they are kept.
        now: Unix seconds.
        progress: Told now and then how many are gone.

    Returns:
        How many receipts that were.

    Raises:
        LedgerError: They are gone, but not from SQLite's log.
    """
    # Refusals carry no more than their day.
    before = (now - keep_seconds) // SECONDS_PER_DAY * SECONDS_PER_DAY
    wanted = (
        select(receipts.c.writer, receipts.c.number)
        .where(receipts.c.time < before)
        .order_by(receipts.c.writer, receipts.c.number)
        .limit(_MOST_PRUNED)
    )
    pruned = 0
    while True:
        with writing(engine) as connection:
            places = [(found.writer, found.number) for found in connection.execute(wanted)]
            if not places:
                break
            remove(connection, places, reason="prune", signer=signer, now=now)
        pruned += len(places)
        progress(pruned)
    # Also where there was nothing: an erasure before may have left its traces.
    scrub(engine)
    return pruned
