"""What of a line a finding is about: it is found in the line by what the message quotes."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["mark"]

# What a message quotes, as repr() does.
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
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
        word = re.escape(single or double)
        # In quotes, as a value is; then as a word.
        for form in (rf"(?<=[\"']){word}(?=[\"'])", rf"(?<![\w-]){word}(?![\w-])"):
            if word and (at := re.search(form, line)):
                return at.span()
    if value := _VALUE.match(line):
        return value.span(1)
    start = len(line) - len(line.lstrip())
    return start, max(len(line.rstrip()), start)
