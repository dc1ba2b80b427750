"""Names and name patterns: reading them, ranking them, finding the best one for a cookie's name.

``*`` is any run, ``?`` one character, ``[0-9]`` one digit, ``[0-9]+`` one or more digits; ``\\``
makes the next character literal, and every other character stands for itself.  Names are matched
whole and case-sensitively.  All patterns of an index live in one trie, walked with a set of live
nodes: there is no backtracking.  A name costs its length times the nodes that are live at once, so
the same among ten patterns or ten thousand, as long as most differ before their first ``*``: those
that share what stands before it stay live together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeVar

from .problems import Fault, quoted

__all__ = ["Index", "Pattern", "Wild", "parse_pattern", "tied"]

T = TypeVar("T")

# No browser stores a cookie whose name and value together are longer (RFC 6265bis, section 5.7).
_LONGEST: Final = 4_096
_SPECIAL: Final = frozenset("*?[\\")
_DIGITS: Final = frozenset("0123456789")
# A registry with more ties than this in one place is mended by one idea, not by reading a list.
_MOST_TIES: Final = 1_000


class Wild(Enum):
    """The tokens of a pattern that are not literal characters."""

    RUN = "*"
    ONE = "?"
    DIGIT = "[0-9]"
    DIGITS = "[0-9]+"


@dataclass(frozen=True, slots=True)
class Pattern:
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

    def meets(self, other: "Pattern") -> bool:
        """Say whether one name exists that both match."""
        root: _Node[int] = _Node()
        root.grow(self.tokens).items[0] = 0
        end = root.grow(other.tokens)
        if end.items:
            return True
        end.items[1] = 1
        return any(True for _ in _common_ends(root))


def _literal_start(tokens: Iterable[str | Wild]) -> str:
    characters: list[str] = []
    for token in tokens:
        if not isinstance(token, str):
            break
        characters.append(token)
    return "".join(characters)


def parse_pattern(text: str) -> Pattern:
    """Read a name of the registry; a Fault says why it cannot be read."""
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
                raise Fault(
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
            yield from self.after_digit()

    def after_digit(self) -> "Iterator[_Node[T]]":
        """Give the nodes that only a digit leads to."""
        if self.digit is not None:
            yield self.digit
        if self.digits is not None:
            yield self.digits
        if self.loops is Wild.DIGITS:
            yield self

    def after_any(self) -> "Iterator[_Node[T]]":
        """Give the nodes that every character leads to."""
        if self.one is not None:
            yield self.one
        if self.loops is Wild.RUN:
            yield self


class Index(Generic[T]):
    """Finds what the best-ranking name or pattern stands for."""

    __slots__ = ("_exact", "_root", "_wild")

    def __init__(self, rows: Iterable[tuple[Pattern, int, T]]) -> None:
        """Take names, each with its position in the file and what it stands for."""
        exact: defaultdict[str, dict[int, T]] = defaultdict(dict)
        self._root: _Node[T] = _Node()
        self._wild = False
        for pattern, position, item in rows:
            if pattern.exact is not None:
                exact[pattern.exact][position] = item
            else:
                self._wild = True
                node = self._root.grow(pattern.tokens)
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
        if not self._wild or not name or len(name.encode("utf-8", "replace")) > _LONGEST:
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

    def _last(self, name: str) -> set[_Node[T]]:
        nodes: set[_Node[T]] = set()
        for nodes in self._walk(name):
            if not nodes:
                break
        return nodes

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
    root: _Node[int] = _Node()
    for number, (pattern, position, _) in enumerate(bucket):
        root.grow(pattern.tokens).items[number] = position
    first: dict[int, int] = {}
    for count, (one, other) in enumerate(_common_ends(root)):
        for a, b in _of_two_entries(one.items, other.items):
            earlier, later = sorted((a, b))
            first[later] = min(earlier, first.get(later, earlier))
        if count >= _MOST_TIES:
            break
    for later in sorted(first):
        yield bucket[first[later]][2], bucket[later][2]


def _of_two_entries(one: dict[int, int], other: dict[int, int]) -> Iterator[tuple[int, int]]:
    for a, entry in one.items():
        for b, another in other.items():
            if entry != another:
                yield a, b


def _common_ends(root: _Node[int]) -> Iterator[tuple[_Node[int], _Node[int]]]:
    """Give every pair of different ends that one name reaches: the trie's product with itself."""
    start = [(a, b) for a in root.alive() for b in root.alive()]
    seen = set(start)
    todo = start
    while todo:
        a, b = todo.pop()
        if a is not b and a.items and b.items:
            yield a, b
        for next_a, next_b in _together(a, b):
            for pair in ((x, y) for x in next_a.alive() for y in next_b.alive()):
                if pair not in seen and (pair[1], pair[0]) not in seen:
                    seen.add(pair)
                    todo.append(pair)


def _together(a: _Node[int], b: _Node[int]) -> Iterator[tuple[_Node[int], _Node[int]]]:
    """Give the pairs of nodes that one and the same character leads to."""
    classes = [*b.after_any(), *b.after_digit()]
    for one in (*a.after_any(), *a.after_digit()):
        for other in classes:
            yield one, other
    # Beyond classes only the literal characters of either side matter.
    for character, one in a.literals.items():
        for other in b.after(character):
            yield one, other
    for character, other in b.literals.items():
        for one in a.after(character):
            if one is not a.literals.get(character):
                yield one, other
