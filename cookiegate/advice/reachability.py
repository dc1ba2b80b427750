"""Whether a pattern can match any name, or other names and patterns match all of them first."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from cookiegate.registry import Entry, Registry
from cookiegate.registry.patterns import Pattern, Wild, parse_pattern

__all__ = ["Reachability"]

_DIGITS: Final = "0123456789"
# Stands for every character that is in no pattern.
_OTHER: Final = "\x00"
# A search that visits more states is given up, and the pattern counts as reachable.
_MAX_STATES: Final = 2_000

_Tokens = tuple[str | Wild, ...]
# Positions in patterns, each as the pattern's number and the index of its next token.
_Positions = frozenset[tuple[int, int]]


class Reachability:
    """
    Find entries that no name can match.

    `*` and `?` match characters that are in no pattern, so other patterns can only take all names
    away from a pattern with digits: `t0` to `t9` from `t[0-9]`, `t0*` to `t9*` from `t[0-9]+`.
    """

    __slots__ = ("_by_kind", "_registry")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._by_kind: dict[str, list[tuple[str, Pattern]]] = {}

    def is_reachable(self, entry: Entry) -> bool:
        """Return whether some name matches the entry."""
        return any("[0-9]" not in name or self._matches(entry, name) for name in entry.names)

    def _matches(self, entry: Entry, name: str) -> bool:
        pattern = parse_pattern(name)
        if pattern.exact is not None:
            return True
        # An example nearly always decides.
        if any(entry in self._registry.find(one, entry.kind) for one in _examples(pattern)):
            return True
        return _matches_more(pattern, self._rivals(entry, pattern))

    def _rivals(self, entry: Entry, pattern: Pattern) -> list[Pattern]:
        """Return other entries' patterns that rank higher and can match the same names."""
        rows = self._by_kind.get(entry.kind)
        if rows is None:
            names = (
                name
                for one in self._registry.entries
                if one.kind == entry.kind
                for name in one.names
            )
            patterns = map(parse_pattern, names)
            rows = sorted(((one.prefix, one) for one in patterns), key=lambda row: row[0])
            self._by_kind[entry.kind] = rows
        own = {parse_pattern(name).tokens for name in entry.names}
        rivals = []
        for prefix, one in rows[bisect_left(rows, pattern.prefix, key=lambda row: row[0]) :]:
            if not prefix.startswith(pattern.prefix):
                break
            if one.tokens not in own and (one.exact is not None or one.rank > pattern.rank):
                rivals.append(one)
        return rivals


def _examples(pattern: Pattern) -> Iterator[str]:
    for digit in _DIGITS:
        yield "".join(
            token if isinstance(token, str) else "" if token is Wild.RUN else digit
            for token in pattern.tokens
        )


def _matches_more(pattern: Pattern, rivals: Iterable[Pattern]) -> bool:
    """Return whether some name matches the pattern and no rival; True if the search is too long."""
    rows = [tuple(_single_digits(one.tokens)) for one in (pattern, *rivals)]
    literals = {token for token in rows[0] if isinstance(token, str)}
    alphabet = sorted({_OTHER, *_DIGITS, *literals})
    begin = len(pattern.prefix)
    first = frozenset(_with_skips(rows, ((number, begin) for number in range(len(rows)))))
    seen = {first}
    queue = deque([first])
    while queue and len(seen) < _MAX_STATES:
        positions = queue.popleft()
        if {number for number, index in positions if index == len(rows[number])} == {0}:
            return True
        for character in alphabet:
            after = frozenset(_with_skips(rows, _after(rows, positions, character)))
            if after not in seen and any(number == 0 for number, _ in after):
                seen.add(after)
                queue.append(after)
    return bool(queue)


def _single_digits(tokens: _Tokens) -> Iterator[str | Wild]:
    """Yield "one or more digits" as one digit and "any number of digits"."""
    for token in tokens:
        if token is Wild.DIGITS:
            yield Wild.DIGIT
        yield token


def _with_skips(
    rows: list[_Tokens], positions: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the positions, and those after tokens that can match nothing."""
    for number, index in positions:
        yield number, index
        row = rows[number]
        while index < len(row) and row[index] in (Wild.RUN, Wild.DIGITS):
            index += 1
            yield number, index


def _after(rows: list[_Tokens], positions: _Positions, character: str) -> Iterator[tuple[int, int]]:
    is_digit = character in _DIGITS
    for number, index in positions:
        token = rows[number][index] if index < len(rows[number]) else None
        if token is Wild.RUN or (token is Wild.DIGITS and is_digit):
            yield number, index
        elif token == character or token is Wild.ONE or (token is Wild.DIGIT and is_digit):
            yield number, index + 1
