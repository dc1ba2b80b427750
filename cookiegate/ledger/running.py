"""The ledger's parts that belong to one process: connections, the thread that writes, the spool."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from cookiegate.choice import NotKept

from .database import open_engine
from .receipts import Receipt
from .spool import Spool
from .store import Item, Store
from .writer import Waiting, Writer

__all__ = ["Health", "Options", "Running", "Unproved"]

#: What becomes of a choice that allows more while the database is away: the visitor is told that
#: it was not saved, or it is taken, counted, and written later.
Unproved = Literal["refuse", "accept"]

_MOST_AT_ONCE: Final = 500
# A withdrawal waits so long for a database that is well, and is spooled after that.
_BRIEFLY_SECONDS: Final = 0.25
_ROOM_SECONDS: Final = 1.0
_NAME_BYTES: Final = 16


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the ledger of this process is."""

    #: Whether the last commit failed, or takes long.
    is_away: bool
    #: Whether there is less room on the disk than the floor.
    is_full: bool
    #: Receipts that were committed by this process.
    committed: int
    #: Receipts that wait on the disk for the database to come back.
    waiting: int
    #: Choices that allow more and were refused, since no proof could be kept.
    refused: int
    #: Choices that allow more and were taken while no proof could be committed.
    accepted: int
    #: Receipts for which there was no room anywhere.
    lost: int


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger was told."""

    url: str
    spool: Path
    spool_bytes: int
    timeout: float
    unproved: Unproved
    floor_bytes: int
    #: The folders whose room is looked at.
    folders: tuple[Path, ...]
    on_error: Callable[[Exception], None]
    clock: Callable[[], float]


class Running:
    """
    A ledger at work.

    Args:
        options: What it was told.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._engine = open_engine(options.url)
        name = secrets.token_hex(_NAME_BYTES)
        self._spool = Spool(options.spool, name, options.spool_bytes)
        self._store = Store(self._engine)
        self._writer = Writer(
            self._store,
            name,
            most=_MOST_AT_ONCE,
            clock=options.clock,
            idle=self._idle,
            on_error=options.on_error,
        )
        self._counting = threading.Lock()
        self._refused = self._accepted = self._lost = 0
        # Pages that stand in the spool need not go there again.
        self._spooled_pages: set[str] = set()
        self._looked = 0.0
        self._is_full = False
        self._writer.start()

    def begin(self, item: Item, grant: Receipt | None) -> Waiting | None:
        """
        Hand a receipt to the thread that writes.

        Args:
            item: The receipt.
            grant: The same, where the choice allows more, and None else.

        Returns:
            What to wait for, for `patience` seconds; None where that is in vain.
        """
        if self._writer.is_away or (grant is not None and self._lacks_room()):
            return None
        refuses = self._options.unproved == "refuse"
        return self._writer.submit(item, grant=grant if refuses else None)

    def patience(self, grant: Receipt | None) -> float:
        """How many seconds a choice waits for its commit."""
        return _BRIEFLY_SECONDS if grant is None else self._options.timeout

    def settle(self, waiting: Waiting | None, item: Item, grant: Receipt | None) -> None:
        """
        Do what there is to do once the wait is over.

        Raises:
            NotKept: The choice allows more, and its receipt was not committed.
        """
        if waiting is not None:
            self._writer.abandon(waiting)
            if is_kept(waiting):
                return
        if grant is None:
            self._keep_here(item)
        elif self._options.unproved == "accept":
            with self._counting:
                self._accepted += 1
            self._options.on_error(RuntimeError("a grant was taken without a committed receipt"))
            self._keep_here(item)
        else:
            with self._counting:
                self._refused += 1
            raise NotKept("the ledger cannot keep a receipt now; see its health")

    def give_up(self, waiting: Waiting) -> None:
        """Nobody is there any more whom the choice could take effect for."""
        self._writer.abandon(waiting)

    def health(self) -> Health:
        """How it is."""
        return Health(
            is_away=self._writer.is_away,
            is_full=self._lacks_room(),
            committed=self._writer.committed,
            waiting=self._spool.waiting,
            refused=self._refused,
            accepted=self._accepted,
            lost=self._lost,
        )

    def close(self) -> None:
        """Write what waits, and let go of everything."""
        self._writer.close()
        self._spool.close()
        self._engine.dispose()

    def forget(self) -> None:
        """Leave the connections to the process that opened them; this one is its fork."""
        self._engine.dispose(close=False)

    def _keep_here(self, item: Item) -> None:
        page = item.presentation
        if page is not None and page.hash in self._spooled_pages:
            item = msgspec.structs.replace(item, presentation=None)
        try:
            is_kept = self._spool.append([msgspec.json.encode(item)])
        except OSError as error:
            self._options.on_error(error)
            is_kept = False
        if not is_kept:
            with self._counting:
                self._lost += 1
            self._options.on_error(RuntimeError("a receipt is lost: there is no room in the spool"))
        elif page is not None:
            self._spooled_pages.add(page.hash)

    def _idle(self) -> None:
        if self._spool.has_some():
            self._spool.drain(self._replay)
        elif self._writer.is_down:
            self._store.ping()

    def _replay(self, lines: Sequence[bytes]) -> None:
        self._writer.replay([msgspec.json.decode(line, type=Item) for line in lines])

    def _lacks_room(self) -> bool:
        now = time.monotonic()
        if now - self._looked > _ROOM_SECONDS:
            self._looked = now
            self._is_full = any(
                free < self._options.floor_bytes for free in map(_free, self._options.folders)
            )
        return self._is_full


def is_kept(waiting: Waiting) -> bool:
    """Whether a receipt is on the disk."""
    return waiting.done.done() and waiting.done.exception() is None


def _free(folder: Path) -> int:
    # A folder that is still to be made will be where its nearest parent is.
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free
