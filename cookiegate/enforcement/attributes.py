"""Raising a cookie's attributes to the floor that the registry asks for, and never lowering one.

In the manner of the cookie policies of web frameworks: weaker attributes are raised, stronger ones
stay, and every other byte is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cookiegate.http.set_cookie import SetCookie, read_set_cookie
from cookiegate.registry import MinimumAttributes, SameSiteNoneRule

from .verdict import Reason

__all__ = ["asks_something", "raised", "together"]

# By strength. A missing or invalid one is Lax in some browsers and None in others, so the weakest.
_ORDER: Final = ("none", "lax", "strict")
_STRENGTH: Final = {word.encode(): strength for strength, word in enumerate(_ORDER)}


def asks_something(floor: MinimumAttributes) -> bool:
    """Whether some cookie could stand below this floor."""
    return floor.secure or floor.http_only or floor.partitioned or floor.same_site != "none"


def together(floors: Sequence[MinimumAttributes]) -> MinimumAttributes:
    """The floor that holds where each of these does."""
    if len(floors) == 1:
        return floors[0]
    return MinimumAttributes(
        secure=any(floor.secure for floor in floors),
        http_only=any(floor.http_only for floor in floors),
        same_site=max((floor.same_site for floor in floors), key=_ORDER.index),
        partitioned=any(floor.partitioned for floor in floors),
    )


def raised(
    value: bytes, floor: MinimumAttributes, same_site_none: SameSiteNoneRule
) -> tuple[bytes, tuple[Reason, ...]]:
    """
    A Set-Cookie value with its attributes raised to the floor, and what was done or is odd.

    Args:
        value: The value.
        floor: The least that its attributes must say.
        same_site_none: What happens to `SameSite=None` without Secure, which Chromium refuses.
    """
    cookie = read_set_cookie(value)
    reasons: list[Reason] = []
    same_site = _same_site(cookie)
    if (same_site or 0) < (wanted := _ORDER.index(floor.same_site)):
        value = _with_same_site(value, cookie, floor.same_site.capitalize().encode())
        same_site = wanted
        reasons.append(Reason.SAME_SITE_RAISED)
    needs_secure = floor.secure or floor.partitioned
    if cookie.last(b"secure") is None:
        if same_site == 0 and same_site_none != "off":
            reasons.append(Reason.SAME_SITE_NONE)
            needs_secure = needs_secure or same_site_none == "mend"
        if needs_secure:
            value += b"; Secure"
            reasons.append(Reason.SECURE_ADDED)
    if floor.http_only and cookie.last(b"httponly") is None:
        value += b"; HttpOnly"
        reasons.append(Reason.HTTP_ONLY_ADDED)
    if floor.partitioned and cookie.last(b"partitioned") is None:
        value += b"; Partitioned"
        reasons.append(Reason.PARTITIONED_ADDED)
    return value, tuple(reasons)


def _same_site(cookie: SetCookie) -> int | None:
    # How strong the cookie's SameSite is; None where there is none that counts.
    attribute = cookie.last(b"samesite")
    return None if attribute is None else _STRENGTH.get(attribute.value.lower())


def _with_same_site(value: bytes, cookie: SetCookie, written: bytes) -> bytes:
    # The last one is the one that counts.
    attribute = cookie.last(b"samesite")
    if attribute is None:
        return value + b"; SameSite=" + written
    start, end = cookie.offset + attribute.start, cookie.offset + attribute.end
    name = value[start:end].partition(b"=")[0]
    return value[:start] + name + b"=" + written + value[end:]
