"""The parts of a ledger that belong to one process: connections, writer, spool."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from cookiegate.consent.choice import NotKeptError
from cookiegate.http.memo import BoundedDict
from cookiegate.ledger.receipts import Receipt
from cookiegate.ledger.refusals import RefusalKey, RefusalRule
from cookiegate.ledger.storage.database import open_engine, require_current
from cookiegate.ledger.storage.rows import NewReceipt
from cookiegate.ledger.storage.store import Store

from .limits import DEFAULT_LIMITS, Limits
from .refusal_counter import RefusalCounter
from .repeats import Repeats
from .replay import NAME_BYTES, Replay
from .spool import Spool
from .waiters import Waiter
from .writer import Writer

__all__ = ["Health", "LedgerOptions", "LedgerProcess", "OnUnavailable"]

#: What happens to a choice that allows more while no receipt can be committed: it is refused, and
#: the visitor learns that; or it is accepted and counted, and its receipt is committed later.
OnUnavailable = Literal["refuse", "accept"]

_W = TypeVar("_W", bound=Waiter)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the ledger in this process."""

    #: Whether the last commit failed, or the current one is slow.
    is_away: bool
    #: Whether less disk space is free than `min_free_bytes`.
    is_full: bool
    #: Receipts that this process has committed.
    committed: int
    #: Receipts in the spool, which wait for the database.
    waiting: int
    #: Choices that allow more and were refused because no receipt could be committed.
    refused: int
    #: Choices that allow more and were accepted without a committed receipt.
    accepted: int
    #: Receipts that neither the database nor the spool could store.
    lost: int


class LedgerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a ledger."""

    url: str
    spool: Path
    spool_bytes: int
    timeout: float
    on_unavailable: OnUnavailable
    refusals: RefusalRule
    min_free_bytes: int
    #: The folders whose free space is measured.
    folders: tuple[Path, ...]
    on_error: Callable[[Exception], None]
    clock: Callable[[], float]

    def __repr__(self) -> str:
        # Without the URL, which may contain a password.
        return "<LedgerOptions>"


class LedgerProcess:
    """
    The parts of a ledger that belong to one process.

    Args:
        options: The ledger's.
        is_current: Whether the tables are known to have this version.
        store: The ledger's tables; by default, those in the database of the options.
        limits: Times and sizes.
    """

    def __init__(
        self,
        options: LedgerOptions,
        *,
        is_current: bool = True,
        store: Store | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._options = options
        self._is_current = is_current
        self._limits = limits
        self.store: Store = store or Store(
            open_engine(options.url, writes=True), max_pages=limits.pages
        )
        name = secrets.token_hex(NAME_BYTES)
        self._spool = Spool(options.spool, name, options.spool_bytes)
        #: Counts refusals of which no receipt is kept.
        self.refusals: RefusalCounter = RefusalCounter(self.store)
        #: Finds grants that are taken back again and again.
        self.repeats: Repeats = Repeats()
        #: Hashes of pages that are known to be in the spool.
        self.spooled_pages: BoundedDict[str, None] = BoundedDict(limits.pages)
        self.writer: Writer = Writer(
            self.store,
            name,
            clock=options.clock,
            idle=self._idle,
            on_error=options.on_error,
            limits=limits,
        )
        self._replay = Replay(self.store, self.writer, self._spool, self._lose)
        self._count_lock = threading.Lock()
        self._refused = self._accepted = self._lost = 0
        self._spool_failure: type[OSError] | None = None
        self._measured = float("-inf")
        self._pinged = time.monotonic()
        self._is_full = False
        # A database that was never reached is away until a connection succeeds.
        self.writer.is_down = not is_current
        self.writer.start()

    def submit(self, new: NewReceipt, grant: Receipt | None, kind: type[_W]) -> _W | None:
        """
        Give a receipt to the writer.

        Args:
            new: The receipt.
            grant: The same receipt if the choice allows more, else None.
            kind: The class of the waiter.

        Returns:
            What to wait for, at most `timeout` seconds; None if the commit cannot succeed in time.
        """
        writer = self.writer
        if grant is None:
            is_unavailable = writer.is_away
        else:
            # The choice waits as long as the current commit may take.
            is_late = writer.seconds > self._options.timeout
            is_unavailable = writer.is_down or is_late or self.lacks_space()
        if is_unavailable:
            return None
        waiter = kind(new, grant if self._options.on_unavailable == "refuse" else None)
        writer.submit(waiter)
        return waiter

    def timeout(self, grant: Receipt | None) -> float:
        """Return how many seconds a choice waits for its commit."""
        return self._limits.withdrawal_seconds if grant is None else self._options.timeout

    def finish(
        self,
        waiter: Waiter | None,
        new: NewReceipt,
        grant: Receipt | None,
        refusal: RefusalKey | None = None,
    ) -> None:
        """
        Complete a choice after the wait: spool a receipt that is not committed, or refuse it.

        Args:
            waiter: What was waited for.
            new: The receipt.
            grant: The same receipt if the choice allows more, else None.
            refusal: What is counted if the receipt of a refusal finds no place.

        Raises:
            NotKeptError: The choice allows more, and its receipt is not committed.
        """
        if waiter is not None:
            if not waiter.is_committed:
                self.writer.cancel(waiter)
            if waiter.is_committed:
                return
        if refusal is not None:
            if not self._spool_receipt(new, reserve=self._reserve):
                self.refusals.add(refusal)
        elif grant is None:
            if not self._spool_receipt(new):
                self._lose(1, "the spool is full or cannot be written")
        elif (
            self._options.on_unavailable == "accept"
            and not self.lacks_space()
            and self._spool_receipt(new, reserve=self._reserve)
        ):
            with self._count_lock:
                self._accepted += 1
            self._options.on_error(RuntimeError("a grant was accepted without a committed receipt"))
        else:
            with self._count_lock:
                self._refused += 1
            raise NotKeptError("the ledger cannot commit a receipt now; see its health")

    def detach(self, waiter: Waiter | None, grant: Receipt | None) -> None:
        """Void a choice whose request has ended before it took effect."""
        if waiter is not None:
            self.writer.void(waiter, grant)

    def health(self) -> Health:
        """Return the state of the ledger in this process."""
        return Health(
            is_away=self.writer.is_away,
            is_full=self.lacks_space(),
            committed=self.writer.committed,
            waiting=self._spool.waiting,
            refused=self._refused,
            accepted=self._accepted,
            lost=self._lost,
        )

    def close(self) -> None:
        """Commit what is pending, and close the spool and the connections."""
        self.writer.close()
        try:
            self.refusals.flush()
        except Exception as error:
            self._options.on_error(error)
        self._spool.close()
        self.store.engine.dispose()

    def discard(self) -> None:
        """Discard the connections in a forked process: they belong to its parent."""
        self.store.engine.dispose(close=False)

    @property
    def _reserve(self) -> int:
        # Half of the spool is for what is taken back: nothing else may cost those receipts.
        return self._options.spool_bytes // 2

    def _spool_receipt(self, new: NewReceipt, *, reserve: int = 0) -> bool:
        page = new.presentation
        if page is not None and page.hash in self.spooled_pages:
            new = msgspec.structs.replace(new, presentation=None)
        try:
            is_kept = self._spool.append([msgspec.json.encode(new)], reserve=reserve)
        except Exception as error:
            # No error of the spool may prevent a withdrawal.
            self._options.on_error(error)
            is_kept = False
        if is_kept and page is not None:
            self.spooled_pages.remember(page.hash, None)
        return is_kept

    def _lose(self, count: int, reason: str) -> None:
        with self._count_lock:
            self._lost += count
        self._options.on_error(RuntimeError(f"receipts are lost ({count}): {reason}"))

    def _idle(self) -> None:
        if not self._is_current:
            require_current(self.store.engine)
            self._is_current = True
        is_due = time.monotonic() - self._pinged > self._limits.ping_seconds
        if self.writer.is_down or is_due:
            self.store.ping()
            self._pinged = time.monotonic()
        self.refusals.flush()
        try:
            if self._spool.has_lines():
                self._spool.drain(self._replay)
        except OSError as error:
            # An error of the disk, not of the database; reported once, not at every attempt.
            if self._spool_failure is not type(error):
                self._spool_failure = type(error)
                self._options.on_error(error)
        else:
            self._spool_failure = None

    def lacks_space(self) -> bool:
        """Return True if less disk space is free than `min_free_bytes`."""
        now = time.monotonic()
        if now - self._measured > self._limits.space_seconds:
            self._measured = now
            try:
                free = min(map(_free_bytes, self._options.folders))
            except OSError as error:
                self._options.on_error(error)
                free = 0
            self._is_full = free < self._options.min_free_bytes
        return self._is_full


def _free_bytes(folder: Path) -> int:
    # A folder that does not exist yet will be on the disk of its nearest parent.
    existing = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return shutil.disk_usage(existing).free
