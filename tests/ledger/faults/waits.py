"""Waits that end as soon as what is waited for is so."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "SECONDS", "await_that", "children_of"]

#: Where programs of the tests are started.
ROOT: Final = Path(__file__).parents[3]
#: Nothing takes so long, also on two slow cores that others use too.
SECONDS: Final = 60.0


def children_of(process: int) -> list[int]:
    """The ids of the processes that one has started."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(word) for word in path.read_text().split()]


def await_that(is_so: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """
    Return when something is so.

    Raises:
        TimeoutError: It is not.
    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"in vain it was waited that {what}")
        time.sleep(0.01)
