"""A bounded memo: a dict that computes what it lacks, and starts again when it is full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

__all__ = ["Memo"]

V = TypeVar("V")

_MAX_ENTRIES: Final = 4096
# Visitors make names up: long ones are computed each time, and not remembered.
_MAX_KEY_BYTES: Final = 256


class Memo(dict[bytes, V]):
    """
    Remembers what a function returned for a key of bytes.

    Several threads may use one memo: at worst a value is computed twice.

    Args:
        compute: Returns the value of a key.
        max_entries: How many values are remembered; the memo is emptied when it is full.
        max_key_bytes: Values of longer keys are not remembered.
    """

    __slots__ = ("_compute", "_max_entries", "_max_key_bytes")

    def __init__(
        self,
        compute: Callable[[bytes], V],
        *,
        max_entries: int = _MAX_ENTRIES,
        max_key_bytes: int = _MAX_KEY_BYTES,
    ) -> None:
        super().__init__()
        self._compute = compute
        self._max_entries = max_entries
        self._max_key_bytes = max_key_bytes

    def __missing__(self, key: bytes) -> V:
        value = self._compute(key)
        if len(key) <= self._max_key_bytes:
            self.remember(key, value)
        return value

    def remember(self, key: bytes, value: V) -> None:
        """Store a value, whatever the length of its key."""
        if len(self) >= self._max_entries:
            self.clear()
        self[key] = value
