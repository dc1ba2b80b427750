"""Counts of banners by day and language, without any fact about a visitor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from os import PathLike
from typing import Final

from cookiegate.gate import system_clock

from .flusher import PeriodicCounter
from .sqlite import BannerRow, CountsFile
from .tally import CountRow, Tally

__all__ = ["Banners"]

# Pairs of a day and a language between two writes.
_LIMIT: Final = 1_000


class Banners(PeriodicCounter[tuple[str, str]]):
    """
    Count the banners that were due: `Pages(gate, on_banner=Banners("cookiegate-report.db"))`.

    The file exists from the start. A thread, started by the first banner, writes the counts as
    `Counts` does. Counts that cannot be written are kept for the next time.
    `flush()` writes the counts now, and `close()` stops the thread as well.

    Args:
        path: A file for the counts; the same as that of `Counts`.
        interval: The longest time between a count and its write, in seconds.
        clock: Return Unix seconds.

    Raises:
        ValueError: `interval` is too small.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        interval: float = 1.0,
        clock: Callable[[], float] = system_clock,
    ) -> None:
        file = CountsFile(path)
        file.create()

        def write(rows: Sequence[CountRow[tuple[str, str]]]) -> None:
            file.add_banners(
                BannerRow(day=row.key[0], language=row.key[1], count=row.count) for row in rows
            )

        self._clock = clock
        super().__init__(
            [write], interval=interval, tally=lambda: Tally(_LIMIT, lambda key: (key[0], ""))
        )

    def __call__(self, language: str) -> None:
        """Count a banner in this language."""
        day = datetime.fromtimestamp(self._clock(), UTC).date().isoformat()
        self._flusher.add((day, language))
