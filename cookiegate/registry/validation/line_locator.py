"""Finds the line and columns of keys and values in a TOML text.

``tomllib`` returns values without positions, so this reads the text a second time, for keys and
brackets alone, once something is wrong. It expects what ``tomllib`` has accepted; in anything else
it finds less, and never raises.
"""

import re
from typing import Final, NamedTuple

from cookiegate.registry.errors import Path

from .header_lines import STRING

__all__ = ["LineLocator", "Span"]

# One token of TOML.
_TOKEN: Final = re.compile(
    rf"(?P<string>{STRING})"
    r"|(?P<comment>\#[^\n]*+)"
    r"|(?P<blank>[ \t\r]++)"
    r"|(?P<line>\n)"
    r"|(?P<sign>[\[\]{}=,.])"
    r"|(?P<bare>[^\s\[\]{}=,.\"'\#]++|.)",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\bfnrte]))')
_PLAIN_ESCAPES: Final = {
    '"': '"',
    "\\": "\\",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "e": "\x1b",
}


class Span(NamedTuple):
    """Where something is: its line and column, from 1, and how many characters of the line."""

    line: int
    column: int
    length: int


class _Node:
    """A key or a list item, and what is below it."""

    __slots__ = ("below", "key", "value")

    def __init__(self, key: Span) -> None:
        self.key = key
        self.value: Span | None = None
        self.below: dict[str | int, _Node] = {}

    def child(self, key: str | int, span: Span) -> "_Node":
        return self.below.setdefault(key, _Node(span))

    def last_item(self) -> "_Node":
        """Return the last table of an array of tables, or the node itself."""
        last = next(reversed(self.below), None)
        return self.below[last] if isinstance(last, int) else self


class LineLocator:
    """Knows the line and columns of every key and list item of a TOML text."""

    __slots__ = ("_root",)

    def __init__(self, text: str) -> None:
        self._root = _Reader(text).root

    def line(self, path: Path) -> int:
        """Return the line of a path, or that of the nearest known path above it."""
        return self.span(path).line

    def span(self, path: Path, *, of_key: bool = False) -> Span:
        """Return where a value is, without its quotes, or its key.

        For an unknown path it is the key of the nearest known path above it. A length of 0 stands
        for the whole line.
        """
        node = self._root
        for step in path:
            below = node.below.get(step)
            if below is None:
                return node.key
            node = below
        return node.key if of_key or node.value is None else node.value


class _Reader:
    """Reads the tokens of a text once, and builds the nodes."""

    def __init__(self, text: str) -> None:
        self.root = _Node(Span(1, 1, 0))
        self._line = 1
        # Where the line begins, and where the token does.
        self._line_start = self._start = 0
        self._tokens = _TOKEN.finditer(text)
        self._kind = ""
        self._text = ""
        self._next()
        table = self.root
        while self._kind:
            if self._kind == "line":
                self._next()
            elif self._text == "[":
                self._next()
                table = self._header()
                self._skip_line()
            else:
                self._pair(table)
                self._skip_line()

    def _next(self) -> None:
        """Move to the next token that is neither blank nor comment."""
        if self._kind in ("string", "line") and (lines := self._text.count("\n")):
            self._line += lines
            self._line_start = self._start + self._text.rindex("\n") + 1
        for match in self._tokens:
            self._kind = match.lastgroup or ""
            self._text = match[0]
            self._start = match.start()
            if self._kind not in ("blank", "comment"):
                return
        self._kind = self._text = ""

    def _is(self, sign: str) -> bool:
        return self._kind == "sign" and self._text == sign

    def _span(self) -> Span:
        """Return where the token is, without its quotes, as far as it is on one line."""
        column, length = self._start - self._line_start + 1, len(self._text.partition("\n")[0])
        if self._kind == "string":
            quotes = 3 if self._text[:3] in ('"""', "'''") else 1
            column += quotes
            length -= quotes * (1 if "\n" in self._text else 2)
        return Span(self._line, column, max(length, 0))

    def _skip_line(self) -> None:
        while self._kind not in ("line", ""):
            self._next()

    def _header(self) -> _Node:
        """Read the keys of a table's header; return the table's node."""
        is_array = self._text == "["
        if is_array:
            self._next()
        node = self.root
        keys = self._keys()
        for key, span in keys[:-1]:
            node = node.child(key, span).last_item()
        for key, span in keys[-1:]:
            node = node.child(key, span)
            if is_array:
                node = node.child(len(node.below), span)
            else:
                # An earlier header may have contained its name; this is its own header.
                node.key = span
        return node

    def _pair(self, node: _Node) -> None:
        """Read ``key.key = value``."""
        for key, span in self._keys():
            node = node.child(key, span)
        if self._is("="):
            self._next()
            self._value(node)

    def _keys(self) -> list[tuple[str, Span]]:
        keys: list[tuple[str, Span]] = []
        while self._kind in ("bare", "string"):
            key = _unquoted(self._text) if self._kind == "string" else self._text
            keys.append((key, self._span()))
            self._next()
            if self._text != ".":
                break
            self._next()
        return keys

    def _value(self, node: _Node) -> None:
        """Read one value, and what is inside of it."""
        node.value = self._span()
        if self._is("[") or self._is("{"):
            self._items(node)
        elif self._kind == "string":
            self._next()
        else:
            # A number, a date or a word.
            while self._kind == "bare" or self._text == ".":
                line, end = self._line, self._start + len(self._text) - self._line_start + 1
                node.value = Span(line, node.value.column, end - node.value.column)
                self._next()

    def _items(self, node: _Node) -> None:
        """Read a list or an inline table."""
        is_list = self._text == "["
        self._next()
        while self._kind and not (self._is("]") or self._is("}")):
            start = self._start
            if self._kind == "line" or self._is(","):
                self._next()
            elif is_list:
                self._value(node.child(len(node.below), self._span()))
            else:
                self._pair(node)
            if self._start == start:
                # This is not TOML.
                return
        if self._kind and node.value is not None and node.value.line == self._line:
            column = node.value.column
            node.value = Span(self._line, column, self._start - self._line_start + 2 - column)
        self._next()


def _unquoted(text: str) -> str:
    if text.startswith("'"):
        return text[1:-1]
    return _ESCAPE.sub(_character, text[1:-1])


def _character(match: re.Match[str]) -> str:
    short, long, plain = match.groups()
    if plain:
        return _PLAIN_ESCAPES[plain]
    number = int(short or long, 16)
    return chr(number) if number < 0x110000 else ""
