"""Whether a pattern can match at all, or names and patterns that go before it take everything."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from cookiegate.registry import Entry, Registry
from cookiegate.registry.patterns import Pattern, Wild, parse_pattern

__all__ = ["Reach"]

_DIGITS: Final = "0123456789"
# No name holds it: it stands for every character that no pattern names.
_OTHER: Final = "\x00"
# So much is looked at before a pattern is taken to match.
_MOST_STATES: Final = 2_000

_Tokens = tuple[str | Wild, ...]
# Of each pattern, by its number, the places it can be at.
_Places = frozenset[tuple[int, int]]


class Reach:
    """
    Says of entries whether any name finds them.

    A character that nobody names could stand for `*` and `?`, so only what has digits can be taken
    away from a pattern: `t[0-9]` by `t0` to `t9`, `t[0-9]+` by `t0*` to `t9*`.
    """

    __slots__ = ("_by_kind", "_registry")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._by_kind: dict[str, list[tuple[str, Pattern]]] = {}

    def is_reached(self, entry: Entry) -> bool:
        """Whether some name finds the entry."""
        return any("[0-9]" not in name or self._matches(entry, name) for name in entry.names)

    def _matches(self, entry: Entry, name: str) -> bool:
        pattern = parse_pattern(name)
        if pattern.exact is not None:
            return True
        # One of these does, nearly always.
        if any(entry in self._registry.find(one, entry.kind) for one in _examples(pattern)):
            return True
        return _escapes(pattern, self._rivals(entry, pattern))

    def _rivals(self, entry: Entry, pattern: Pattern) -> list[Pattern]:
        """What ranks higher and can begin alike, and is not the entry's own."""
        rows = self._by_kind.get(entry.kind)
        if rows is None:
            rows = self._by_kind[entry.kind] = sorted(
                ((one.prefix, one) for one in self._patterns(entry.kind)), key=lambda row: row[0]
            )
        own = {parse_pattern(name).tokens for name in entry.names}
        rivals = []
        for prefix, one in rows[bisect_left(rows, pattern.prefix, key=lambda row: row[0]) :]:
            if not prefix.startswith(pattern.prefix):
                break
            if one.tokens not in own and (one.exact is not None or one.rank > pattern.rank):
                rivals.append(one)
        return rivals

    def _patterns(self, kind: str) -> Iterator[Pattern]:
        for entry in self._registry.entries:
            if entry.kind == kind:
                yield from map(parse_pattern, entry.names)


def _examples(pattern: Pattern) -> Iterator[str]:
    for digit in _DIGITS:
        yield "".join(
            token if isinstance(token, str) else "" if token is Wild.RUN else digit
            for token in pattern.tokens
        )


def _escapes(pattern: Pattern, rivals: Iterable[Pattern]) -> bool:
    """Whether some name matches the pattern and none of the rivals; yes if that is too long."""
    rows = [tuple(_steps(one.tokens)) for one in (pattern, *rivals)]
    literals = {token for token in rows[0] if isinstance(token, str)}
    alphabet = sorted({_OTHER, *_DIGITS, *literals})
    begin = len(pattern.prefix)
    first = frozenset(_closed(rows, ((number, begin) for number in range(len(rows)))))
    seen = {first}
    queue = deque([first])
    while queue and len(seen) < _MOST_STATES:
        places = queue.popleft()
        ended = {number for number, place in places if place == len(rows[number])}
        if ended == {0}:
            return True
        for character in alphabet:
            after = frozenset(_closed(rows, _after(rows, places, character)))
            if after not in seen and any(number == 0 for number, _ in after):
                seen.add(after)
                queue.append(after)
    return bool(queue)


def _steps(tokens: _Tokens) -> Iterator[str | Wild]:
    # One or more digits are a digit, and then any number.
    for token in tokens:
        if token is Wild.DIGITS:
            yield Wild.DIGIT
        yield token


def _closed(rows: list[_Tokens], places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The places, and those behind what may stand for nothing."""
    for number, place in places:
        yield number, place
        row = rows[number]
        while place < len(row) and row[place] in (Wild.RUN, Wild.DIGITS):
            place += 1
            yield number, place


def _after(rows: list[_Tokens], places: _Places, character: str) -> Iterator[tuple[int, int]]:
    is_digit = character in _DIGITS
    for number, place in places:
        token = rows[number][place] if place < len(rows[number]) else None
        if token is Wild.RUN or (token is Wild.DIGITS and is_digit):
            yield number, place
        elif token == character or token is Wild.ONE or (token is Wild.DIGIT and is_digit):
            yield number, place + 1
