"""Names and name patterns: reading them, ranking them, finding the best one for a cookie's name.

``*`` is any run, ``?`` one character, ``[0-9]`` one digit, ``[0-9]+`` one or more digits; ``\\``
makes the next character literal, and every other character stands for itself.  Names are matched
whole and case-sensitively.  All patterns of an index live in one trie, walked with a set of live
nodes: there is no backtracking.  Where many stay live at once, because thousands of patterns begin
alike, all of them are read side by side in the bits of one number instead (``_Row``).  So the cost
of a name grows with its length, and with the number of patterns only for the latter, by a
microsecond a character for each 1,000 to 2,000 of them (docs/registry.md has the figures).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from typing import Final, Generic, TypeVar

import msgspec

from .errors import InvalidValueError, quoted

__all__ = ["LONGEST_NAME", "Index", "Pattern", "Wild", "parse_pattern", "tied"]

T = TypeVar("T")

# No browser stores a cookie whose name and value together are longer (RFC 6265bis, section 5.7).
LONGEST_NAME: Final = 4_096
_SPECIAL: Final = frozenset("*?[\\")
_DIGITS: Final = frozenset("0123456789")
# From here on bits are faster than nodes.
_MANY_LIVE: Final = 32


class Wild(Enum):
    """The tokens of a pattern that are not literal characters."""

    RUN = "*"
    ONE = "?"
    DIGIT = "[0-9]"
    DIGITS = "[0-9]+"


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """One name as written, and its tokens: single literal characters and wild ones."""

    text: str
    tokens: tuple[str | Wild, ...]
    #: The one name meant, when nothing in the text is wild; else None.
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
    def rank(self) -> tuple[int, int, int]:
        """What decides between patterns: literal prefix, literal suffix, literal characters."""
        literal = sum(isinstance(token, str) for token in self.tokens)
        return len(self.prefix), len(self.suffix), literal

    def matches(self, name: str) -> bool:
        """Say whether this name is meant; `Index` does so for many patterns at once."""
        return any(True for _ in _Row([self.tokens]).met(name, 1))

    def meets(self, other: "Pattern") -> bool:
        """Say whether one name exists that both match."""
        return any(True for _ in _Row([other.tokens]).met(self.tokens, 1))


def _literal_start(tokens: Iterable[str | Wild]) -> str:
    characters: list[str] = []
    for token in tokens:
        if not isinstance(token, str):
            break
        characters.append(token)
    return "".join(characters)


def parse_pattern(text: str) -> Pattern:
    """Read a name of the registry; a InvalidValueError says why it cannot be read."""
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
                    f"name {quoted(text)} ends in a lone backslash",
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


class _Node(Generic[T]):
    """A place in the trie: what may come next, and what ends here."""

    __slots__ = ("digit", "digits", "items", "literals", "loops", "one", "rank", "run")

    def __init__(self, loops: Wild | None = None) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.one: _Node[T] | None = None
        self.digit: _Node[T] | None = None
        self.digits: _Node[T] | None = None
        # Entered without a character, together with this node.
        self.run: _Node[T] | None = None
        # RUN: stays alive on any character; DIGITS: on a digit.
        self.loops = loops
        # What ends here, by its position in the file.
        self.items: dict[int, T] = {}
        self.rank = (0, 0, 0)

    def grow(self, tokens: Iterable[str | Wild]) -> "_Node[T]":
        """Return the node at the end of these tokens, made where it is missing."""
        node = self
        for token in tokens:
            node = node._child(token)
        return node

    def _child(self, token: str | Wild) -> "_Node[T]":
        match token:
            case Wild.RUN:
                self.run = self.run or _Node(Wild.RUN)
                return self.run
            case Wild.ONE:
                self.one = self.one or _Node()
                return self.one
            case Wild.DIGIT:
                self.digit = self.digit or _Node()
                return self.digit
            case Wild.DIGITS:
                self.digits = self.digits or _Node(Wild.DIGITS)
                return self.digits
            case _:
                return self.literals.setdefault(token, _Node())

    def alive(self) -> "tuple[_Node[T], ...]":
        """Return the nodes entered together with this one."""
        return (self,) if self.run is None else (self, self.run)

    def after(self, character: str) -> "Iterator[_Node[T]]":
        """Give the nodes that one character leads to."""
        literal = self.literals.get(character)
        if literal is not None:
            yield literal
        if self.one is not None:
            yield self.one
        if self.loops is Wild.RUN:
            yield self
        if character in _DIGITS:
            if self.digit is not None:
                yield self.digit
            if self.digits is not None:
                yield self.digits
            if self.loops is Wild.DIGITS:
                yield self


class Index(Generic[T]):
    """Finds what the best-ranking name or pattern stands for."""

    __slots__ = ("_ends", "_exact", "_root", "_row")

    def __init__(self, rows: Iterable[tuple[Pattern, int, T]]) -> None:
        """Take names, each with its position in the file and what it stands for."""
        exact: defaultdict[str, dict[int, T]] = defaultdict(dict)
        self._root: _Node[T] = _Node()
        # Where each pattern ends.
        self._ends: dict[tuple[str | Wild, ...], _Node[T]] = {}
        self._row: _Row | None = None
        for pattern, position, item in rows:
            if pattern.exact is not None:
                exact[pattern.exact][position] = item
            else:
                node = self._ends[pattern.tokens] = self._root.grow(pattern.tokens)
                node.items[position] = item
                node.rank = pattern.rank
        self._exact = {name: _in_order(items) for name, items in exact.items()}

    def find(self, name: bytes | str) -> tuple[T, ...]:
        """Return everything that shares the best name or pattern, in the order of the file.

        Bytes are read as UTF-8; a byte that is not counts as one character.
        """
        if isinstance(name, bytes):
            name = name.decode("utf-8", "surrogateescape")
        found = self._exact.get(name)
        if found is not None:
            return found
        # A surrogate is one undecodable byte, which is what "replace" writes for it.
        if not self._ends or not name or len(name.encode("utf-8", "replace")) > LONGEST_NAME:
            return ()
        best: dict[int, T] = {}
        rank = (-1, -1, -1)
        for node in self._last(name):
            if node.items and node.rank >= rank:
                best = best | node.items if node.rank == rank else node.items
                rank = node.rank
        return _in_order(best)

    def live(self, name: str) -> Iterator[int]:
        """Give the number of live nodes after each character: what a look-up costs."""
        for nodes in self._walk(name):
            yield len(nodes)

    def _last(self, name: str) -> Iterable[_Node[T]]:
        nodes: set[_Node[T]] = set()
        for nodes in self._walk(name):
            if len(nodes) > _MANY_LIVE:
                return self._side_by_side(name)
            if not nodes:
                break
        return nodes

    def _side_by_side(self, name: str) -> list[_Node[T]]:
        if self._row is None:
            # Made at the first need, which hardly any registry has.
            self._row = _Row(self._ends)
        ends = list(self._ends.values())
        return [ends[number] for number in self._row.met(name, self._row.every)]

    def _walk(self, name: str) -> Iterator[set[_Node[T]]]:
        nodes = set(self._root.alive())
        for character in name:
            nodes = {
                alive
                for node in nodes
                for following in node.after(character)
                for alive in following.alive()
            }
            yield nodes


def _in_order(items: dict[int, T]) -> tuple[T, ...]:
    if len(items) == 1:
        return tuple(items.values())
    return tuple(items[position] for position in sorted(items))


def tied(rows: Iterable[tuple[Pattern, int, T]]) -> list[tuple[T, T]]:
    """Return pairs of patterns with equal rank that can match one name, the earlier one first.

    Rows are patterns that are not exact, each with the position of its entry and what to return
    for it.  Patterns of one entry never tie, nor does a pattern with itself (a shared name).  Each
    later pattern is reported once, with the first it ties with.
    """
    # Two patterns of one rank can only meet when prefix and suffix are the same text.
    buckets: defaultdict[tuple[str, str, int], list[tuple[Pattern, int, T]]] = defaultdict(list)
    for row in rows:
        pattern = row[0]
        buckets[pattern.prefix, pattern.suffix, pattern.rank[2]].append(row)
    pairs: list[tuple[T, T]] = []
    for bucket in buckets.values():
        if len(bucket) > 1:
            pairs.extend(_tied_in(bucket))
    return pairs


def _tied_in(bucket: list[tuple[Pattern, int, T]]) -> Iterator[tuple[T, T]]:
    # Prefix and suffix are the same in all of them: what stands between decides.
    suffix = len(bucket[0][0].suffix)
    middles = [one.tokens[len(one.prefix) : len(one.tokens) - suffix] for one, _, _ in bucket]
    row = _Row(middles)
    of_entry: defaultdict[int, list[int]] = defaultdict(list)
    of_tokens: defaultdict[tuple[str | Wild, ...], list[int]] = defaultdict(list)
    for (_, entry, _), tokens, start in zip(bucket, middles, row.starts, strict=True):
        of_entry[entry].append(start)
        of_tokens[tokens].append(start)
    first: dict[int, int] = {}
    # The later ones that tie with none so far.
    left = _mask(row.starts)
    own, last = 0, -1
    for number, (_, entry, _) in enumerate(bucket):
        left &= ~(1 << row.starts[number])
        if entry != last:
            own, last = _mask(of_entry[entry]), entry
        tokens = middles[number]
        for later in row.met(tokens, left & ~own & ~_mask(of_tokens[tokens])):
            left &= ~(1 << row.starts[later])
            first[later] = number
    for later in sorted(first):
        yield bucket[first[later]][2], bucket[later][2]


class _Row:
    """Patterns side by side in the bits of whole numbers: one bit for each place in a pattern.

    One more pattern is held against all of them at once: after each of its tokens a number says
    in which places the others can be, having read the same characters.  So the work is its length
    times theirs, 64 places at a time, and nothing is tried twice.
    """

    __slots__ = ("_all_ends", "_digit_runs", "_ends", "_fits", "_one", "_runs", "every", "starts")

    def __init__(self, rows: Iterable[tuple[str | Wild, ...]]) -> None:
        places: defaultdict[str | Wild, list[int]] = defaultdict(list)
        #: The first place of each pattern.
        self.starts: list[int] = []
        # The place behind each pattern, and its number.
        self._ends: dict[int, int] = {}
        count = 0
        for tokens in rows:
            self.starts.append(count)
            for token in _steps(tokens):
                places[token].append(count)
                count += 1
            self._ends[count] = len(self._ends)
            count += 1
        self.every = _mask(self.starts)
        self._all_ends = _mask(self._ends)
        masks = {token: _mask(where) for token, where in places.items()}
        self._runs = masks.pop(Wild.RUN, 0)
        self._digit_runs = masks.pop(Wild.DIGITS, 0)
        self._one = masks.pop(Wild.ONE, 0)
        digit = masks.pop(Wild.DIGIT, 0)
        # For each token the places that go on by a character it takes.
        self._fits: dict[str | Wild, int] = dict.fromkeys(_DIGITS, self._one | digit)
        digits = anything = self._one | digit
        for token, mask in masks.items():
            anything |= mask
            if token in _DIGITS:
                digits |= mask
            self._fits[token] = self._fits.get(token, self._one) | mask
        self._fits |= {Wild.RUN: anything, Wild.ONE: anything}
        self._fits |= {Wild.DIGIT: digits, Wild.DIGITS: digits}

    def met(self, tokens: Iterable[str | Wild], here: int) -> Iterator[int]:
        """Give the numbers of the patterns that share a name with these tokens.

        ``here`` has the starts of those that are asked about.
        """
        runs = self._runs | self._digit_runs
        for token in _steps(tokens):
            if not here:
                return
            fits = self._fits.get(token, self._one)
            if token in (Wild.RUN, Wild.DIGITS):
                # It reads what the others go on by, any number of times.
                here = _flood(here, runs | fits)
            else:
                here = _flood(here, runs)
                loops = runs if isinstance(token, Wild) or token in _DIGITS else self._runs
                here = (here & fits) << 1 | (here & loops)
        met = _flood(here, runs) & self._all_ends
        while met:
            end = met.bit_length() - 1
            met ^= 1 << end
            yield self._ends[end]


def _steps(tokens: Iterable[str | Wild]) -> Iterator[str | Wild]:
    # One or more digits are a digit, and then any number.
    for token in tokens:
        if token is Wild.DIGITS:
            yield Wild.DIGIT
        yield token


def _mask(places: Collection[int]) -> int:
    bits = bytearray(max(places, default=0) // 8 + 1)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return int.from_bytes(bits, "little")


def _flood(here: int, steps: int) -> int:
    """Go on from each place through all the steps that follow it without a gap."""
    # Adding carries a bit through a row of ones and sets the place behind it.
    return here | (((here & steps) + steps) ^ steps)
