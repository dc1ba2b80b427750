"""A response's cookies, to the byte.

Django keeps them as morsels until its handler writes each out. What the gate changed, and what it
sets itself, is a morsel that is written exactly as the gate has it.
"""

from __future__ import annotations

from contextlib import suppress
from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Any

from cookiegate.http.set_cookie import read_set_cookie

__all__ = ["ExactMorsel", "written_back"]


class ExactMorsel(Morsel[str]):
    """
    A cookie that is written as one text, whatever is in it.

    Args:
        text: The Set-Cookie value.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        pair, _, _ = text.partition(";")
        name, _, value = pair.partition("=")
        for attribute in read_set_cookie(text.encode("latin-1")).attributes:
            key = attribute.name.decode("latin-1")
            if self.isReservedKey(key):
                flag = key in ("secure", "httponly")
                self[key] = True if flag else attribute.value.decode("latin-1")
        # Python's idea of a name is narrower than browsers'; it is written all the same.
        with suppress(CookieError):
            self.set(name.strip(), value, value)

    def OutputString(self, attrs: Any = None) -> str:
        """The text."""
        return self._text


def written_back(before: SimpleCookie, values: list[str]) -> SimpleCookie:
    """
    Cookies that Django writes out as these values, in their order.

    Args:
        before: The response's; a cookie that the gate let pass as it was is the same morsel.
        values: The Set-Cookie values that leave.
    """
    morsels = {morsel.OutputString(): (key, morsel) for key, morsel in before.items()}
    after: SimpleCookie = SimpleCookie()
    for value in values:
        key, morsel = morsels.pop(value, (None, None))
        if morsel is None:
            morsel = ExactMorsel(value)
            key = morsel.key or value
        # Several of one name differ in their Path or Domain: each has a key of its own.
        while key in after:
            key = f"{key} "
        dict.__setitem__(after, str(key), morsel)
    return after
