"""Names of unknown cookies without identifiers, safe to count and to show.

Visitors and bugs can put anything into a name. Redaction makes one name of names that differ for
each visitor, and removes what could identify one.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MAX_NAME", "escape_route", "redact_name"]

#: The longest redacted name, in bytes of printable ASCII.
MAX_NAME: Final = 64
_MAX_ROUTE: Final = 128
_ELLIPSIS: Final = "..."
_DIGITS: Final = re.compile(rb"[0-9A-Fa-f]{6,}")
# A UUID whose first and last part were replaced.
_UUID: Final = re.compile(rb"\*(?:-[0-9A-Fa-f]{4}){3}-\*")


def redact_name(name: str) -> str:
    """
    Return a cookie's name without identifiers, in at most 64 bytes of ASCII.

    Runs of six or more decimal or hexadecimal digits become `*`; a byte outside printable ASCII
    and a backslash become `\\xNN`; a longer name is cut and ends in `...`.

    Args:
        name: As in `Verdict.name`, with surrogates for bytes that are not UTF-8.
    """
    raw = name.encode("utf-8", "surrogateescape")
    return _escape(_UUID.sub(b"*", _DIGITS.sub(b"*", raw)), MAX_NAME)


def escape_route(route: str) -> str:
    """Return a route's template in at most 128 bytes of ASCII, with all its digits."""
    return _escape(route.encode("utf-8", "replace"), _MAX_ROUTE)


def _escape(raw: bytes, limit: int) -> str:
    # Escaping makes nothing shorter, so `limit + 1` bytes decide whether to cut.
    parts = [
        chr(byte) if 0x20 <= byte < 0x7F and byte != ord("\\") else f"\\x{byte:02x}"
        for byte in raw[: limit + 1]
    ]
    if sum(map(len, parts)) <= limit:
        return "".join(parts)
    while sum(map(len, parts)) > limit - len(_ELLIPSIS):
        parts.pop()
    return "".join(parts) + _ELLIPSIS
