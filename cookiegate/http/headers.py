"""Which headers the gate looks at, whatever a server does to their names later.

For most headers, this is one look-up of the name in a table.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal, cast

from cookiegate.loops import CACHE, OTHER, POLICY, SET_COOKIE, Table, new_table

from .memo import register_memos

__all__ = [
    "KINDS",
    "TEXT_KINDS",
    "Kind",
    "as_bytes",
    "begins_cookie",
    "is_set_cookie",
    "kind_of",
    "kind_of_text",
    "stable_part",
]

#: What a header is to the gate: a Set-Cookie, one that caches obey, a Content-Security-Policy, any
#: other, or a broken name: one that ends a line, or begins a Set-Cookie, where a server does not
#: check names.
Kind = Literal["set-cookie", "cache", "policy", "other", "broken"]

_FOR_ALL_CACHES: Final = frozenset((b"cache-control", b"vary", b"etag", b"last-modified"))
# Headers for some shared caches alone, where they overrule Cache-Control. RFC 9213 lets every cache
# have its own name that ends in "Cache-Control"; the other forms are older and are habits, such as
# Surrogate-Control, Edge-Control and X-Accel-Expires.
_SOME_CACHES: Final = frozenset(
    b"accel akamai cache cdn cloudflare edge fastly proxy shared surrogate varnish vc".split()
)
_LIMITS: Final = frozenset((b"control", b"expires", b"lifetime", b"maxage", b"ttl"))
_POLICIES: Final = frozenset((b"content-security-policy", b"content-security-policy-report-only"))
# Some servers trim names, as bytes or as text.
_BLANKS: Final = bytes((*range(0x21), 0x7F, 0x85, 0xA0))
_BROKEN: Final = re.compile(rb"[\r\n\0]|^set-cookie[^\S\r\n]*:")
# A line within a value that sets a cookie. A folded header does not.
_COOKIE_LINE: Final = re.compile(rb"[\r\n][^\S\r\n]*set-cookie[^\S\r\n]*:", re.IGNORECASE)
# A part of a header that is dropped with it.
_LINE_END: Final = b"\n"
# Methods by which a server makes bytes of an object.
_CONVERSIONS: Final = ("__bytes__", "__buffer__", "__iter__", "__getitem__")
# Applications use a few dozen names; the bound is for those that make names up.
_REMEMBERED: Final = 1024
_REMEMBERED_BYTES: Final = 64

#: Spellings seen so far -> what `cookiegate.loops.sieve` makes of such a header.
KINDS: Final[Table[bytes]] = new_table()
#: The same for WSGI, where names are text.
TEXT_KINDS: Final[Table[str]] = new_table()
register_memos(KINDS.clear, TEXT_KINDS.clear)

_CODES: Final[dict[Kind, int]] = {
    "other": OTHER,
    "cache": CACHE,
    "policy": POLICY,
    "set-cookie": SET_COOKIE,
}


def kind_of(name: bytes) -> Kind:
    """
    Return what a header is to the gate, and remember it.

    Args:
        name: The header's name.

    Raises:
        TypeError: The name is not bytes.
    """
    if type(name) is not bytes:
        raise TypeError(f"a header name is {type(name).__name__}")
    kind = _read_kind(name)
    _remember(name, kind, KINDS)
    return kind


def kind_of_text(name: str) -> Kind:
    """Return what a header is to the gate where names are text (WSGI), and remember it."""
    kind = _read_kind(name.encode("latin-1", "ignore"))
    _remember(name, kind, TEXT_KINDS)
    return kind


def is_set_cookie(name: object) -> bool:
    """Return whether a name is that of a Set-Cookie, in bytes."""
    if type(name) is not bytes:
        return False
    try:
        return KINDS[name] == SET_COOKIE
    except KeyError:  # also if another thread has emptied the table meanwhile
        return kind_of(name) == "set-cookie"


def _read_kind(name: bytes) -> Kind:
    # Names have no case, and some servers trim them after the middleware has run.
    plain = name.strip(_BLANKS).lower()
    if _BROKEN.search(plain) or _BROKEN.search(name):
        return "broken"
    if plain == b"set-cookie":
        return "set-cookie"
    if plain in _FOR_ALL_CACHES or _is_targeted(plain):
        return "cache"
    return "policy" if plain in _POLICIES else "other"


def _is_targeted(name: bytes) -> bool:
    words = name.replace(b"max-age", b"maxage").replace(b"_", b"-").split(b"-")
    is_limit = len(words) > 1 and words[-2] in _SOME_CACHES and words[-1] in _LIMITS
    return is_limit or name.endswith(b"cache-control")


def begins_cookie(value: bytes) -> bool:
    """Return whether a line of a header's value is a Set-Cookie, where a server writes it as is."""
    return (10 in value or 13 in value) and _COOKIE_LINE.search(value) is not None


def as_bytes(text: object) -> bytes:
    """
    Return a header's name or value as bytes: some servers take text, and most what `bytes` takes.

    Of anything but plain bytes it is a copy: the application could change the object, and a
    subclass could read differently the second time.

    Raises:
        UnicodeEncodeError: The text is not latin-1.
        TypeError: It is neither text nor bytes.
        ValueError: It has numbers that are not bytes.
    """
    if type(text) is bytes:
        return text
    # Not the object's own methods: a subclass may have others.
    if isinstance(text, str):
        return str.encode(text, "latin-1")
    if isinstance(text, bytes):
        return bytes.__getitem__(text, slice(None))
    try:
        return bytes(memoryview(cast("bytes", text)))
    except TypeError:
        if hasattr(type(text), "__index__"):  # bytes(3) would be three zeros
            raise
    return as_bytes(bytes(cast("bytes", text)))  # a list of numbers, or an object with __bytes__


def stable_part(part: object) -> object:
    """
    Return a header's name or value as an object that every server reads alike.

    Args:
        part: The name or value.

    Returns:
        Bytes; or the part itself, if no server can write it (None, a number, text beyond latin-1);
        or a line end, if it is an object that may become bytes later.
    """
    try:
        return as_bytes(part)
    except Exception:
        if isinstance(part, str):
            return str.__str__(part)
        kind = type(part)
        return _LINE_END if any(hasattr(kind, name) for name in _CONVERSIONS) else part


def _remember(name: str | bytes, kind: Kind, table: Table[Any]) -> None:
    if kind == "broken" or len(name) > _REMEMBERED_BYTES:
        return
    if len(table) >= _REMEMBERED:
        table.clear()
    table[name] = _CODES[kind]
