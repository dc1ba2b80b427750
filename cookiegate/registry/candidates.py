"""Which entries a name could mean, the best first: for explanations, never for a request."""

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Entry
from .patterns import LONGEST_NAME, Pattern, parse_pattern

__all__ = ["Candidate", "candidates"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry, and the best of its names and patterns that match."""

    pattern: Pattern
    entry: Entry

    @property
    def standing(self) -> tuple[bool, tuple[int, int, int]]:
        """What decides between candidates, the greatest wins: exact names, then the rank."""
        is_exact = self.pattern.exact is not None
        return is_exact, (0, 0, 0) if is_exact else self.pattern.rank


def candidates(entries: Iterable[Entry], name: bytes | str) -> tuple[Candidate, ...]:
    """Return every entry with a name or pattern that matches, the best first.

    Those that stand equal keep the order of the entries; they are what ``Registry.find`` returns.
    """
    if isinstance(name, bytes):
        name = name.decode("utf-8", "surrogateescape")
    # As the index has it: no pattern means a name so long, or none at all.
    is_exact_only = not name or len(name.encode("utf-8", "replace")) > LONGEST_NAME
    found = []
    for entry in entries:
        matching = [
            Candidate(pattern, entry)
            for pattern in map(parse_pattern, entry.names)
            if pattern.exact == name or (not is_exact_only and _fits(pattern, name))
        ]
        if matching:
            found.append(max(matching, key=lambda one: one.standing))
    return tuple(sorted(found, key=lambda one: one.standing, reverse=True))


def _fits(pattern: Pattern, name: str) -> bool:
    # Most patterns fall out by how they begin, which is quickly seen.
    return pattern.exact is None and name.startswith(pattern.prefix) and pattern.matches(name)
