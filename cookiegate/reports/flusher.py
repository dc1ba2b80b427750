"""A background thread that writes counts soon after they are counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from typing import Final, Generic
from weakref import finalize

from .tally import CountRow, K, Tally, reset_after_fork

__all__ = ["PeriodicCounter", "PeriodicFlusher"]

logger: Final = logging.getLogger("cookiegate.report")

# How soon the first count after a pause is written. A server that a signal ends runs nothing more.
_FIRST_SECONDS: Final = 0.1


class PeriodicFlusher(Generic[K]):
    """
    Hands counts to several outputs: the first one after a pause within 0.1 seconds, and further
    ones less and less often, down to once in an interval.

    Each output has a tally. If an output raises, its counts go back into its tally and it gets
    them with the next flush; the other outputs do not get them twice.

    Args:
        outputs: Callables that take the rows counted since the last flush.
        interval: The longest time between a count and its flush, in seconds.
        tally: Return an empty tally.
    """

    def __init__(
        self,
        outputs: Sequence[Callable[[Sequence[CountRow[K]]], None]],
        *,
        interval: float,
        tally: Callable[[], Tally[K]],
    ) -> None:
        self._outputs = outputs
        self._interval = interval
        #: One for each output; one if there is no output.
        self.tallies: list[Tally[K]] = [tally() for _ in range(max(1, len(outputs)))]
        self.reset()
        reset_after_fork(self)

    def reset(self) -> None:
        """Forget the thread, which a forked child does not have, and make new locks."""
        self._thread: Thread | None = None
        self._stop = Event()
        # Set while there are counts that no output has.
        self._pending = Event()
        # Held while a thread runs: of several first counts at once, one starts it.
        self._running = Lock()
        self._flushing = Lock()
        self._closing = Lock()

    def add(self, key: K, lifetime: float | None = None) -> None:
        """Count one; start the thread if it does not run."""
        for tally in self.tallies:
            tally.add(key, 1, lifetime)
        if not self._pending.is_set():
            self._pending.set()
        if self._outputs and self._running.acquire(blocking=False):
            self._stop = Event()
            # A daemon thread does not delay the exit of the process, which flushes as well.
            self._thread = Thread(
                target=self._run, args=(self._stop,), name="cookiegate-counts", daemon=True
            )
            self._thread.start()

    def flush(self) -> None:
        """Hand the counts to all outputs now."""
        with self._flushing:
            self._pending.clear()
            if self._stop.is_set():
                # `close` set it after that, and waits for the thread, which waits for this.
                self._pending.set()
            for output, tally in zip(self._outputs, self.tallies, strict=False):
                rows = tally.take()
                try:
                    if rows:
                        output(rows)
                except Exception as error:
                    for row in rows:
                        tally.add(row.key, row.count, row.lifetime)
                    self._pending.set()
                    logger.warning("counts could not be written and are kept: %s", error)

    def close(self) -> None:
        """Stop the thread and flush; the next count starts another thread."""
        with self._closing:
            if self._thread is not None:
                self._stop.set()
                self._pending.set()
                self._thread.join()
                self._thread = None
                self._running.release()
        self.flush()

    def _run(self, stop: Event) -> None:
        first = delay = min(_FIRST_SECONDS, self._interval)
        while True:
            if not self._pending.wait(self._interval):
                delay = first
                self._pending.wait()
            if stop.wait(delay):
                return
            self.flush()
            delay = min(2 * delay, self._interval)


class PeriodicCounter(Generic[K]):
    """
    The base of `Counts` and `Banners`: flushes soon after a count, when deleted and at exit.

    Raises:
        ValueError: The interval is not above 0.
    """

    def __init__(
        self,
        outputs: Sequence[Callable[[Sequence[CountRow[K]]], None]],
        *,
        interval: float,
        tally: Callable[[], Tally[K]],
    ) -> None:
        if not interval > 0:
            raise ValueError(f"interval is {interval!r}; give a number of seconds above 0")
        # Separate, so that its thread does not keep this object alive.
        self._flusher = PeriodicFlusher(outputs, interval=interval, tally=tally)
        finalize(self, self._flusher.close)

    def flush(self) -> None:
        """Write the counts now. A failure is logged, and the counts are kept."""
        self._flusher.flush()

    def close(self) -> None:
        """Write the counts and stop the thread; the next count starts another one."""
        self._flusher.close()
