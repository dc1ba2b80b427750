"""A thread that tells what was counted, now and then."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any, Final, Generic, Protocol, TypeVar
from weakref import WeakSet

from .tally import Row

__all__ = ["Output", "Tallying", "Teller", "begin_anew"]

logger = logging.getLogger("cookiegate.report")

#: Given the rows that were counted since the last time; whatever it raises, they are kept.
Output = Callable[[Sequence[Row]], None]


class Tallying(Protocol):
    """Counts in bounded memory, from any number of threads."""

    def add(self, counted: Any, /) -> None:
        """Count one."""

    def take(self) -> list[Any]:
        """What was counted since the last time, and begin anew."""

    def give_back(self, rows: list[Any], /) -> None:
        """Count again what was taken and could not be told."""


T = TypeVar("T", bound=Tallying)


class Teller(Generic[T]):
    """
    Counts for several outputs, and tells each of them every few seconds.

    Args:
        outputs: The outputs. Each has a tally of its own: one that fails keeps what it was to
            be told, and the others do not hear it twice.
        every: Seconds between two times.
        tally: Makes an empty tally.
    """

    def __init__(
        self,
        outputs: Sequence[Callable[[list[Any]], None]],
        *,
        every: float,
        tally: Callable[[], T],
    ) -> None:
        self._outputs = outputs
        self._every = every
        self._tally = tally
        #: One for each output; one where there is none.
        self.tallies: list[T] = []
        self._thread: Thread | None = None
        # Held while there is a thread: of several first verdicts at once, one begins it.
        self._running = Lock()
        self._flushing = Lock()
        self._closing = Lock()
        self._ends = Event()
        self.begin()
        _ALL.add(self)

    def add(self, counted: Any) -> None:
        """Count one; the first begins the thread."""
        for tally in self.tallies:
            tally.add(counted)
        if self._outputs and self._running.acquire(blocking=False):
            self._start()

    def begin(self) -> None:
        """Begin with nothing counted, no thread, and locks that nobody holds."""
        self.tallies = [self._tally() for _ in range(max(1, len(self._outputs)))]
        self._thread = None
        self._running, self._flushing, self._closing = Lock(), Lock(), Lock()

    def flush(self) -> None:
        """Tell now what was counted."""
        with self._flushing:
            for output, tally in zip(self._outputs, self.tallies, strict=False):
                rows = tally.take()
                try:
                    if rows:
                        output(rows)
                except Exception as error:
                    tally.give_back(rows)
                    logger.warning("counts could not be told, and are kept: %s", error)

    def close(self) -> None:
        """End the thread and tell what is left; a further verdict begins another."""
        with self._closing:
            if self._thread is not None:
                self._ends.set()
                self._thread.join()
                self._thread = None
                self._running.release()
        self.flush()

    def _start(self) -> None:
        # Of the daemon kind: no process waits for it. What is left is told at its exit.
        self._ends = Event()
        self._thread = Thread(
            target=self._run, args=(self._ends,), name="cookiegate-counts", daemon=True
        )
        self._thread.start()

    def _run(self, ends: Event) -> None:
        while not ends.wait(self._every):
            self.flush()


_ALL: Final[WeakSet[Teller[Any]]] = WeakSet()


def begin_anew() -> None:
    """In a forked child: it has no thread, and what was counted is for its parent to tell."""
    for teller in _ALL:
        teller.begin()


with suppress(AttributeError):  # Windows, where nothing forks
    os.register_at_fork(after_in_child=begin_anew)
