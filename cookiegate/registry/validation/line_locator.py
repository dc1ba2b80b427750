"""On which line of a TOML text a key stands; needed only once something is wrong.

``tomllib`` gives values without positions, so this reads the text a second time, for keys and
brackets alone.  It expects what ``tomllib`` has accepted and never raises: on anything else it
knows fewer places.
"""

import re
from typing import Final

from cookiegate.registry.errors import Path

__all__ = ["LineLocator", "header_lines"]

# One token of TOML outside of keys and values that matter here. The alternatives in a string
# differ in their first character, so that nothing is tried twice; possessive repeats of groups
# are left out, since Python 3.11.2 (Debian 12's) matches them wrongly.
_STRING: Final = (
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*+'"
)
_TOKEN: Final = re.compile(
    rf"(?P<string>{_STRING})"
    r"|(?P<comment>\#[^\n]*+)"
    r"|(?P<blank>[ \t\r]++)"
    r"|(?P<line>\n)"
    r"|(?P<sign>[\[\]{}=,.])"
    r"|(?P<bare>[^\s\[\]{}=,.\"'\#]++|.)",
    re.DOTALL,
)
_HEADER: Final = re.compile(
    rf"(?:{_STRING}|\#[^\n]*+)|^[ \t]*\[\[[ \t]*(?P<table>[A-Za-z0-9_-]+)[ \t]*\]\]",
    re.DOTALL | re.MULTILINE,
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


def header_lines(text: str, table: str) -> list[int]:
    """Return the lines of the ``[[table]]`` headers of a text that ``tomllib`` has accepted."""
    lines: list[int] = []
    line = 1
    counted = 0
    for match in _HEADER.finditer(text):
        if match["table"] == table:
            line += text.count("\n", counted, match.start("table"))
            counted = match.start("table")
            lines.append(line)
    return lines


class _Place:
    """A key or a list item: its line, what is below it, and the items a list has so far."""

    __slots__ = ("below", "items", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.below: dict[str | int, _Place] = {}
        # Only tables of a [[...]] array: its length.
        self.items = 0


class LineLocator:
    """Knows the line of every key and list item of a TOML text."""

    __slots__ = ("_root",)

    def __init__(self, text: str) -> None:
        self._root = _Reader(text).root

    def line(self, path: Path) -> int:
        """Return the line of a path, or that of the nearest known place above it."""
        place = self._root
        for step in path:
            below = place.below.get(step)
            if below is None:
                break
            place = below
        return place.line


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.root = _Place(1)
        self._table = self.root
        self._line = 1
        self._tokens = _TOKEN.finditer(text)
        self._kind = ""
        self._text = ""
        self._next()
        while self._kind:
            self._statement()

    def _next(self) -> None:
        """Move to the next token that is neither blank nor comment; its line is ``_line``."""
        if self._kind in ("string", "line"):
            self._line += self._text.count("\n")
        for match in self._tokens:
            self._kind = match.lastgroup or ""
            self._text = match[0]
            if self._kind not in ("blank", "comment"):
                return
        self._kind = self._text = ""

    def _statement(self) -> None:
        if self._kind == "line":
            self._next()
        elif self._text == "[":
            self._next()
            self._header()
            self._skip_line()
        else:
            self._pair(self._table)
            self._skip_line()

    def _skip_line(self) -> None:
        while self._kind not in ("line", ""):
            self._next()

    def _header(self) -> None:
        is_array = self._text == "["
        if is_array:
            self._next()
        keys = self._keys()
        place = self.root
        for key, _ in keys[:-1]:
            place = self._inside(self._at(place, key, self._line))
        for key, _ in keys[-1:]:
            known = key in place.below
            place = self._at(place, key, self._line)
            if is_array:
                item = _Place(self._line)
                place.below[place.items] = item
                place.items += 1
                place = item
            elif known and not place.items:
                # Named in passing by an earlier header: this is where it really is.
                place.line = self._line
        self._table = place

    def _pair(self, table: _Place) -> None:
        """Read ``key.key = value``."""
        place = table
        for key, line in self._keys():
            place = self._at(place, key, line)
        if self._text == "=":
            self._next()
            self._value(place)

    def _keys(self) -> list[tuple[str, int]]:
        keys: list[tuple[str, int]] = []
        while self._kind in ("bare", "string"):
            keys.append(
                (_unquoted(self._text) if self._kind == "string" else self._text, self._line)
            )
            self._next()
            if self._text != ".":
                break
            self._next()
        return keys

    def _value(self, place: _Place) -> None:
        """Read one value and note what is inside of it, without recursion."""
        # The open lists and inline tables around the next value.
        stack: list[_Place] = []
        lists: list[bool] = []
        here = place
        while True:
            if self._text == "[" and self._kind == "sign":
                stack.append(here)
                lists.append(True)
                self._next()
            elif self._text == "{" and self._kind == "sign":
                stack.append(here)
                lists.append(False)
                self._next()
            else:
                self._scalar()
            # Close what ends here, pass the commas, and go to the next value.
            while stack and self._kind:
                if self._kind == "line" or (self._text == "," and self._kind == "sign"):
                    self._next()
                elif self._text in ("]", "}") and self._kind == "sign":
                    stack.pop()
                    lists.pop()
                    self._next()
                else:
                    break
            if not stack or not self._kind:
                return
            if lists[-1]:
                if self._text == "=":
                    # No TOML, and nothing that a list could go on after.
                    return
                owner = stack[-1]
                here = self._at(owner, owner.items, self._line)
                owner.items += 1
            else:
                here = stack[-1]
                for key, line in self._keys():
                    here = self._at(here, key, line)
                if self._text == "=":
                    self._next()
                else:
                    return

    def _scalar(self) -> None:
        """Pass a string, or a number, a date, a word: all up to the next bracket, comma, line."""
        if self._kind == "string":
            self._next()
            return
        while self._kind == "bare" or self._text == ".":
            self._next()

    def _at(self, place: _Place, key: str | int, line: int) -> _Place:
        below = place.below.get(key)
        if below is None:
            below = place.below[key] = _Place(line)
        return below

    def _inside(self, place: _Place) -> _Place:
        """Return the last table of an array of tables, or the place itself."""
        return place.below[place.items - 1] if place.items else place


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
