"""The ledger's parts that belong to one process: connections, the thread that writes, the spool."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from cookiegate.consent.choice import NotKeptError
from cookiegate.ledger.receipts import Receipt
from cookiegate.ledger.storage.database import open_engine, require_current
from cookiegate.ledger.storage.store import Item, Store

from .spool import UNREADABLE, Spool
from .waiters import Waiting
from .writer import Writer

__all__ = ["Health", "Options", "Running", "Unproved"]

#: What becomes of a choice that allows more while the database is away: the visitor is told that
#: it was not saved, or it is taken, counted, and written later.
Unproved = Literal["refuse", "accept"]

_W = TypeVar("_W", bound=Waiting)

_MOST_AT_ONCE: Final = 500
# A withdrawal waits so long for a database that is well, and is spooled after that.
_BRIEFLY_SECONDS: Final = 0.25
_ROOM_SECONDS: Final = 1.0
_NAME_BYTES: Final = 16
# Pages of which it is remembered that they are in the spool.
_MOST_PAGES: Final = 1024

# Made here, where threads take turns: see `registry.loading`.
_ITEMS: Final = msgspec.json.Decoder(Item)


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

    def __repr__(self) -> str:
        # Without the URL: it may hold a password.
        return "<Options>"


class Running:
    """
    A ledger at work.

    Args:
        options: What it was told.
        is_current: Whether the database was found to be of this version.
    """

    def __init__(self, options: Options, *, is_current: bool = True) -> None:
        self._options = options
        self._is_current = is_current
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
        self._spool_trouble: type[OSError] | None = None
        self._looked = float("-inf")
        self._is_full = False
        # One that nobody has seen yet is away until somebody has.
        self._writer.is_down = not is_current
        self._writer.start()

    def begin(self, item: Item, grant: Receipt | None, kind: type[_W]) -> _W | None:
        """
        Hand a receipt to the thread that writes.

        Args:
            item: The receipt.
            grant: The same, where the choice allows more, and None else.
            kind: Who waits.

        Returns:
            What to wait for, for `patience` seconds; None where that is in vain.
        """
        writer = self._writer
        if grant is None:
            is_in_vain = writer.is_away
        else:
            # Whoever waits has the time that the commit under way may take.
            is_late = writer.seconds > self._options.timeout
            is_in_vain = writer.is_down or is_late or self._lacks_room()
        if is_in_vain:
            return None
        refuses = self._options.unproved == "refuse"
        waiting = kind(item, grant if refuses else None)
        writer.submit(waiting)
        return waiting

    def patience(self, grant: Receipt | None) -> float:
        """How many seconds a choice waits for its commit."""
        return _BRIEFLY_SECONDS if grant is None else self._options.timeout

    def settle(self, waiting: Waiting | None, item: Item, grant: Receipt | None) -> None:
        """
        Do what there is to do once the wait is over.

        Raises:
            NotKeptError: The choice allows more, and its receipt was not committed.
        """
        if waiting is not None:
            if not waiting.is_kept:
                self._writer.abandon(waiting)
            if waiting.is_kept:
                return
        if grant is None:
            self._keep_here(item)
        elif self._options.unproved == "accept" and not self._lacks_room():
            with self._counting:
                self._accepted += 1
            self._options.on_error(RuntimeError("a grant was taken without a committed receipt"))
            self._keep_here(item)
        else:
            with self._counting:
                self._refused += 1
            raise NotKeptError("the ledger cannot keep a receipt now; see its health")

    def give_up(self, waiting: Waiting | None, grant: Receipt | None) -> None:
        """Nobody is there any more whom the choice could take effect for."""
        if waiting is not None:
            self._writer.disown(waiting, grant)

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
        except Exception as error:
            # Whatever it is: what takes back takes effect.
            self._options.on_error(error)
            is_kept = False
        if not is_kept:
            self._lose(1, "there is no room in the spool")
        elif page is not None:
            if len(self._spooled_pages) >= _MOST_PAGES:
                self._spooled_pages.clear()
            self._spooled_pages.add(page.hash)

    def _lose(self, count: int, why: str) -> None:
        with self._counting:
            self._lost += count
        self._options.on_error(RuntimeError(f"receipts are lost ({count}): {why}"))

    def _idle(self) -> None:
        if not self._is_current:
            require_current(self._engine)
            self._is_current = True
        if self._writer.is_down:
            self._store.ping()
        try:
            if self._spool.has_some():
                self._spool.drain(self._replay)
        except OSError as error:
            # The disk's fault and not the database's. Once, and not twice a second.
            if self._spool_trouble is not type(error):
                self._spool_trouble = type(error)
                self._options.on_error(error)
        else:
            self._spool_trouble = None

    def _replay(self, lines: Sequence[bytes]) -> None:
        items, damaged = [], []
        for line in lines:
            try:
                items.append(_ITEMS.decode(line))
            except ValueError:  # msgspec's, or text that is no UTF-8
                damaged.append(line)
        refused = self._writer.replay(items)
        # What can never be written is not to keep the rest from it.
        self._put_aside(damaged, "the spool is damaged")
        self._put_aside(list(map(msgspec.json.encode, refused)), "the database refuses them")

    def _put_aside(self, lines: Sequence[bytes], why: str) -> None:
        if lines:
            # Somebody may still make out what it was.
            self._spool.put_aside(lines)
            self._lose(len(lines), f"{why}; they are in the spool's file {UNREADABLE!r}")

    def _lacks_room(self) -> bool:
        now = time.monotonic()
        if now - self._looked > _ROOM_SECONDS:
            self._looked = now
            try:
                free = min(map(_free, self._options.folders))
            except OSError as error:
                # What cannot be looked at has no room that one could count on.
                self._options.on_error(error)
                free = 0
            self._is_full = free < self._options.floor_bytes
        return self._is_full


def _free(folder: Path) -> int:
    # A folder that is still to be made will be where its nearest parent is.
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return shutil.disk_usage(there).free
