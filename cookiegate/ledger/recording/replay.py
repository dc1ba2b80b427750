"""Commit the receipts of a spool to the database, each once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Engine

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.storage.rows import NewReceipt
from cookiegate.ledger.storage.store import Store

from .limits import DEFAULT_LIMITS
from .spool import UNREADABLE, Spool, waiting_in
from .writer import Writer

__all__ = ["NAME_BYTES", "Replay", "take_over"]

#: The random bytes of a chain's name, which is also that of the process's spool.
NAME_BYTES: Final = 16

# Created at import, under the import lock: see `registry.load`.
_DECODER: Final = msgspec.json.Decoder(NewReceipt)


class Replay:
    """
    Commits lines of a spool.

    Args:
        store: The ledger's tables.
        writer: Commits the receipts.
        spool: Keeps the lines that can never be committed.
        on_loss: Called with their number and the reason.
    """

    def __init__(
        self, store: Store, writer: Writer, spool: Spool, on_loss: Callable[[int, str], None]
    ) -> None:
        self._store = store
        self._writer = writer
        self._spool = spool
        self._on_loss = on_loss

    def __call__(self, lines: Sequence[bytes]) -> None:
        """Commit lines, and set aside those that can never be committed."""
        new, damaged = [], []
        for line in lines:
            try:
                new.append(_DECODER.decode(line))
            except ValueError:  # msgspec's, or invalid UTF-8
                damaged.append(line)
        rejected = self._writer.replay(self._store.without_erased(new))
        # Lines that can never be committed must not block the others.
        self._set_aside(damaged, "the spool is damaged")
        self._set_aside(list(map(msgspec.json.encode, rejected)), "the database rejects them")

    def _set_aside(self, lines: Sequence[bytes], reason: str) -> None:
        if lines:
            self._spool.set_aside(lines)
            self._on_loss(len(lines), f"{reason}; they are in the spool's file {UNREADABLE!r}")


def take_over(engine: Engine, folder: Path) -> None:
    """
    Commit the receipts that processes left in a spool when they ended.

    Otherwise a receipt that was committed late, and then erased, could be written again from the
    spool, or a waiting receipt could name it.

    Args:
        engine: The database.
        folder: The spool's folder.

    Raises:
        LedgerError: Receipts of processes that run wait in the spool, or it cannot be read.
    """
    name = secrets.token_hex(NAME_BYTES)
    store = Store(engine)
    writer = Writer(
        store,
        name,
        clock=time.time,
        idle=lambda: None,
        on_error=lambda error: None,
        limits=DEFAULT_LIMITS,
    )
    spool = Spool(folder, name, 0)
    try:
        # The writer's thread is not started: this thread commits.
        spool.drain(Replay(store, writer, spool, lambda count, reason: None))
        waiting = waiting_in(folder)[1]
    except OSError as error:
        raise LedgerError(
            f"the spool in {str(folder)!r} cannot be read ({error.strerror or error}); "
            "run this as the site's user"
        ) from None
    if waiting:
        raise LedgerError(
            f"receipts of running processes wait in the spool in {str(folder)!r} ({waiting}), and "
            "could bring back what is erased; nothing was changed; when cookiegate ledger health "
            "finds none, run this again"
        )
