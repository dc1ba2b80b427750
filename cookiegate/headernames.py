"""Which header names are Set-Cookie, once a server has had its way with them."""

from __future__ import annotations

from typing import Final, TypeVar

__all__ = ["PLAIN", "PLAIN_TEXT", "SET_COOKIE", "is_set_cookie", "is_set_cookie_text"]

# Applications use a few dozen names; the bound is for those that make names up.
_REMEMBERED: Final = 1024

_Name = TypeVar("_Name", bytes, str)

#: Spellings of the name that were met, and names that were found to be another header's. To look
#: a name up in one of them is all that happens to most headers.
SET_COOKIE: Final[set[bytes]] = set()
PLAIN: Final[set[bytes]] = set()
#: The same for names as WSGI has them.
PLAIN_TEXT: Final[set[str]] = set()
_SET_COOKIE_TEXT: Final[set[str]] = set()


def is_set_cookie(name: bytes) -> bool:
    """
    Whether a header of this name leaves as a Set-Cookie; remembers what it found.

    Raises:
        TypeError: The name is not bytes.
    """
    return _is(name, b"set-cookie", SET_COOKIE, PLAIN)


def is_set_cookie_text(name: str) -> bool:
    """The same for names as WSGI has them."""
    return _is(name, "set-cookie", _SET_COOKIE_TEXT, PLAIN_TEXT)


def _is(name: _Name, wanted: _Name, found: set[_Name], plain: set[_Name]) -> bool:
    if not isinstance(name, type(wanted)):
        raise TypeError(f"a header name is {type(name).__name__}")
    # Names have no case, and servers were seen to trim them after the fact.
    answer: bool = name.strip().lower() == wanted
    names = found if answer else plain
    if len(names) >= _REMEMBERED:
        names.clear()
    names.add(name)
    return answer
