"""On which lines the tables and keys of a registry that loads stand.

A file may have a hundred thousand entries, and advice on a few of them: each is read when it is
asked about, from its line to that of the next one, and the rest of the file once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from cookiegate.registry import Entry
from cookiegate.registry.errors import Path
from cookiegate.registry.validation.line_locator import LineLocator

__all__ = ["Places"]

# Where another table may begin; it may as well be part of a text or a list.
_OTHER: Final = re.compile(r"^[ \t]*\[(?![ \t]*\[[ \t]*cookies[ \t]*\][ \t]*\])", re.MULTILINE)
_LINE_END: Final = re.compile("\n")


class Places:
    """
    Knows the line of every key.

    Args:
        text: The file, which has loaded.
        entries: What was read of it.
    """

    __slots__ = ("_entries", "_last", "_rest", "_starts", "_text")

    def __init__(self, text: str, entries: Sequence[Entry]) -> None:
        # A byte order mark is no part of the first key.
        self._text = text = text.removeprefix("\ufeff")
        self._entries = entries
        # Where each entry begins in the text; nowhere, where one of them is written in a rare way.
        self._starts = _starts(text, entries)
        self._rest: tuple[LineLocator, list[tuple[int, int]]] | None = None
        self._last: tuple[int, LineLocator] | None = None

    def line(self, path: Path) -> int:
        """Return the line of a path, or that of the nearest known place above it."""
        match path:
            case ("cookies", int(number), *keys) if self._starts:
                below = self._entry(number).line(("cookies", 0, *keys))
                return self._entries[number].line + below - 1
            case _:
                positions, jumps = self._others()
                line = positions.line(path)
                last = bisect_right(jumps, line, key=lambda one: one[0]) - 1
                return line + jumps[last][1]

    def _entry(self, number: int) -> LineLocator:
        # Findings about one entry come one after another.
        if self._last is None or self._last[0] != number:
            start, end = self._starts[number], self._starts[number + 1]
            self._last = number, LineLocator(self._text[start:end])
        return self._last[1]

    def _others(self) -> tuple[LineLocator, list[tuple[int, int]]]:
        """The text without entries, and from which of its lines on how many are left out."""
        if self._rest is None:
            starts = self._starts or [len(self._text)]
            parts, jumps = [self._text[: starts[0]]], [(1, 0)]
            count = parts[0].count("\n")
            # Only an entry behind which another table may stand is read here as well.
            kept = {bisect_right(starts, one.start()) - 1 for one in _OTHER.finditer(self._text)}
            for number in sorted(kept - {-1, len(starts) - 1}):
                parts.append(self._text[starts[number] : starts[number + 1]])
                jumps.append((count + 1, self._entries[number].line - 1 - count))
                count += parts[-1].count("\n")
            self._rest = LineLocator("".join(parts)), jumps
        return self._rest


def _starts(text: str, entries: Sequence[Entry]) -> list[int]:
    if not entries or not all(entry.line for entry in entries):
        return []
    starts: list[int] = []
    lines = iter([entry.line for entry in entries])
    wanted = next(lines, 0)
    begin, number = 0, 1
    for end in _LINE_END.finditer(text):
        if number == wanted:
            starts.append(begin)
            wanted = next(lines, 0)
        begin, number = end.end(), number + 1
    return [*starts, len(text)]
