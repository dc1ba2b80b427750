"""Which headers the gate looks at, whatever a server does to their names later.

To look a name up in a set is all that happens to most headers.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeVar

__all__ = [
    "CACHES_GO_BY",
    "FOR_CACHES",
    "FOR_POLICIES",
    "OTHER",
    "OTHER_TEXT",
    "SET_COOKIE",
    "Kind",
    "as_bytes",
    "is_watched_text",
    "kind_of",
]

#: What a header is to the gate: a Set-Cookie, one that caches go by, a policy of what a page may
#: load, any other, or a name that would end in the middle of itself and begin a Set-Cookie.
Kind = Literal["set-cookie", "cache", "policy", "other", "broken"]

#: What caches go by, as it is written most often.
CACHES_GO_BY: Final = frozenset(
    (b"cache-control", b"vary", b"cdn-cache-control", b"surrogate-control", b"x-accel-expires")
)
_POLICIES: Final = frozenset((b"content-security-policy", b"content-security-policy-report-only"))
# Servers that do not look write a name with its colon, or its line break, as it is.
_BROKEN = re.compile(rb"(?:^|[\r\n])[^\S\r\n]*set-cookie[^\S\r\n]*:")
_WATCHED_TEXT: Final = frozenset(("set-cookie", *(name.decode() for name in _POLICIES)))
_BROKEN_TEXT = re.compile(_BROKEN.pattern.decode())
# Applications use a few dozen names; the bound is for those that make names up.
_REMEMBERED: Final = 1024
_REMEMBERED_BYTES: Final = 64

_Name = TypeVar("_Name", bytes, str)

#: Spellings that were met, for each kind. A name that is in none of them was not met yet, or was
#: forgotten; a name that is in one is of that kind.
SET_COOKIE: Final[set[bytes]] = set()
FOR_CACHES: Final[set[bytes]] = set()
FOR_POLICIES: Final[set[bytes]] = set()
OTHER: Final[set[bytes]] = set()
#: Names as WSGI has them that are not looked at.
OTHER_TEXT: Final[set[str]] = set()


def kind_of(name: bytes) -> Kind:
    """
    What the header of this name is to the gate; remembers what it found.

    Raises:
        TypeError: The name is not bytes.
    """
    if not isinstance(name, bytes):
        raise TypeError(f"a header name is {type(name).__name__}")
    # Names have no case, and servers were seen to trim them after the fact.
    plain = name.strip().lower()
    if plain == b"set-cookie":
        _remember(name, SET_COOKIE)
        return "set-cookie"
    if plain in CACHES_GO_BY:
        _remember(name, FOR_CACHES)
        return "cache"
    if plain in _POLICIES:
        _remember(name, FOR_POLICIES)
        return "policy"
    if _BROKEN.search(plain):
        return "broken"
    _remember(name, OTHER)
    return "other"


def is_watched_text(name: str) -> bool:
    """Whether a header of this name, as WSGI has it, is looked at; remembers the rest."""
    plain = name.strip().lower()
    if plain in _WATCHED_TEXT or _BROKEN_TEXT.search(plain):
        return True
    _remember(name, OTHER_TEXT)
    return False


def as_bytes(text: bytes | bytearray | memoryview | str) -> bytes:
    """
    A header's name or value as bytes: some servers take text, and most take any buffer.

    Raises:
        UnicodeEncodeError: Text that is not latin-1.
        TypeError: Neither text nor bytes.
    """
    if type(text) is bytes:
        return text
    return text.encode("latin-1") if isinstance(text, str) else bytes(memoryview(text))


def _remember(name: _Name, names: set[_Name]) -> None:
    if len(name) > _REMEMBERED_BYTES:
        return
    if len(names) >= _REMEMBERED:
        names.clear()
    names.add(name)
