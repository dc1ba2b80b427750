"""Counts of verdicts, for `Gate(..., on_verdict=Counts(...))`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path

from cookiegate.enforcement.verdict import Reason, Verdict
from cookiegate.gate import system_clock

from .flusher import PeriodicCounter
from .log import log_counts
from .sqlite import CountsFile
from .tally import CountKey, CountRow, Tally, count_key, without_subject
from .wordlike import prepare

__all__ = ["Counts"]


class Counts(PeriodicCounter[CountKey]):
    """
    Count verdicts by entry, reason, category and route: `Gate(..., on_verdict=Counts(...))`.

    Names that are not in the registry are redacted (see `redact_name`). The file exists from the
    start. A thread, started by the first verdict, writes the first count after a pause within 0.1
    seconds, and further ones at least once in an interval. The shutdown of an ASGI application and
    the exit of the process write the rest. Counts that cannot be written (full disk, locked file)
    are kept for the next time.
    `flush()` writes the counts now, and `close()` stops the thread as well.

    Args:
        path: A file for the counts, shared by all processes of a site and read by
            `cookiegate report`.
        log: Log counts to the logger "cookiegate.report".
        callback: A callable that takes the rows counted since its last call, if there are any.
        interval: The longest time between a count and its write, in seconds.
        limit: How many different rows to hold in memory; further ones are counted together.
        clock: Return Unix seconds, for the first and last time in the file.

    Raises:
        ValueError: `interval` or `limit` is too small.
    """

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        *,
        log: bool = False,
        callback: Callable[[Sequence[CountRow[CountKey]]], None] | None = None,
        interval: float = 1.0,
        limit: int = 2_000,
        clock: Callable[[], float] = system_clock,
    ) -> None:
        if limit < 1:
            raise ValueError(f"limit is {limit!r}; give at least 1")
        #: The file, or None.
        self.path: Path | None = None if path is None else Path(path)
        outputs: list[Callable[[Sequence[CountRow[CountKey]]], None]] = []
        if path is not None:
            file = CountsFile(path)
            file.create()
            outputs.append(lambda rows: file.add(rows, clock()))
        if log:
            outputs.append(log_counts)
        if callback is not None:
            outputs.append(callback)
        prepare()  # not while a request waits
        super().__init__(outputs, interval=interval, tally=lambda: Tally(limit, without_subject))
        self._totals = Tally[tuple[str, Reason]](sys.maxsize, lambda key: key)

    def __call__(self, verdict: Verdict) -> None:
        """Count a verdict."""
        key = count_key(verdict)
        if key.is_set_cookie:
            self._totals.add((key.category, key.reason))
        self._flusher.add(key, verdict.lifetime)

    def rows(self) -> list[CountRow[CountKey]]:
        """Return the counts; with a file, log or callback, those since the last write."""
        return self._flusher.tallies[0].rows()

    def totals(self) -> Mapping[tuple[str, Reason], int]:
        """Return how many Set-Cookie headers were judged since the start, by category and reason.

        The category is "" where none decided.
        """
        return {row.key: row.count for row in self._totals.rows()}
