"""Counts in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from threading import Lock
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

import msgspec

from cookiegate.enforcement.verdict import Action, Reason, Verdict

from .redact import escape_route, redact_name

__all__ = [
    "MAX_LIFETIME",
    "OTHERS",
    "CountKey",
    "CountRow",
    "Tally",
    "VerdictRow",
    "count_key",
    "reset_after_fork",
    "reset_counters",
    "without_subject",
]

#: The subject of the row that counts whatever found no place in the limit.
OTHERS: Final = "(others)"
#: Three centuries, in seconds: a number that every output can write.
MAX_LIFETIME: Final = 1e10


class CountKey(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """The facts by which verdicts are counted. No value, query string or path is among them."""

    #: The first name or pattern of the entry; without an entry, the redacted name.
    subject: str
    #: The category that decided, or "".
    category: str
    #: Why the policy allows it or not.
    reason: Reason
    #: What happened to the header.
    action: Action
    #: The policy's answer, whatever the mode.
    allowed: bool
    #: What else the verdict reports.
    notes: tuple[Reason, ...]
    #: The route's template, or "" if unknown.
    route: str

    @property
    def is_set_cookie(self) -> bool:
        """Whether the verdict is on a Set-Cookie header."""
        return not any(note.is_not_set for note in self.notes)

    @property
    def is_held_back(self) -> bool:
        """Whether enforcing strips the cookie, expires it, or reduces it to a deletion."""
        if not self.is_set_cookie:
            return self.action == "sweep" or Reason.REPORT_MODE in self.notes
        return not self.allowed

    @property
    def is_unknown(self) -> bool:
        """Whether the registry has no entry for the cookie."""
        return self.reason.is_unknown


def count_key(verdict: Verdict) -> CountKey:
    """Return the facts to count a verdict by."""
    return CountKey(
        subject=verdict.entry or redact_name(verdict.name),
        category=verdict.category or "",
        reason=verdict.reason,
        action=verdict.action,
        allowed=verdict.allowed,
        notes=verdict.notes,
        route="" if verdict.route is None else escape_route(verdict.route),
    )


def without_subject(key: CountKey) -> CountKey:
    """Return the key to count by once a limit is reached."""
    return msgspec.structs.replace(key, subject=OTHERS, route="")


K = TypeVar("K")


class CountRow(msgspec.Struct, Generic[K], kw_only=True):
    """The count of a key, for verdicts a `CountKey`."""

    key: K
    #: How many verdicts.
    count: int = 0
    #: The longest lifetime that an unknown cookie, or one that outlives its entry, asked for, in
    #: seconds; None for the session.
    lifetime: float | None = None


#: A count of verdicts.
VerdictRow = CountRow[CountKey]


class Tally(Generic[K]):
    """
    Counts in memory, safe to use from several threads.

    Args:
        limit: How many keys to hold.
        overflow: Return the key to count a further key under.
    """

    def __init__(self, limit: int, overflow: Callable[[K], K]) -> None:
        self._limit = limit
        self._overflow = overflow
        self.reset()
        reset_after_fork(self)

    def reset(self) -> None:
        """Delete all counts."""
        self._lock = Lock()
        self._rows: dict[K, CountRow[K]] = {}

    def add(self, key: K, count: int = 1, lifetime: float | None = None) -> None:
        """Add to the count of a key."""
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                if len(self._rows) >= self._limit:
                    key = self._overflow(key)
                row = self._rows.setdefault(key, CountRow(key=key))
            row.count += count
            if lifetime is not None:
                row.lifetime = max(row.lifetime or 0, min(lifetime, MAX_LIFETIME))

    def rows(self) -> list[CountRow[K]]:
        """Return copies of all counts."""
        with self._lock:
            return list(map(copy, self._rows.values()))

    def take(self) -> list[CountRow[K]]:
        """Remove all counts and return them."""
        with self._lock:
            rows, self._rows = self._rows, {}
        return list(rows.values())


_RESET_AFTER_FORK: Final[WeakSet[Any]] = WeakSet()


def reset_after_fork(counter: Any) -> None:
    """Call `counter.reset()` in every forked child: its counts so far belong to the parent."""
    _RESET_AFTER_FORK.add(counter)


def reset_counters() -> None:
    """Reset every counter, as in a forked child."""
    for counter in _RESET_AFTER_FORK:
        counter.reset()


with suppress(AttributeError):  # Windows has no fork.
    os.register_at_fork(after_in_child=reset_counters)
