"""Counts of verdicts: what is plugged into a gate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from time import time
from typing import TYPE_CHECKING
from weakref import finalize

from .flusher import Output, Teller
from .log import log_findings
from .sqlite import CountsFile
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from cookiegate.enforcement.verdict import Reason, Verdict

    from .tally import Row

__all__ = ["Counts"]


class Counts:
    """
    Counts each verdict by entry, reason, category and route: `Gate(..., on_verdict=Counts(...))`.

    Names that are not in the registry are folded (see `fold_name`). What was counted is told every
    few seconds by a thread of its own, which begins with the first verdict; and at the end of the
    process. What cannot be told (a full disk, a locked file) is kept, and told next time.

    Args:
        path: The file in which counts are kept, shared by all processes of a site; None for none.
            It is what `cookiegate report` reads.
        log: Whether findings are logged, with their count since the last time. The logger is
            "cookiegate.report".
        tell: Given the rows since the last time, when there are some.
        every: Seconds between two times.
        limit: How many different findings are held in memory; what comes beyond is counted
            together.
        clock: Gives Unix seconds, for the file's first and last time.

    Raises:
        ValueError: `every` or `limit` is too small.
    """

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        *,
        log: bool = False,
        tell: Output | None = None,
        every: float = 10.0,
        limit: int = 2_000,
        clock: Callable[[], float] = time,
    ) -> None:
        if not every > 0:
            raise ValueError(f"every is {every!r}; give a number of seconds above 0")
        if limit < 1:
            raise ValueError(f"limit is {limit!r}; give at least 1")
        #: The file, for whatever else is counted there.
        self.path = None if path is None else Path(path)
        outputs: list[Output] = []
        if path is not None:
            file = CountsFile(path)
            outputs.append(lambda rows: file.add(rows, clock()))
        if log:
            outputs.append(log_findings)
        if tell is not None:
            outputs.append(tell)
        self._teller = Teller(outputs, every=every, tally=partial(Tally, limit))
        # When nobody has it any more, and at the process's exit.
        finalize(self, self._teller.close)

    def __call__(self, verdict: Verdict) -> None:
        """Count a verdict."""
        self._teller.add(verdict)

    def rows(self) -> list[Row]:
        """What was counted; where something is told, only since the last time."""
        return self._teller.tallies[0].rows()

    def totals(self) -> Mapping[tuple[str, Reason], int]:
        """How many verdicts there were since the start, by category ("" for none) and reason."""
        return self._teller.tallies[0].totals()

    def flush(self) -> None:
        """Tell now what was counted. A failure is logged, and nothing lost."""
        self._teller.flush()

    def close(self) -> None:
        """Tell what was counted, and end the thread; a further verdict begins another."""
        self._teller.close()
