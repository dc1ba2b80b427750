"""Counts of banners: by day and language, and nothing of who saw one."""

from __future__ import annotations

from datetime import UTC, datetime
from os import PathLike
from threading import Lock
from time import time
from typing import TYPE_CHECKING, Final
from weakref import finalize

from .flusher import Teller
from .sqlite import BannerRow, CountsFile

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BannerTally", "Banners"]

# Days times languages between two tellings: far more than there are, and still next to nothing.
_LIMIT: Final = 1_000


class BannerTally:
    """Counts pairs of a day and a language, from any number of threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, counted: tuple[str, str]) -> None:
        """Count one."""
        with self._lock:
            self._add(counted, 1)

    def take(self) -> list[BannerRow]:
        """What was counted since the last time, and begin anew."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return [
            BannerRow(day=day, language=language, count=count)
            for (day, language), count in counts.items()
        ]

    def give_back(self, rows: list[BannerRow]) -> None:
        """Count again what was taken and could not be told."""
        with self._lock:
            for row in rows:
                self._add((row.day, row.language), row.count)

    def _add(self, key: tuple[str, str], count: int) -> None:
        if key not in self._counts and len(self._counts) >= _LIMIT:
            key = (key[0], "")
        self._counts[key] = self._counts.get(key, 0) + count


class Banners:
    """
    Counts the banners that were due: `Pages(gate, on_banner=Banners("cookiegate-report.db"))`.

    What was counted is told every few seconds by a thread of its own, which begins with the first
    banner; and at the end of the process. What cannot be told is kept, and told next time.

    Args:
        path: The file in which `Counts` keeps its own.
        every: Seconds between two times.
        clock: Gives Unix seconds.

    Raises:
        ValueError: `every` is too small.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        every: float = 10.0,
        clock: Callable[[], float] = time,
    ) -> None:
        if not every > 0:
            raise ValueError(f"every is {every!r}; give a number of seconds above 0")
        self._clock = clock
        self._teller = Teller([CountsFile(path).add_banners], every=every, tally=BannerTally)
        finalize(self, self._teller.close)

    def __call__(self, language: str) -> None:
        """Count a banner in this language."""
        day = datetime.fromtimestamp(self._clock(), UTC).date().isoformat()
        self._teller.add((day, language))

    def flush(self) -> None:
        """Tell now what was counted. A failure is logged, and nothing lost."""
        self._teller.flush()

    def close(self) -> None:
        """Tell what was counted, and end the thread; a further banner begins another."""
        self._teller.close()
