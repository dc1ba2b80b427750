"""Names and name patterns: reading them, ranking them, finding the best one for a cookie's name.

``*`` is any run, ``?`` one character, ``[0-9]`` one digit, ``[0-9]+`` one or more digits; ``\\``
makes the next character literal, and every other character stands for itself. Names are matched
whole and case-sensitively.

Patterns with the same literal prefix and suffix are matched together, in the bits of one number,
without backtracking. So the cost of a name grows with its length, and with the number of patterns
whose prefix and suffix it has (docs/registry.md has the figures).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from typing import Final, TypeAlias, TypeVar

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


# A run of literal characters, a wild token, an escaped character, or one of the signs above alone.
_PART: Final = re.compile(r"[^*?\[\\]+|\[0-9\]\+?|\\.|.", re.DOTALL)
_WILD: Final = {one.value: one for one in Wild}


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """One name as written, and its tokens: single literal characters and wild ones."""

    text: str
    tokens: Tokens
    #: The one name it stands for, if no token is wild; else None.
    exact: str | None
    #: The literal characters before the first wild token, and after the last one.
    prefix: str
    suffix: str
    #: How many tokens are literal.
    literals: int

    @property
    def middle(self) -> Tokens:
        """The tokens from the first wild one to the last."""
        return self.tokens[len(self.prefix) : len(self.tokens) - len(self.suffix)]

    @property
    def rank(self) -> tuple[int, int, int]:
        """What decides between patterns: literal prefix, literal suffix, literal characters."""
        return len(self.prefix), len(self.suffix), self.literals

    def matches(self, name: str) -> bool:
        """Return whether the pattern matches a name; `Index` compares many patterns at once."""
        return any(True for _ in _BitMatcher([self.tokens]).matching_name(name))

    def overlaps(self, other: "Pattern") -> bool:
        """Return whether one name exists that both match."""
        return any(True for _ in _BitMatcher([other.tokens]).matching(self.tokens))


def parse_pattern(text: str) -> Pattern:
    """Parse a name of the registry.

    Raises:
        InvalidValueError: It ends in a single backslash.
    """
    if _SPECIAL.isdisjoint(text):
        return Pattern(text, tuple(text), text, text, text, len(text))
    tokens: list[str | Wild] = []
    # The literal characters in front of each wild token, and after the last one.
    literals = [""]
    for part in _PART.findall(text):
        wild = _WILD.get(part)
        if wild is None:
            if part == "\\":
                raise InvalidValueError(
                    f"name {quoted(text)} ends in a single backslash",
                    "write two backslashes for a literal one, or leave it out",
                )
            literal = part[1:] if part[0] == "\\" else part
            literals[-1] += literal
            tokens.extend(literal)
        # Two runs side by side are one.
        elif wild is not Wild.RUN or tokens[-1:] != [Wild.RUN]:
            literals.append("")
            tokens.append(wild)
    prefix, suffix = literals[0], literals[-1]
    return Pattern(
        text=text,
        tokens=tuple(tokens),
        exact=prefix if len(literals) == 1 else None,
        prefix=prefix,
        suffix=suffix,
        literals=sum(map(len, literals)),
    )


class Index:
    """Finds the entries of the best-ranking name or pattern, as their numbers in the file.

    Patterns are grouped by their literal prefix and suffix, which rank first. A name is compared
    with the groups whose prefix and suffix it has, the longest first.
    """

    __slots__ = ("_groups", "_lengths", "_names", "_prefixes", "_rows", "_shared")

    def __init__(
        self,
        names: Mapping[str, int],
        shared: Mapping[str, tuple[int, ...]],
        patterns: Iterable[tuple[Pattern, int]],
    ) -> None:
        """
        Index names and patterns.

        Args:
            names: Each exact name, and the number of the first entry that has it.
            shared: Exact names of several entries, and the numbers of all of these in order.
            patterns: The other patterns, each with the number of its entry.
        """
        self._names = names
        self._shared = shared
        ends: defaultdict[tuple[str, str], list[tuple[Pattern, int]]] = defaultdict(list)
        for row in patterns:
            pattern = row[0]
            ends[pattern.prefix, pattern.suffix].append(row)
        # By prefix and suffix: the patterns, and what a name is compared with, once one needs it.
        self._rows = dict(ends)
        self._groups: dict[tuple[str, str], _Group] = {}
        self._prefixes = {prefix for prefix, _ in ends}
        # The lengths of prefixes and suffixes, the highest rank first.
        lengths = {(len(prefix), len(suffix)) for prefix, suffix in ends}
        self._lengths = sorted(lengths, reverse=True)

    def find(self, name: bytes | str) -> tuple[int, ...]:
        """Return the numbers of all entries that share the best name or pattern, in order.

        Bytes are read as UTF-8; an invalid byte counts as one character.
        """
        if isinstance(name, bytes):
            name = name.decode("utf-8", "surrogateescape")
        number = self._names.get(name)
        if number is not None:
            return self._shared.get(name) or (number,)
        # A surrogate is one undecodable byte, which is what "replace" writes for it.
        if not self._lengths or not name or len(name.encode("utf-8", "replace")) > LONGEST_NAME:
            return ()
        for prefix, suffix in self._lengths:
            begin = name[:prefix]
            if begin not in self._prefixes:
                continue
            end = len(name) - suffix
            ends = (begin, name[end:])
            if prefix <= end and ends in self._rows:
                group = self._groups.get(ends)
                if group is None:
                    group = self._groups[ends] = _Group(self._rows[ends])
                if numbers := group.find(name[prefix:end]):
                    return tuple(sorted(numbers))
        return ()


class _Group:
    """The patterns that have one literal prefix and suffix, by what is between these."""

    __slots__ = ("_matcher", "_patterns")

    def __init__(self, rows: Iterable[tuple[Pattern, int]]) -> None:
        # By the tokens in the middle: how many are literal, and the numbers of the entries.
        patterns: dict[Tokens, tuple[int, set[int]]] = {}
        for pattern, number in rows:
            patterns.setdefault(pattern.middle, (pattern.literals, set()))[1].add(number)
        self._matcher = _BitMatcher(patterns)
        self._patterns = list(patterns.values())

    def find(self, middle: str) -> set[int]:
        """Return the entries of the best patterns that match the middle of a name."""
        matching = [self._patterns[number] for number in self._matcher.matching_name(middle)]
        if len(matching) == 1:
            return matching[0][1]
        best = max((literals for literals, _ in matching), default=0)
        found: set[int] = set()
        for literals, numbers in matching:
            if literals == best:
                found |= numbers
        return found


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
        groups[pattern.prefix, pattern.suffix, pattern.literals].append(row)
    return [pair for group in groups.values() if len(group) > 1 for pair in _tied_in(group)]


def _tied_in(group: list[tuple[Pattern, int, T]]) -> Iterator[tuple[T, T]]:
    middles = [pattern.middle for pattern, _, _ in group]
    matcher = _BitMatcher(middles)
    of_entry: defaultdict[int, list[int]] = defaultdict(list)
    of_tokens: defaultdict[Tokens, list[int]] = defaultdict(list)
    for (_, entry, _), tokens, start in zip(group, middles, matcher.starts, strict=True):
        of_entry[entry].append(start)
        of_tokens[tokens].append(start)
    same_tokens = {tokens: _mask(starts) for tokens, starts in of_tokens.items()}
    first: dict[int, int] = {}
    # The later ones that tie with none so far.
    left = matcher.every
    same_entry, last = 0, -1
    for number, (_, entry, _) in enumerate(group):
        left &= ~(1 << matcher.starts[number])
        if entry != last:
            same_entry, last = _mask(of_entry[entry]), entry
        tokens = middles[number]
        for later in matcher.matching(tokens, left & ~same_entry & ~same_tokens[tokens]):
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

    def matching_name(self, name: str) -> Iterator[int]:
        """Yield the numbers of the patterns that match a name."""
        # As in `matching`, written out for characters: every new name comes here.
        live, fits, one = self.every, self._fits, self._one
        runs, runs_of_digits = self._runs, self._runs | self._digit_runs
        for character in name:
            if not live:
                break
            live |= ((live & runs_of_digits) + runs_of_digits) ^ runs_of_digits
            loops = runs_of_digits if character in _DIGITS else runs
            live = (live & fits.get(character, one)) << 1 | (live & loops)
        return self._ended(live)

    def matching(self, tokens: Tokens, starts: int | None = None) -> Iterator[int]:
        """Yield the numbers of the patterns that share a name with another pattern.

        Args:
            tokens: The other pattern's.
            starts: The first states of the patterns to compare; None: all of them.
        """
        live = self.every if starts is None else starts
        runs = self._runs | self._digit_runs
        for token in _steps(tokens):
            if not live:
                break
            fits = self._fits.get(token, self._one)
            if token in (Wild.RUN, Wild.DIGITS):
                # It reads what the patterns read, any number of times.
                live = _flood(live, runs | fits)
            else:
                live = _flood(live, runs)
                loops = runs if isinstance(token, Wild) or token in _DIGITS else self._runs
                live = (live & fits) << 1 | (live & loops)
        return self._ended(live)

    def _ended(self, live: int) -> Iterator[int]:
        # Yield the numbers of the patterns that can end in one of these states.
        ends = _flood(live, self._runs | self._digit_runs) & self._all_ends
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
