"""Changing a Set-Cookie value where it must be changed, and nowhere else."""

from __future__ import annotations

import re
from typing import Final

from .set_cookie import Lifespan, SetCookie

__all__ = ["as_deletion", "clamp"]

_EPOCH: Final = b"Thu, 01 Jan 1970 00:00:00 GMT"
# What may be carried over into a deletion: values that browsers act upon, so that nothing of the
# cookie's own value can hide in one they ignore.
_PATH = re.compile(rb"/[^\x00-\x1f\x7f;]*")
# Chromium takes a name in Unicode too, and folds it as IDNA says.
_DOMAIN = re.compile(rb"[A-Za-z0-9._\x80-\xff-]+")
_SAME_SITE: Final = {b"strict": b"Strict", b"lax": b"Lax", b"none": b"None"}
_FLAGS: Final = ((b"secure", b"Secure"), (b"httponly", b"HttpOnly"))


def as_deletion(cookie: SetCookie, name: bytes) -> bytes:
    """
    A Set-Cookie value that can only delete the cookie this one names.

    Name, Path, Domain, Secure, HttpOnly, SameSite and Partitioned are those of the cookie, since
    they decide which cookie of the name is meant (RFC 6265bis, section 5.8, step 23) and whether
    the browser listens at all.
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
    The value with its lifetime lowered.

    Args:
        value: The Set-Cookie value that `cookie` and `lifespan` were read from.
        seconds: The declared lifetime; None for a session cookie.
    """
    if seconds is None:
        return _without(value, cookie, (b"max-age", b"expires"))
    max_age = cookie.last(b"max-age")
    if max_age is None or lifespan.max_age is None:
        # Only Expires counts. Max-Age beats it, and the last Max-Age beats an invalid one.
        return value + b"; Max-Age=%d" % seconds
    if 0 < lifespan.max_age < seconds:
        # It is Expires that is too late, in a browser which does not read this Max-Age.
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
