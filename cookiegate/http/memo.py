"""Bounded memory: dicts that are emptied when they are full, and one that computes its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

__all__ = ["BoundedDict", "Memo", "Text", "clear_memos", "register_memos"]

K = TypeVar("K")
#: The keys of a memo.
Text = TypeVar("Text", bound=bytes | str)
V = TypeVar("V")

_MAX_ENTRIES: Final = 4096
# Visitors make names up: long ones are computed each time, and not remembered.
_MAX_KEY_BYTES: Final = 256
_MAX_BYTES: Final = 256 * 1024


_CLEAR: Final[list[Callable[[], object]]] = []


class BoundedDict(dict[K, V]):
    """
    A dict that is emptied when it is full.

    Several threads may use one without a lock: at worst an entry is lost.

    Args:
        max_entries: How many entries it holds.
        max_bytes: How many bytes of the sizes that `remember` is given.
    """

    __slots__ = ("_bytes", "_max_bytes", "_max_entries")

    def __init__(self, max_entries: int = _MAX_ENTRIES, *, max_bytes: int = _MAX_BYTES) -> None:
        super().__init__()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0

    def remember(self, key: K, value: V, size: int = 0) -> None:
        """
        Store a value; if the dict is full, empty it first.

        Args:
            key: The key.
            value: The value.
            size: About how many bytes both have, if their sizes differ much.
        """
        self._bytes += size
        if len(self) >= self._max_entries or self._bytes > self._max_bytes:
            self.clear()
            self._bytes = size
        self[key] = value


class Memo(Generic[Text, V]):
    """
    What a function returned for keys of bytes or text.

    Several threads may use one memo: at worst a value is computed twice.

    Args:
        compute: Returns the value of a key.
        max_entries: How many values are remembered; the memo is emptied when it is full.
        max_key_bytes: Values of longer keys are not remembered.
        max_bytes: How many bytes all keys have; then the memo is emptied, too.
        values: Where they are remembered; None for a new dict.
    """

    __slots__ = ("_bytes", "_compute", "_max_bytes", "_max_entries", "_max_key_bytes", "values")

    def __init__(
        self,
        compute: Callable[[Text], V],
        *,
        max_entries: int = _MAX_ENTRIES,
        max_key_bytes: int = _MAX_KEY_BYTES,
        max_bytes: int = _MAX_BYTES,
        values: dict[Text, V] | None = None,
    ) -> None:
        self._compute = compute
        self._max_entries = max_entries
        self._max_key_bytes = max_key_bytes
        self._max_bytes = max_bytes
        self._bytes = 0
        #: What is remembered. A plain dict, for loops that look there first: Python reads a
        #: subclass of dict more slowly.
        self.values: dict[Text, V] = {} if values is None else values

    def __getitem__(self, key: Text) -> V:
        """Return the value of a key; compute it if it is not remembered."""
        try:
            return self.values[key]
        except KeyError:
            return self.compute(key)

    def compute(self, key: Text) -> V:
        """Compute the value of a key, remember it within the bounds, and return it."""
        value = self._compute(key)
        if len(key) <= self._max_key_bytes:
            self._bytes += len(key)
            if len(self.values) >= self._max_entries or self._bytes > self._max_bytes:
                self.values.clear()
                self._bytes = len(key)
            self.values[key] = value
        return value


def register_memos(*clear: Callable[[], object]) -> None:
    """
    Register memos of the whole process with `clear_memos`.

    Args:
        clear: The functions that empty them.
    """
    _CLEAR.extend(clear)


def clear_memos() -> None:
    """Empty the memos of the whole process, so that no test depends on an earlier one."""
    for clear in _CLEAR:
        clear()
