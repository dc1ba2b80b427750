"""Waits that end as soon as a condition is true."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "SECONDS", "await_that", "children_of"]

#: The working directory of the tests' programs.
ROOT: Final = Path(__file__).parents[3]
#: Longer than anything takes, also on a slow, busy machine.
SECONDS: Final = 60.0


def children_of(process: int) -> list[int]:
    """Return the ids of a process's children."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(word) for word in path.read_text().split()]


def await_that(is_so: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """
    Wait until a condition is true.

    Raises:
        TimeoutError: It is not true in time.
    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"timed out waiting until {what}")
        time.sleep(0.01)
