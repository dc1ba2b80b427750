"""What an operator does with the ledger: sign a checkpoint, look up, erase, prune."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import Engine, select

from cookiegate.consent.terms import SECONDS_PER_DAY
from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.storage.database import scrub, writing
from cookiegate.ledger.storage.rows import StoredReceipt
from cookiegate.ledger.storage.store import Store
from cookiegate.ledger.storage.tables import receipts

from .checkpoints import Checkpoint, SignedCheckpoint, sign_checkpoint
from .findings import Verification
from .removals import Removal, remove
from .signing import Signer
from .verify import verify

__all__ = ["checkpoint", "erase", "prune", "related_receipts"]

# Receipts in one removal record.
_PRUNE_BATCH: Final = 10_000
# Someone with write access to the database could link receipts to a ring.
_MAX_RELATED: Final = 10_000


def checkpoint(
    engine: Engine,
    signer: Signer,
    *,
    now: int,
    previous: Sequence[SignedCheckpoint] = (),
    trusted: Collection[str] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[SignedCheckpoint, Verification]:
    """
    Verify the ledger, and sign the heads of all chains.

    Without an earlier checkpoint, this also signs a history that was rewritten before.

    Args:
        engine: The database.
        signer: Signs. If there are other public keys, its own is trusted, too.
        now: Unix seconds.
        previous: Earlier checkpoints, which the new one has to continue.
        trusted: Public keys of those who signed earlier checkpoints and removals, in hexadecimal;
            by default the signer's own if there is an earlier checkpoint, else any.
        progress: Called from time to time with the number of verified receipts.

    Raises:
        LedgerError: The verification failed, or an earlier checkpoint is dated after now.
    """
    keys = {signer.public, *trusted} if previous or trusted else ()
    result = verify(engine, checkpoints=previous, trusted=keys, progress=progress)
    if result.finding is not None:
        raise LedgerError(
            f"the ledger is not intact, so it is not signed: {result.finding.what}; "
            "see: cookiegate ledger verify"
        )
    if any(one.checkpoint.time > now for one in previous):
        raise LedgerError("an earlier checkpoint is dated after this one; correct the clock")
    made = Checkpoint(
        time=now, writers=result.heads, removals=result.removals, removed=result.removed
    )
    return sign_checkpoint(made, signer), result


def related_receipts(store: Store, id: str) -> list[StoredReceipt]:
    """
    Return a receipt with all earlier and later ones of the same browser, oldest first.

    Each receipt names the one that it replaces; an erased receipt interrupts the line.

    Args:
        store: The ledger's tables.
        id: The receipt's id.

    Raises:
        LedgerError: The receipt does not exist, or too many are linked to it.
    """
    start = store.find(id)
    if start is None:
        raise LedgerError("there is no receipt with this id, or it was erased")
    found = {start.id}
    line = [start]
    while line[0].closes is not None and len(line) <= _MAX_RELATED:
        previous = store.find(line[0].closes)
        if previous is None or previous.id in found:
            break
        found.add(previous.id)
        line.insert(0, previous)
    rest = [start]
    while rest and len(line) <= _MAX_RELATED:
        for later in store.replacements(str(rest.pop(0).id), limit=_MAX_RELATED):
            if later.id not in found:
                found.add(later.id)
                line.append(later)
                rest.append(later)
    if len(line) > _MAX_RELATED:
        raise LedgerError(
            f"more than {_MAX_RELATED:,} receipts are linked to this one, which no browser makes; "
            "see: cookiegate ledger verify"
        )
    return line


def erase(
    engine: Engine,
    rows: Iterable[StoredReceipt],
    signer: Signer,
    *,
    now: int,
    rewrites: bool = False,
) -> Removal:
    """
    Erase receipts at a visitor's request (GDPR, article 17); their hashes stay.

    Args:
        engine: The database.
        rows: The receipts.
        signer: Signs the record of the erasure.
        now: Unix seconds.
        rewrites: Whether to rewrite the database's files also if that blocks readers.

    Raises:
        LedgerError: A receipt does not exist any more, and nothing is erased; or all are erased,
            but not from the database's files.
    """
    positions = [(row.writer, row.number) for row in rows]
    with writing(engine) as connection:
        removal = remove(connection, positions, reason="erasure", signer=signer, now=now)
    scrub(engine, rewrites=rewrites)
    return removal


def prune(
    engine: Engine,
    signer: Signer,
    *,
    keep_seconds: int,
    now: int,
    batch: int = _PRUNE_BATCH,
    rewrites: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """
    Erase receipts that are older than they are to be kept, to the day.

    Args:
        engine: The database.
        signer: Signs the records of the erasure.
        keep_seconds: How long receipts are kept.
        now: Unix seconds.
        batch: The number of receipts in one record.
        rewrites: Whether to rewrite the database's files also if that blocks readers.
        progress: Called from time to time with the number of erased receipts.

    Returns:
        The number of erased receipts.

    Raises:
        LedgerError: They are erased, but not from the database's files.
    """
    # Of a refusal only the day is known.
    before = (now - keep_seconds) // SECONDS_PER_DAY * SECONDS_PER_DAY
    query = (
        select(receipts.c.writer, receipts.c.number)
        .where(receipts.c.time < before)
        .order_by(receipts.c.writer, receipts.c.number)
        .limit(batch)
    )
    pruned = 0
    while True:
        with writing(engine) as connection:
            positions = [(row.writer, row.number) for row in connection.execute(query)]
            if not positions:
                break
            remove(connection, positions, reason="prune", signer=signer, now=now)
        pruned += len(positions)
        progress(pruned)
    # Also if nothing was pruned: an earlier erasure may have left data in the files.
    scrub(engine, rewrites=rewrites)
    return pruned
