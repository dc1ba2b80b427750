"""What browsers would store from one Set-Cookie value.

The reader of RFC 6265bis (section 5.7, "The Set-Cookie Header Field"), on bytes and nothing else:
no quote, escape, comma, percent or character set means anything here, and the only blanks are
space and tab. Where browsers differ, a header has more than one name, and each counts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf
from typing import Final

import msgspec

from .cookie_date import parse_cookie_date

__all__ = [
    "MAX_ATTRIBUTE_BYTES",
    "MAX_COOKIE_BYTES",
    "Attribute",
    "Lifespan",
    "SetCookie",
    "breaks_framing",
    "longest_life",
    "read_lifespan",
    "read_names",
    "read_set_cookie",
]

# RFC 6265bis, section 5.7, step 6: name and value together; longer cookies are ignored.
MAX_COOKIE_BYTES: Final = 4096
# The same, section 5.7, step 3 of the attribute loop: a longer attribute value is ignored.
MAX_ATTRIBUTE_BYTES: Final = 1024

_BLANKS: Final = b" \t"
# How long the attributes are that are remembered.
_REMEMBERED_BYTES: Final = 256
_WHOLE_NUMBER = re.compile(rb"[+-]?[0-9]+")
_RFC_NUMBER = re.compile(rb"-?[0-9]+")


class Attribute(msgspec.Struct, frozen=True):
    """One attribute: its name in lower case, its value, and where its text lies in the header."""

    name: bytes
    value: bytes
    # From the semicolon before it to the one after it, so that cutting here removes it whole; both
    # count from the header's first semicolon.
    start: int
    end: int


class Lifespan(msgspec.Struct, frozen=True):
    """
    How long a browser would keep a cookie.

    `max_age` is in seconds and `expires` in Unix seconds; None where the header has none that
    counts. Max-Age beats Expires. With neither, the cookie is a session cookie.
    """

    max_age: float | None
    expires: float | None

    @property
    def deletes_from(self) -> float:
        """The moment (Unix seconds) from which the header deletes: -inf always, inf never."""
        if self.max_age is not None:
            return -inf if self.max_age <= 0 else inf
        return inf if self.expires is None else self.expires

    def seconds(self, now: float) -> float | None:
        """How long the cookie lives from `now`, in seconds; None for a session cookie."""
        if self.max_age is not None:
            return self.max_age
        return None if self.expires is None else self.expires - now


class SetCookie(msgspec.Struct, frozen=True):
    """One Set-Cookie value, read."""

    names: tuple[bytes, ...]
    attributes: tuple[Attribute, ...]
    #: Where the first semicolon is, from which the attributes' places count.
    offset: int = 0

    def last(self, name: bytes) -> Attribute | None:
        """The last attribute of that name (lower case), which is the one that counts."""
        for attribute in reversed(self.attributes):
            if attribute.name == name:
                return attribute
        return None

    @property
    def domain(self) -> str | None:
        """The Domain attribute as a host name in lower case, without a leading dot."""
        attribute = self.last(b"domain")
        if attribute is None or not attribute.value:
            return None
        return attribute.value.removeprefix(b".").lower().decode("latin-1")


def breaks_framing(value: bytes) -> bool:
    """
    Whether a CR, LF or NUL is in the value.

    Chromium ends a header line at a bare CR too, so such a value can be two headers.
    """
    # Numbers, not bytes: a search for one byte value is several times faster.
    return 13 in value or 10 in value or 0 in value


def read_names(value: bytes) -> tuple[bytes, ...]:
    """
    Every name under which some browser stores the cookie, or some server reads it; b"" is nameless.

    `_ga` without a `=` is nameless in Chromium and named in Firefox. `=_ga=1` is nameless by
    RFC 6265bis and travels back as `_ga=1`, which servers read as `_ga`.
    """
    pair = value.partition(b";")[0]
    left, equals, right = pair.partition(b"=")
    name = left.strip(_BLANKS)
    if not equals:
        return (b"", name) if name else (b"",)
    if name:
        return (name,)
    hidden, equals, _ = right.partition(b"=")
    hidden = hidden.strip(_BLANKS)
    return (b"", hidden) if equals and hidden else (b"",)


def read_set_cookie(value: bytes) -> SetCookie:
    """Read a whole Set-Cookie value. Nothing is too odd to be read."""
    offset = value.find(b";")
    if offset < 0:
        return SetCookie(read_names(value), ())
    text = value[offset:]
    read = _remembered_attributes if len(text) <= _REMEMBERED_BYTES else _attributes
    return SetCookie(read_names(value), read(text), offset)


def _attributes(text: bytes) -> tuple[Attribute, ...]:
    # The attributes of what begins at the first semicolon.
    found = []
    start = 0
    while start >= 0:
        end = text.find(b";", start + 1)
        name, _, rest = text[start + 1 : end if end >= 0 else len(text)].partition(b"=")
        rest = rest.strip(_BLANKS)
        if len(rest) <= MAX_ATTRIBUTE_BYTES:
            found.append(
                Attribute(
                    name=name.strip(_BLANKS).lower(),
                    value=rest,
                    start=start,
                    end=end if end >= 0 else len(text),
                )
            )
        start = end
    return tuple(found)


# Applications write the same attributes again and again, and a cookie's value is not among them.
_remembered_attributes = lru_cache(maxsize=4096)(_attributes)


def read_lifespan(cookie: SetCookie) -> Lifespan:
    """
    The last Max-Age and the last Expires, where browsers would take them seriously.

    A last one that is invalid is as good as none, also when a valid one stands before it: that is
    what Chromium does, and it lets a cookie live no longer than RFC 6265bis would.
    """
    max_age = expires = None
    if attribute := cookie.last(b"max-age"):
        max_age = _max_age(attribute.value)
    if attribute := cookie.last(b"expires"):
        expires = parse_cookie_date(attribute.value)
    return Lifespan(max_age=max_age, expires=expires)


def longest_life(cookie: SetCookie, now: float) -> float | None:
    """
    How long the browser that keeps it longest would, in seconds from `now`; None: the session.

    Where the last Max-Age or Expires is invalid, Chromium goes without, and RFC 6265bis (section
    5.7) takes the last valid one. A plus sign before a Max-Age is a digit's place to the RFC.
    """
    ages = [one.value for one in cookie.attributes if one.name == b"max-age"]
    dates = [parse_cookie_date(one.value) for one in cookie.attributes if one.name == b"expires"]
    moments = {*dates[-1:], *[date for date in dates if date is not None][-1:]}
    by_date = [moment - now for moment in moments if moment is not None]
    lives: list[float] = []
    for valid in (
        [float(age) for age in ages[-1:] if _WHOLE_NUMBER.fullmatch(age)],
        [float(age) for age in ages if _RFC_NUMBER.fullmatch(age)][-1:],
    ):
        lives += valid or by_date
    return max(lives, default=None)


def _max_age(text: bytes) -> float | None:
    if text.startswith(b"-"):
        # Firefox takes whatever follows the minus for a negative number, and deletes.
        return -inf
    if not _WHOLE_NUMBER.fullmatch(text):
        return None
    # A float: no number of digits is too many for it.
    return float(text)
