"""Names and name patterns: reading them, ranking them, finding the best one for a cookie's name.

``*`` is any run, ``?`` one character, ``[0-9]`` one digit, ``[0-9]+`` one or more digits; ``\\``
makes the next character literal, and every other character stands for itself. Names are matched
whole and case-sensitively.

Patterns with the same literal prefix and suffix are matched together, in the bits of one number,
without backtracking. So the cost of a name grows with its length, and with the number of patterns
whose prefix and suffix it has (docs/registry.md has the figures).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from typing import Final, Generic, TypeAlias, TypeVar

import msgspec

from .errors import InvalidValueError, quoted

__all__ = ["LONGEST_NAME", "Index", "Pattern", "Wild", "parse_pattern", "tied"]

T = TypeVar("T")
Tokens: TypeAlias = "tuple[str | Wild, ...]"

# No browser stores a cookie whose name and value together are longer (RFC 6265bis, section 5.7).
LONGEST_NAME: Final = 4_096
_SPECIAL: Final = frozenset("*?[\\")
_DIGITS: Final = frozenset("0123456789")


class Wild(Enum):
    """The tokens of a pattern that are not literal characters."""

    RUN = "*"
    ONE = "?"
    DIGIT = "[0-9]"
    DIGITS = "[0-9]+"


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """One name as written, and its tokens: single literal characters and wild ones."""

    text: str
    tokens: Tokens
    #: The one name it stands for, if no token is wild; else None.
    exact: str | None

    @property
    def prefix(self) -> str:
        """The literal characters before the first wild token."""
        return _literal_start(self.tokens)

    @property
    def suffix(self) -> str:
        """The literal characters after the last wild token."""
        return _literal_start(reversed(self.tokens))[::-1]

    @property
    def middle(self) -> Tokens:
        """The tokens from the first wild one to the last."""
        return self.tokens[len(self.prefix) : len(self.tokens) - len(self.suffix)]

    @property
    def rank(self) -> tuple[int, int, int]:
        """What decides between patterns: literal prefix, literal suffix, literal characters."""
        literal = sum(isinstance(token, str) for token in self.tokens)
        return len(self.prefix), len(self.suffix), literal

    def matches(self, name: str) -> bool:
        """Return whether the pattern matches a name; `Index` compares many patterns at once."""
        return any(True for _ in _BitMatcher([self.tokens]).matching(name))

    def overlaps(self, other: "Pattern") -> bool:
        """Return whether one name exists that both match."""
        return any(True for _ in _BitMatcher([other.tokens]).matching(self.tokens))


def _literal_start(tokens: Iterable[str | Wild]) -> str:
    characters: list[str] = []
    for token in tokens:
        if not isinstance(token, str):
            break
        characters.append(token)
    return "".join(characters)


def parse_pattern(text: str) -> Pattern:
    """Parse a name of the registry.

    Raises:
        InvalidValueError: It ends in a single backslash.
    """
    if _SPECIAL.isdisjoint(text):
        return Pattern(text, tuple(text), text)
    tokens: list[str | Wild] = []
    at = 0
    while at < len(text):
        character = text[at]
        token: str | Wild = character
        width = 1
        if character == "\\":
            if at + 1 == len(text):
                raise InvalidValueError(
                    f"name {quoted(text)} ends in a single backslash",
                    "write two backslashes for a literal one, or leave it out",
                )
            token, width = text[at + 1], 2
        elif character == "*":
            token = Wild.RUN
        elif character == "?":
            token = Wild.ONE
        elif text.startswith("[0-9]+", at):
            token, width = Wild.DIGITS, 6
        elif text.startswith("[0-9]", at):
            token, width = Wild.DIGIT, 5
        # Two runs side by side are one.
        if token is not Wild.RUN or not tokens or tokens[-1] is not Wild.RUN:
            tokens.append(token)
        at += width
    literal = "".join(token for token in tokens if isinstance(token, str))
    return Pattern(text, tuple(tokens), literal if len(literal) == len(tokens) else None)


class Index(Generic[T]):
    """Finds what the best-ranking name or pattern stands for.

    Patterns are grouped by their literal prefix and suffix, which rank first. A name is compared
    with the groups whose prefix and suffix it has, the longest first.
    """

    __slots__ = ("_exact", "_groups", "_lengths")

    def __init__(self, rows: Iterable[tuple[Pattern, int, T]]) -> None:
        """Take names, each with its position in the file and what it stands for."""
        exact: defaultdict[str, dict[int, T]] = defaultdict(dict)
        groups: defaultdict[tuple[str, str], _Group[T]] = defaultdict(_Group)
        for pattern, position, item in rows:
            if pattern.exact is not None:
                exact[pattern.exact][position] = item
            else:
                groups[pattern.prefix, pattern.suffix].add(pattern, position, item)
        self._exact = {name: _in_order(items) for name, items in exact.items()}
        self._groups = dict(groups)
        # The lengths of prefixes and suffixes, the highest rank first.
        lengths = {(len(prefix), len(suffix)) for prefix, suffix in groups}
        self._lengths = sorted(lengths, reverse=True)

    def find(self, name: bytes | str) -> tuple[T, ...]:
        """Return everything that shares the best name or pattern, in the order of the file.

        Bytes are read as UTF-8; an invalid byte counts as one character.
        """
        if isinstance(name, bytes):
            name = name.decode("utf-8", "surrogateescape")
        found = self._exact.get(name)
        if found is not None:
            return found
        # A surrogate is one undecodable byte, which is what "replace" writes for it.
        if not self._lengths or not name or len(name.encode("utf-8", "replace")) > LONGEST_NAME:
            return ()
        for prefix, suffix in self._lengths:
            end = len(name) - suffix
            group = self._groups.get((name[:prefix], name[end:])) if prefix <= end else None
            if group is not None and (items := group.find(name[prefix:end])):
                return _in_order(items)
        return ()


class _Group(Generic[T]):
    """The patterns that have one literal prefix and suffix, by what is between these."""

    __slots__ = ("_matcher", "_patterns")

    def __init__(self) -> None:
        # By the tokens in the middle: how many are literal, and by position in the file the items.
        self._patterns: dict[Tokens, tuple[int, dict[int, T]]] = {}
        self._matcher: _BitMatcher | None = None

    def add(self, pattern: Pattern, position: int, item: T) -> None:
        self._patterns.setdefault(pattern.middle, (pattern.rank[2], {}))[1][position] = item

    def find(self, middle: str) -> dict[int, T]:
        """Return the items of the best patterns that match the middle of a name."""
        if self._matcher is None:
            self._matcher = _BitMatcher(self._patterns)
        patterns = list(self._patterns.values())
        matching = [patterns[number] for number in self._matcher.matching(middle)]
        best = max((rank for rank, _ in matching), default=0)
        found: dict[int, T] = {}
        for rank, items in matching:
            if rank == best:
                found |= items
        return found


def _in_order(items: dict[int, T]) -> tuple[T, ...]:
    if len(items) == 1:
        return tuple(items.values())
    return tuple(items[position] for position in sorted(items))


def tied(rows: Iterable[tuple[Pattern, int, T]]) -> list[tuple[T, T]]:
    """Return pairs of patterns with equal rank that can match one name, the earlier one first.

    Rows are patterns that are not exact, each with the position of its entry and what to return
    for it. Patterns of one entry never tie, nor does a pattern with itself (a shared name). Each
    later pattern is reported once, with the first it ties with.
    """
    # Two patterns of one rank can only overlap when prefix and suffix are the same text.
    groups: defaultdict[tuple[str, str, int], list[tuple[Pattern, int, T]]] = defaultdict(list)
    for row in rows:
        pattern = row[0]
        groups[pattern.prefix, pattern.suffix, pattern.rank[2]].append(row)
    return [pair for group in groups.values() if len(group) > 1 for pair in _tied_in(group)]


def _tied_in(group: list[tuple[Pattern, int, T]]) -> Iterator[tuple[T, T]]:
    middles = [pattern.middle for pattern, _, _ in group]
    matcher = _BitMatcher(middles)
    of_entry: defaultdict[int, list[int]] = defaultdict(list)
    of_tokens: defaultdict[Tokens, list[int]] = defaultdict(list)
    for (_, entry, _), tokens, start in zip(group, middles, matcher.starts, strict=True):
        of_entry[entry].append(start)
        of_tokens[tokens].append(start)
    first: dict[int, int] = {}
    # The later ones that tie with none so far.
    left = matcher.every
    same_entry, last = 0, -1
    for number, (_, entry, _) in enumerate(group):
        left &= ~(1 << matcher.starts[number])
        if entry != last:
            same_entry, last = _mask(of_entry[entry]), entry
        tokens = middles[number]
        for later in matcher.matching(tokens, left & ~same_entry & ~_mask(of_tokens[tokens])):
            left &= ~(1 << matcher.starts[later])
            first[later] = number
    for later in sorted(first):
        yield group[first[later]][2], group[later][2]


class _BitMatcher:
    """Patterns side by side in the bits of whole numbers: one bit for each state of a pattern.

    Another pattern, or a name, is compared with all of them at once: after each of its tokens a
    number holds the states that the patterns can be in, having read the same characters. So the
    work is its length times theirs, 64 states at a time, without backtracking.
    """

    __slots__ = ("_all_ends", "_digit_runs", "_ends", "_fits", "_one", "_runs", "every", "starts")

    def __init__(self, patterns: Iterable[Tokens]) -> None:
        states: defaultdict[str | Wild, list[int]] = defaultdict(list)
        #: The first state of each pattern, and all of them in one number.
        self.starts: list[int] = []
        # The last state of each pattern, and the pattern's number.
        self._ends: dict[int, int] = {}
        count = 0
        for tokens in patterns:
            self.starts.append(count)
            for token in _steps(tokens):
                states[token].append(count)
                count += 1
            self._ends[count] = len(self._ends)
            count += 1
        self.every = _mask(self.starts)
        self._all_ends = _mask(self._ends)
        masks = {token: _mask(numbers) for token, numbers in states.items()}
        self._runs = masks.pop(Wild.RUN, 0)
        self._digit_runs = masks.pop(Wild.DIGITS, 0)
        self._one = masks.pop(Wild.ONE, 0)
        digit = masks.pop(Wild.DIGIT, 0)
        # For each token the states in which a pattern reads one of its characters.
        self._fits: dict[str | Wild, int] = dict.fromkeys(_DIGITS, self._one | digit)
        digits = anything = self._one | digit
        for token, mask in masks.items():
            anything |= mask
            if token in _DIGITS:
                digits |= mask
            self._fits[token] = self._fits.get(token, self._one) | mask
        self._fits |= {Wild.RUN: anything, Wild.ONE: anything}
        self._fits |= {Wild.DIGIT: digits, Wild.DIGITS: digits}

    def matching(self, tokens: Iterable[str | Wild], starts: int | None = None) -> Iterator[int]:
        """Yield the numbers of the patterns that share a name with these tokens.

        Args:
            tokens: A pattern's, or a name.
            starts: The first states of the patterns to compare; None: all of them.
        """
        live = self.every if starts is None else starts
        runs = self._runs | self._digit_runs
        for token in _steps(tokens):
            if not live:
                return
            fits = self._fits.get(token, self._one)
            if token in (Wild.RUN, Wild.DIGITS):
                # It reads what the patterns read, any number of times.
                live = _flood(live, runs | fits)
            else:
                live = _flood(live, runs)
                loops = runs if isinstance(token, Wild) or token in _DIGITS else self._runs
                live = (live & fits) << 1 | (live & loops)
        ends = _flood(live, runs) & self._all_ends
        while ends:
            end = ends.bit_length() - 1
            ends ^= 1 << end
            yield self._ends[end]


def _steps(tokens: Iterable[str | Wild]) -> Iterator[str | Wild]:
    # One or more digits are a digit, and then any number.
    for token in tokens:
        if token is Wild.DIGITS:
            yield Wild.DIGIT
        yield token


def _mask(numbers: Collection[int]) -> int:
    bits = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        bits[number // 8] |= 1 << number % 8
    return int.from_bytes(bits, "little")


def _flood(live: int, steps: int) -> int:
    """Go on from each state through all the steps that follow it without a gap."""
    # Adding carries a bit through a row of ones and sets the state behind it.
    return live | (((live & steps) + steps) ^ steps)
