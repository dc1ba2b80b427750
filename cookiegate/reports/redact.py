"""Names of unknown cookies, fit to be counted and shown: visitors and bugs can put anything there.

What looks like an identifier is folded, so that a name that differs with each visitor is one name,
and none of them can be told from it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["LONGEST", "fold_name", "fold_route"]

#: A folded name is at most this long, in bytes, and all of it is printable ASCII.
LONGEST: Final = 64
_LONGEST_ROUTE: Final = 128
_END: Final = "..."
_RUN: Final = re.compile(rb"[0-9A-Fa-f]{6,}")
# What is left of a UUID once its first and last part are folded.
_UUID: Final = re.compile(rb"\*(?:-[0-9A-Fa-f]{4}){3}-\*")


def fold_name(name: str) -> str:
    """
    A cookie's name without what identifies, in at most 64 bytes of ASCII.

    Runs of six or more decimal or hexadecimal digits become `*`; a byte outside printable ASCII
    and a backslash are escaped (`\\xNN`); what is too long ends in `...`.

    Args:
        name: As `Verdict.name` has it, with surrogates for bytes that are not UTF-8.
    """
    raw = name.encode("utf-8", "surrogateescape")
    return _escaped(_UUID.sub(b"*", _RUN.sub(b"*", raw)), LONGEST)


def fold_route(route: str) -> str:
    """A route's template in at most 128 bytes of ASCII; nothing in it is folded."""
    return _escaped(route.encode("utf-8", "replace"), _LONGEST_ROUTE)


def _escaped(raw: bytes, longest: int) -> str:
    # No byte takes less room escaped than it had: a few more than fit are enough to see the end.
    shown = [_escape(byte) for byte in raw[: longest + 1]]
    if sum(map(len, shown)) <= longest:
        return "".join(shown)
    while sum(map(len, shown)) > longest - len(_END):
        shown.pop()
    return "".join(shown) + _END


def _escape(byte: int) -> str:
    if byte == 0x5C or not 0x20 <= byte < 0x7F:
        return f"\\x{byte:02x}"
    return chr(byte)
