"""Changes to a Set-Cookie value: to a pure deletion, and to a shorter lifetime."""

from __future__ import annotations

import re
from typing import Final

from .set_cookie import Lifespan, SetCookie

__all__ = ["clamp", "rewrite_as_deletion"]

_EPOCH: Final = b"Thu, 01 Jan 1970 00:00:00 GMT"
# Only values on which browsers act are kept in a deletion, so that an ignored one cannot carry
# anything of the cookie's value.
_PATH = re.compile(rb"/[^\x00-\x1f\x7f;]*")
# Chromium also takes a domain in Unicode, and converts it by IDNA.
_DOMAIN = re.compile(rb"[A-Za-z0-9._\x80-\xff-]+")
_SAME_SITE: Final = {b"strict": b"Strict", b"lax": b"Lax", b"none": b"None"}
_FLAGS: Final = ((b"secure", b"Secure"), (b"httponly", b"HttpOnly"))


def rewrite_as_deletion(cookie: SetCookie, name: bytes) -> bytes:
    """
    Return a Set-Cookie value that can only delete the cookie.

    It keeps Path, Domain, Secure, HttpOnly, SameSite and Partitioned, which decide which cookie of
    the name a browser replaces (RFC 6265bis, section 5.8, step 23), and whether it accepts the
    header.

    Args:
        cookie: The cookie.
        name: Its name.
    """
    parts = [name + b"=", b"Max-Age=0", b"Expires=" + _EPOCH]
    path = cookie.last(b"path")
    if path is not None and _PATH.fullmatch(path.value):
        parts.append(b"Path=" + path.value)
    domain = cookie.last(b"domain")
    if domain is not None and _DOMAIN.fullmatch(domain.value):
        parts.append(b"Domain=" + domain.value)
    parts += [written for flag, written in _FLAGS if cookie.last(flag) is not None]
    same_site = cookie.last(b"samesite")
    if same_site is not None and (written := _SAME_SITE.get(same_site.value.lower())):
        parts.append(b"SameSite=" + written)
    if cookie.last(b"partitioned") is not None:
        parts.append(b"Partitioned")
    return b"; ".join(parts)


def clamp(value: bytes, cookie: SetCookie, lifespan: Lifespan, seconds: int | None) -> bytes:
    """
    Return a Set-Cookie value with its lifetime lowered.

    Args:
        value: The Set-Cookie value.
        cookie: The cookie that was read from it.
        lifespan: The lifespan that was read from it.
        seconds: The lifetime to write; None for a session cookie.
    """
    if seconds is None:
        return _without(value, cookie, (b"max-age", b"expires"))
    max_age = cookie.last(b"max-age")
    if max_age is None or lifespan.max_age is None:
        # Only Expires counts: Max-Age beats it, and a last Max-Age beats an invalid one before it.
        return value + b"; Max-Age=%d" % seconds
    if 0 < lifespan.max_age < seconds:
        # Expires is too late, in a browser that does not read this Max-Age.
        seconds = int(lifespan.max_age)
    start, end = cookie.offset + max_age.start, cookie.offset + max_age.end
    text = value[start:end]
    written = text[: text.index(b"=") + 1] + b"%d" % seconds
    return value[:start] + written + value[end:]


def _without(value: bytes, cookie: SetCookie, names: tuple[bytes, ...]) -> bytes:
    for attribute in reversed(cookie.attributes):
        if attribute.name in names:
            start, end = cookie.offset + attribute.start, cookie.offset + attribute.end
            value = value[:start] + value[end:]
    return value
