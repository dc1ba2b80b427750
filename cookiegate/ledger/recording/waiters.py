"""Receipts that wait for their commit, and who is woken when it is over."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress

from cookiegate.ledger.receipts import Receipt
from cookiegate.ledger.storage.store import Item

__all__ = ["Waiting", "WaitingTask", "WaitingThread", "wake"]


class Waiting:
    """
    A receipt that waits for its commit; nobody waits with it.

    Args:
        item: The receipt.
        grant: The same, where it takes no effect unless somebody waits until it is written.
    """

    __slots__ = ("error", "grant", "is_abandoned", "is_over", "item")

    def __init__(self, item: Item, grant: Receipt | None = None) -> None:
        self.item: Item = item
        self.grant: Receipt | None = grant
        #: Whether it was tried; then it is on the disk, or `error` says why not.
        self.is_over: bool = False
        self.error: Exception | None = None
        self.is_abandoned: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether the receipt is on the disk."""
        return self.is_over and self.error is None

    def wake(self) -> None:
        """Wake who waits; once, and after `is_over` is said."""


class WaitingThread(Waiting):
    """A receipt for which a thread waits."""

    # A bare lock: an Event or a Future is made of several, and each takes its time.
    __slots__ = ("_asleep",)

    def __init__(self, item: Item, grant: Receipt | None = None) -> None:
        super().__init__(item, grant)
        self._asleep = threading.Lock()
        self._asleep.acquire()

    def wait(self, seconds: float) -> None:
        """Return when it is over, or after so many seconds."""
        self._asleep.acquire(timeout=seconds)

    def wake(self) -> None:
        self._asleep.release()


class WaitingTask(Waiting):
    """A receipt for which a task of the running event loop waits."""

    __slots__ = ("_asleep", "loop")

    def __init__(self, item: Item, grant: Receipt | None = None) -> None:
        super().__init__(item, grant)
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._asleep = self.loop.create_future()

    async def wait(self, seconds: float) -> None:
        """Return when it is over, or after so many seconds."""
        timer = self.loop.call_later(seconds, self.wake)
        try:
            await self._asleep
        finally:
            timer.cancel()

    def wake(self) -> None:
        # In the loop's own thread.
        if not self._asleep.done():
            self._asleep.set_result(None)


def wake(batch: Iterable[Waiting]) -> None:
    """Wake all who wait: each thread, and each event loop once for all of its tasks."""
    loops: dict[asyncio.AbstractEventLoop, list[Waiting]] = {}
    for waiting in batch:
        if isinstance(waiting, WaitingTask):
            loops.setdefault(waiting.loop, []).append(waiting)
        else:
            waiting.wake()
    for loop, tasks in loops.items():
        with suppress(RuntimeError):  # it is closed, and nobody is left in it
            loop.call_soon_threadsafe(_wake_all, tasks)


def _wake_all(tasks: Sequence[Waiting]) -> None:
    for waiting in tasks:
        waiting.wake()
