"""What of a line a finding is about: it is found in the line by what the message quotes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["mark"]

# What a message quotes, as repr() does.
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_QUOTES: Final = frozenset("\"'")
_COLUMN: Final = re.compile(r", column (\d+)\)$")
# A key with the value behind it: a text of one line, or all up to a remark.
_VALUE: Final = re.compile(
    r"""[^=\#"'\[]+=\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^\s\#](?:[^\#]*[^\s\#])?)"""
)


def mark(line: str, what: str) -> tuple[int, int]:
    """
    Where in a line that is which a message is about, from and to, in characters.

    Args:
        line: The line of the file.
        what: The message; what it quotes first, and the line has, is it.
    """
    if found := _COLUMN.search(what):
        column = min(int(found[1]), len(line)) or 1
        return column - 1, column
    for single, double in _QUOTED.findall(what):
        word = single or double
        # In quotes, as a value is; then as a word.
        for is_edge in (_QUOTES.__contains__, _is_no_word):
            at = _found(word, line, is_edge)
            if at >= 0:
                return at, at + len(word)
    if value := _VALUE.match(line):
        return value.span(1)
    start = len(line) - len(line.lstrip())
    return start, max(len(line.rstrip()), start)


def _found(word: str, line: str, is_edge: Callable[[str], bool]) -> int:
    # By hand: most words are sought once, and a pattern costs more than that.
    at = line.find(word) if word else -1
    while at >= 0:
        before, behind = line[at - 1 : at], line[at + len(word) : at + len(word) + 1]
        if is_edge(before) and is_edge(behind):
            return at
        at = line.find(word, at + 1)
    return -1


def _is_no_word(character: str) -> bool:
    return not (character.isalnum() or character in ("_", "-"))
