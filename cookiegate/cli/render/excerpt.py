"""Quotes the line that a finding is about, with carets below a part of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.cells import cell_len

from cookiegate.cli.escape import escape_control

__all__ = ["Excerpt", "excerpt"]

# How much of a line that is cut stays in front of the marked part.
_BEFORE: Final = 12


class Excerpt(NamedTuple):
    """A line as it is printed, and the line of carets below it."""

    text: str
    underline: str


def excerpt(line: str, column: int, length: int, width: int) -> Excerpt:
    """
    Return a line with carets, cut to a width.

    Args:
        line: The line of the file, without its end.
        column: The first marked character, from 1.
        length: How many characters to mark; 0 marks the whole line.
        width: The number of terminal cells, at least 20.
    """
    first = len(line) - len(line.lstrip())
    start, end = (column - 1, column - 1 + length) if length else (first, len(line.rstrip()))
    before, at, behind = (_plain(line[a:b]) for a, b in ((first, start), (start, end), (end, None)))
    if len(before) > _BEFORE and cell_len(before + at) > width - 2:
        before = "…" + before[-_BEFORE + 1 :]
    at = _cut(at, width - cell_len(before))
    text = _cut(f"{before}{at}{behind.rstrip()}", width)
    return Excerpt(text, " " * cell_len(before) + "^" * cell_len(at))


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    return "    " if one == "\t" else escape_control(one)


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 1:
        # By as much as is surely too much.
        text = text[: -max(1, (len(text) - width) // 2)]
    return text + "…"
