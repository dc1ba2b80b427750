"""A limit on choices per time: a token bucket for each process."""

from __future__ import annotations

from math import ceil
from threading import Lock

__all__ = ["Limiter"]


class Limiter:
    """
    A token bucket: allows `burst` at once, and `per_second` in the long run.

    Args:
        per_second: How many a second.
        burst: How many at once.

    Raises:
        ValueError: One of them is not above 0.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        if not per_second > 0 or burst < 1:
            raise ValueError(
                f"choices are limited to {per_second!r} a second, {burst!r} at once; "
                "give numbers above 0"
            )
        self._per_second = per_second
        self._burst = burst
        self._left = float(burst)
        self._at: float | None = None
        self._lock = Lock()

    def wait(self, now: float) -> int:
        """
        Take a token and return 0; if there is none, return the seconds until the next.

        Args:
            now: Unix seconds. A clock that was set back adds no tokens and takes none away.
        """
        with self._lock:
            passed = 0.0 if self._at is None else max(0.0, now - self._at)
            self._at = now
            self._left = min(float(self._burst), self._left + passed * self._per_second)
            if self._left >= 1:
                self._left -= 1
                return 0
            return max(1, ceil((1 - self._left) / self._per_second))
