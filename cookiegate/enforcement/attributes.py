"""Minimum attributes: raise a cookie's attributes to those that the registry demands.

As in the cookie policies of web frameworks: weaker attributes are raised, stronger ones and every
other byte stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cookiegate.http.set_cookie import SetCookie, read_set_cookie
from cookiegate.registry import MinimumAttributes, SameSiteNoneRule

from .verdict import Reason

__all__ = ["demands_attributes", "merge_minimums", "raise_attributes"]

# By strength. A missing or invalid SameSite is Lax in some browsers and None in others, so it
# counts as the weakest.
_ORDER: Final = ("none", "lax", "strict")
_STRENGTH: Final = {word.encode(): strength for strength, word in enumerate(_ORDER)}


def demands_attributes(minimum: MinimumAttributes) -> bool:
    """Return whether minimum attributes demand anything of a cookie."""
    return minimum.secure or minimum.http_only or minimum.partitioned or minimum.same_site != "none"


def merge_minimums(minimums: Sequence[MinimumAttributes]) -> MinimumAttributes:
    """Return the weakest attributes that satisfy each of these minimums; at least one is given."""
    if len(minimums) == 1:
        return minimums[0]
    return MinimumAttributes(
        secure=any(one.secure for one in minimums),
        http_only=any(one.http_only for one in minimums),
        same_site=max((one.same_site for one in minimums), key=_ORDER.index),
        partitioned=any(one.partitioned for one in minimums),
    )


def raise_attributes(
    value: bytes, minimum: MinimumAttributes, same_site_none: SameSiteNoneRule
) -> tuple[bytes, tuple[Reason, ...]]:
    """
    Raise a cookie's attributes to a minimum.

    Args:
        value: The Set-Cookie value.
        minimum: The minimum attributes.
        same_site_none: What happens to `SameSite=None` without Secure, which Chromium refuses.

    Returns:
        The value, and notes on what was changed.
    """
    cookie = read_set_cookie(value)
    reasons: list[Reason] = []
    same_site = _same_site(cookie)
    if (same_site or 0) < (wanted := _ORDER.index(minimum.same_site)):
        value = _with_same_site(value, cookie, minimum.same_site.capitalize().encode())
        same_site = wanted
        reasons.append(Reason.SAME_SITE_RAISED)
    needs_secure = minimum.secure or minimum.partitioned
    if cookie.last(b"secure") is None:
        if same_site == 0 and same_site_none != "off":
            reasons.append(Reason.SAME_SITE_NONE)
            needs_secure = needs_secure or same_site_none == "mend"
        if needs_secure:
            value += b"; Secure"
            reasons.append(Reason.SECURE_ADDED)
    if minimum.http_only and cookie.last(b"httponly") is None:
        value += b"; HttpOnly"
        reasons.append(Reason.HTTP_ONLY_ADDED)
    if minimum.partitioned and cookie.last(b"partitioned") is None:
        value += b"; Partitioned"
        reasons.append(Reason.PARTITIONED_ADDED)
    return value, tuple(reasons)


def _same_site(cookie: SetCookie) -> int | None:
    # The strength of the cookie's SameSite; None if it is missing or invalid.
    attribute = cookie.last(b"samesite")
    return None if attribute is None else _STRENGTH.get(attribute.value.lower())


def _with_same_site(value: bytes, cookie: SetCookie, written: bytes) -> bytes:
    # The last SameSite counts.
    attribute = cookie.last(b"samesite")
    if attribute is None:
        return value + b"; SameSite=" + written
    start, end = cookie.offset + attribute.start, cookie.offset + attribute.end
    name = value[start:end].partition(b"=")[0]
    return value[:start] + name + b"=" + written + value[end:]
