"""What browsers would store from one Set-Cookie value.

The parser of RFC 6265bis (section 5.7, "The Set-Cookie Header Field"), on bytes: quotes, escapes,
commas, percent signs and character sets have no meaning, and the only blanks are space and tab.
Where browsers differ, a header has more than one name, and each counts.
"""

from __future__ import annotations

import re
from math import inf
from typing import Final

import msgspec

from .memo import Memo, register_memos

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

#: The longest name and value together that browsers store (RFC 6265bis, section 5.7, step 6).
MAX_COOKIE_BYTES: Final = 4096
#: The longest attribute value that counts (section 5.7, step 3 of the attribute loop).
MAX_ATTRIBUTE_BYTES: Final = 1024

_BLANKS: Final = b" \t"
_WHOLE_NUMBER = re.compile(rb"[+-]?[0-9]+")
_RFC_NUMBER = re.compile(rb"-?[0-9]+")


class Attribute(msgspec.Struct, frozen=True):
    """An attribute of a cookie, and its position in the header."""

    #: In lower case.
    name: bytes
    value: bytes
    #: The position of the semicolon before it, counted from the header's first semicolon.
    start: int
    #: The position of the semicolon after it, counted likewise.
    end: int


class Lifespan(msgspec.Struct, frozen=True):
    """
    How long a browser would keep a cookie. Max-Age beats Expires; without both, for the session.
    """

    #: Seconds; None if the header has no valid Max-Age.
    max_age: float | None
    #: Unix seconds; None if the header has no valid Expires.
    expires: float | None

    @property
    def deletes_from(self) -> float:
        """The time (Unix seconds) from which the header deletes: -inf always, inf never."""
        if self.max_age is not None:
            return -inf if self.max_age <= 0 else inf
        return inf if self.expires is None else self.expires

    def seconds(self, now: float) -> float | None:
        """
        Return for how many seconds the cookie lives; None for a session cookie.

        Args:
            now: Unix seconds.
        """
        if self.max_age is not None:
            return self.max_age
        return None if self.expires is None else self.expires - now


class SetCookie(msgspec.Struct, frozen=True):
    """A parsed Set-Cookie value."""

    #: See `read_names`.
    names: tuple[bytes, ...]
    attributes: tuple[Attribute, ...]
    #: The position of the first semicolon, from which the attributes' positions count.
    offset: int = 0

    def last(self, name: bytes) -> Attribute | None:
        """
        Return the last attribute of a name, which is the one that counts; None without one.

        Args:
            name: The name, in lower case.
        """
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
    Return whether a value holds a CR, LF or NUL.

    Chromium ends a header line at a bare CR, too, so such a value can be two headers.
    """
    # Numbers, not bytes: to search for one number is several times faster.
    return 13 in value or 10 in value or 0 in value


def read_names(value: bytes) -> tuple[bytes, ...]:
    """
    Return every name under which some browser stores a cookie, or some server reads it.

    A nameless cookie has the name b"". `_ga` without `=` is nameless in Chromium and named in
    Firefox. `=_ga=1` is nameless in RFC 6265bis; a browser returns it as `_ga=1`, and servers read
    the name `_ga`.

    Args:
        value: The Set-Cookie value.
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
    """Parse a whole Set-Cookie value. No value raises an exception."""
    offset = value.find(b";")
    if offset < 0:
        return SetCookie(read_names(value), ())
    return SetCookie(read_names(value), _ATTRIBUTES[value[offset:]], offset)


def _read_attributes(text: bytes) -> tuple[Attribute, ...]:
    # The text begins at the first semicolon.
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


# Applications repeat the same attributes, and they do not hold the cookie's value.
# A text of 256 bytes may hold as many attributes, of a hundred bytes each.
_ATTRIBUTES: Final = Memo(_read_attributes, max_bytes=64 * 1024)
register_memos(_ATTRIBUTES.values.clear)


def read_lifespan(cookie: SetCookie) -> Lifespan:
    """
    Return the last Max-Age and the last Expires of a cookie, if they are valid.

    If the last one is invalid, a valid one before it does not count either. So does Chromium, and
    the cookie never lives longer than by RFC 6265bis.
    """
    max_age = expires = None
    if attribute := cookie.last(b"max-age"):
        max_age = _max_age(attribute.value)
    if attribute := cookie.last(b"expires"):
        expires = _parse_date(attribute.value)
    return Lifespan(max_age=max_age, expires=expires)


def _parse_date(value: bytes) -> float | None:
    # Imported here: many sites set no cookie with Expires.
    from .cookie_date import parse_cookie_date

    return parse_cookie_date(value)


def longest_life(cookie: SetCookie, now: float) -> float | None:
    """
    Return for how many seconds any browser keeps a cookie at most; None for the session.

    If the last Max-Age or Expires is invalid, Chromium ignores both it and those before it;
    RFC 6265bis (section 5.7) takes the last valid one. A Max-Age with a plus sign is invalid in
    the RFC and valid in Chromium.

    Args:
        cookie: The cookie.
        now: Unix seconds.
    """
    ages = [one.value for one in cookie.attributes if one.name == b"max-age"]
    dates = [_parse_date(one.value) for one in cookie.attributes if one.name == b"expires"]
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
        # Firefox reads anything after a minus as a negative number, and deletes.
        return -inf
    if not _WHOLE_NUMBER.fullmatch(text):
        return None
    # A float takes any number of digits.
    return float(text)
