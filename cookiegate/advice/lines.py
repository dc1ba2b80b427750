"""Line numbers of the tables and keys of a valid registry.

A file may have a hundred thousand entries, and advice on a few of them. So the text of one entry is
parsed when a line in it is needed, and the text outside the entries once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from cookiegate.registry import Entry
from cookiegate.registry.errors import Path
from cookiegate.registry.validation.line_locator import LineLocator, Span

__all__ = ["LineIndex"]

# The possible start of another table; it may also be inside a string or a list.
_OTHER: Final = re.compile(r"^[ \t]*\[(?![ \t]*\[[ \t]*cookies[ \t]*\][ \t]*\])", re.MULTILINE)
_LINE_END: Final = re.compile("\n")


class LineIndex:
    """
    Find the line of a key.

    Args:
        text: The text of a valid registry.
        entries: The entries that were parsed from it.
    """

    __slots__ = ("_entries", "_last", "_rest", "_starts", "_text")

    def __init__(self, text: str, entries: Sequence[Entry]) -> None:
        # A byte order mark is not part of the first key.
        self._text = text = text.removeprefix("\ufeff")
        self._entries = entries
        # Offsets of the entries; empty if one is not a [[cookies]] table.
        self._starts = _starts(text, entries)
        self._rest: tuple[LineLocator, list[tuple[int, int]]] | None = None
        self._last: tuple[int, LineLocator] | None = None

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest known path above it."""
        return self.span(path).line

    def span(self, path: Path, *, of_key: bool = False) -> Span:
        """Return where the value at a path is, or its key; see `LineLocator.span`."""
        match path:
            case ("cookies", int(number), *keys) if self._starts:
                span = self._entry(number).span(("cookies", 0, *keys), of_key=of_key)
                skipped = self._entries[number].line - 1
            case _:
                locator, jumps = self._others()
                span = locator.span(path, of_key=of_key)
                skipped = jumps[bisect_right(jumps, span.line, key=lambda one: one[0]) - 1][1]
        return span._replace(line=span.line + skipped)

    def has(self, path: Path) -> bool:
        """Return whether the text has this key, below a table that it has."""
        return self.span(path, of_key=True) != self.span(path[:-1], of_key=True)

    def _entry(self, number: int) -> LineLocator:
        # Advice on one entry comes together, so one is cached.
        if self._last is None or self._last[0] != number:
            start, end = self._starts[number], self._starts[number + 1]
            self._last = number, LineLocator(self._text[start:end])
        return self._last[1]

    def _others(self) -> tuple[LineLocator, list[tuple[int, int]]]:
        """Return a locator for the text without entries, and where how many lines are left out."""
        if self._rest is None:
            starts = self._starts or [len(self._text)]
            parts, jumps = [self._text[: starts[0]]], [(1, 0)]
            count = parts[0].count("\n")
            # An entry that another table may follow is kept.
            kept = {bisect_right(starts, one.start()) - 1 for one in _OTHER.finditer(self._text)}
            for number in sorted(kept - {-1, len(starts) - 1}):
                parts.append(self._text[starts[number] : starts[number + 1]])
                jumps.append((count + 1, self._entries[number].line - 1 - count))
                count += parts[-1].count("\n")
            self._rest = LineLocator("".join(parts)), jumps
        return self._rest


def _starts(text: str, entries: Sequence[Entry]) -> list[int]:
    """Return the offsets of the entries' first lines and of the end of the text."""
    if not entries or not all(entry.line for entry in entries):
        return []
    line_starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    return [*(line_starts[entry.line - 1] for entry in entries), len(text)]
