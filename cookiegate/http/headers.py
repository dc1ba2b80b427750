"""Which headers the gate looks at, whatever a server does to their names later.

For most headers, this is one look-up of the name in a set.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeVar

from .memo import register_memos

__all__ = [
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

#: What a header is to the gate: a Set-Cookie, one that caches obey, a Content-Security-Policy, any
#: other, or a broken name: one in which a server's response would begin a Set-Cookie.
Kind = Literal["set-cookie", "cache", "policy", "other", "broken"]

_FOR_ALL_CACHES: Final = frozenset((b"cache-control", b"vary"))
# Headers for some shared caches alone, where they overrule Cache-Control. RFC 9213 lets every cache
# have its own name that ends in "Cache-Control"; the other forms are older and are habits, such as
# Surrogate-Control, Edge-Control and X-Accel-Expires.
_TARGETED: Final = re.compile(
    rb"cache-control$|"
    rb"(?:^|[-_])(?:accel|cache|cdn|edge|surrogate|varnish)[-_](?:control|expires|max-?age|ttl)$"
)
_POLICIES: Final = frozenset((b"content-security-policy", b"content-security-policy-report-only"))
# Servers that do not check names write one with a colon or a line break as it is.
_BROKEN = re.compile(rb"(?:^|[\r\n])[^\S\r\n]*set-cookie[^\S\r\n]*:")
_WATCHED_TEXT: Final = frozenset(("set-cookie", *(name.decode() for name in _POLICIES)))
_BROKEN_TEXT = re.compile(_BROKEN.pattern.decode())
# Applications use a few dozen names; the bound is for those that make names up.
_REMEMBERED: Final = 1024
_REMEMBERED_BYTES: Final = 64

_Name = TypeVar("_Name", bytes, str)

#: Spellings seen so far, by kind. A name that is in one of the sets is of that kind. A name that is
#: in none was not seen yet, or was forgotten.
SET_COOKIE: Final[set[bytes]] = set()
FOR_CACHES: Final[set[bytes]] = set()
FOR_POLICIES: Final[set[bytes]] = set()
OTHER: Final[set[bytes]] = set()
#: The same for WSGI, where names are text: those that the gate does not look at.
OTHER_TEXT: Final[set[str]] = set()
register_memos(*(one.clear for one in (SET_COOKIE, FOR_CACHES, FOR_POLICIES, OTHER, OTHER_TEXT)))


def kind_of(name: bytes) -> Kind:
    """
    Return what a header is to the gate, and remember it.

    Args:
        name: The header's name.

    Raises:
        TypeError: The name is not bytes.
    """
    if not isinstance(name, bytes):
        raise TypeError(f"a header name is {type(name).__name__}")
    # Names have no case, and some servers trim them after the middleware has run.
    plain = name.strip().lower()
    if plain == b"set-cookie":
        _remember(name, SET_COOKIE)
        return "set-cookie"
    if plain in _FOR_ALL_CACHES or _TARGETED.search(plain):
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
    """Return whether the gate looks at a header of this name (WSGI); remember it if not."""
    plain = name.strip().lower()
    if plain in _WATCHED_TEXT or _BROKEN_TEXT.search(plain):
        return True
    _remember(name, OTHER_TEXT)
    return False


def as_bytes(text: bytes | bytearray | memoryview | str) -> bytes:
    """
    Return a header's name or value as bytes: some servers take text, and most take any buffer.

    Raises:
        UnicodeEncodeError: The text is not latin-1.
        TypeError: It is neither text nor a buffer.
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
