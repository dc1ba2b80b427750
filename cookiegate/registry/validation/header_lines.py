"""Finds the lines on which the tables of an array begin in a TOML text."""

import re
from typing import Final

__all__ = ["STRING", "header_lines"]

#: A string of TOML. The alternatives differ in their first character, so that nothing is tried
#: twice. Possessive repeats of groups are not used: Python 3.11.2 (Debian 12) matches them wrongly.
STRING: Final = (
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*+'"
)


def header_lines(text: str, table: str) -> list[int]:
    """Return the lines of the ``[[table]]`` headers of a text that ``tomllib`` has accepted."""
    # A line break as the first character of the pattern is quick to find, so every line has one.
    text = "\n" + text
    header = rf"\n[ \t]*\[\[[ \t]*({table})[ \t]*\]\]"
    if '"""' in text or "'''" in text:
        # A line in a string of several lines may look like a header, and is text.
        header = rf"{STRING}|\#[^\n]*+|{header}"
    lines: list[int] = []
    line = counted = 0
    for match in re.finditer(header, text, re.DOTALL):
        if match.lastindex:
            start = match.start(1)
            line += text.count("\n", counted, start)
            counted = start
            lines.append(line)
    return lines
