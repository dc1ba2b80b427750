"""Receipts that wait for their commit, and the threads and tasks to wake when it is done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress

from cookiegate.ledger.receipts import Receipt
from cookiegate.ledger.storage.rows import NewReceipt

__all__ = ["TaskWaiter", "ThreadWaiter", "Waiter", "wake"]


class Waiter:
    """
    A receipt that waits for its commit, without a thread or task to wake.

    Args:
        new: The receipt.
        grant: The same receipt if it has to be voided when the wait is cancelled.
    """

    __slots__ = ("error", "grant", "is_cancelled", "is_done", "new")

    def __init__(self, new: NewReceipt, grant: Receipt | None = None) -> None:
        self.new: NewReceipt = new
        self.grant: Receipt | None = grant
        #: Whether the commit has ended: the receipt is on the disk, or `error` is set.
        self.is_done: bool = False
        self.error: Exception | None = None
        self.is_cancelled: bool = False

    @property
    def is_committed(self) -> bool:
        """Return True if the receipt is on the disk."""
        return self.is_done and self.error is None

    def wake(self) -> None:
        """Wake the thread or task; called once, after `is_done` is set."""


class ThreadWaiter(Waiter):
    """A receipt for which a thread waits."""

    # A bare lock: an Event or a Future consists of several, which costs time.
    __slots__ = ("_lock",)

    def __init__(self, new: NewReceipt, grant: Receipt | None = None) -> None:
        super().__init__(new, grant)
        self._lock = threading.Lock()
        self._lock.acquire()

    def wait(self, seconds: float) -> None:
        """Return when the commit is done, or after a number of seconds."""
        self._lock.acquire(timeout=seconds)

    def wake(self) -> None:
        self._lock.release()


class TaskWaiter(Waiter):
    """A receipt for which a task of the running event loop waits."""

    __slots__ = ("_future", "loop")

    def __init__(self, new: NewReceipt, grant: Receipt | None = None) -> None:
        super().__init__(new, grant)
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._future = self.loop.create_future()

    async def wait(self, seconds: float) -> None:
        """Return when the commit is done, or after a number of seconds."""
        timer = self.loop.call_later(seconds, self.wake)
        try:
            await self._future
        finally:
            timer.cancel()

    def wake(self) -> None:
        # In the event loop's thread.
        if not self._future.done():
            self._future.set_result(None)


def wake(batch: Iterable[Waiter]) -> None:
    """Wake each thread, and each event loop once for all of its tasks."""
    loops: dict[asyncio.AbstractEventLoop, list[Waiter]] = {}
    for waiter in batch:
        if isinstance(waiter, TaskWaiter):
            loops.setdefault(waiter.loop, []).append(waiter)
        else:
            waiter.wake()
    for loop, waiters in loops.items():
        with suppress(RuntimeError):  # the loop is closed, with all of its tasks
            loop.call_soon_threadsafe(_wake_all, waiters)


def _wake_all(waiters: Sequence[Waiter]) -> None:
    for waiter in waiters:
        waiter.wake()
