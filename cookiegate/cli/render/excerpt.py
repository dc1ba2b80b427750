"""The line that a finding is about, as far as there is room, and what of it is meant."""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.cells import cell_len

from cookiegate.cli.escape import escape_control

from .highlight import mark

__all__ = ["Excerpt", "excerpt"]

# Of a line that is cut, so much stays in front of what is pointed at.
_BEFORE: Final = 12


class Excerpt(NamedTuple):
    """A line as it is shown, and what stands below it."""

    text: str
    underline: str


def excerpt(line: str, what: str, width: int) -> Excerpt:
    """
    The line in a width, cut where it is longer, with what it is about underlined.

    Args:
        line: The line of the file, without its end.
        what: The message.
        width: How many cells there are, at least 20.
    """
    start, end = mark(line, what)
    first = len(line) - len(line.lstrip())
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
