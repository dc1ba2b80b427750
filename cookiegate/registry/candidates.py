"""The entries that match a name, the best first: for explanations, not for requests."""

from collections.abc import Iterable

import msgspec

from .model import Entry
from .patterns import LONGEST_NAME, Pattern, parse_pattern

__all__ = ["Candidate", "candidates"]


class Candidate(msgspec.Struct, frozen=True):
    """An entry, and the best of its names and patterns that match."""

    pattern: Pattern
    entry: Entry

    @property
    def precedence(self) -> tuple[bool, tuple[int, int, int]]:
        """What decides between candidates, the greatest first: exact names, then the rank."""
        is_exact = self.pattern.exact is not None
        return is_exact, (0, 0, 0) if is_exact else self.pattern.rank


def candidates(entries: Iterable[Entry], name: bytes | str) -> tuple[Candidate, ...]:
    """Return every entry with a name or pattern that matches, the best first.

    Candidates of equal precedence keep the order of the entries. The first of them are what
    ``Registry.find`` returns.
    """
    if isinstance(name, bytes):
        name = name.decode("utf-8", "surrogateescape")
    # As in the index, no pattern matches an empty name, or one that is too long.
    is_exact_only = not name or len(name.encode("utf-8", "replace")) > LONGEST_NAME
    found = []
    for entry in entries:
        matching = [
            Candidate(pattern, entry)
            for pattern in map(parse_pattern, entry.names)
            if pattern.exact == name or (not is_exact_only and _matches(pattern, name))
        ]
        if matching:
            found.append(max(matching, key=lambda one: one.precedence))
    return tuple(sorted(found, key=lambda one: one.precedence, reverse=True))


def _matches(pattern: Pattern, name: str) -> bool:
    # The prefix rules out most patterns, and is cheap to compare.
    return pattern.exact is None and name.startswith(pattern.prefix) and pattern.matches(name)
