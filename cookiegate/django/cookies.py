"""A response's cookies, byte for byte.

Django keeps cookies as morsels until its handler writes them. A cookie that the gate changes or
sets is a morsel that is written exactly as the gate wants it.
"""

from __future__ import annotations

from contextlib import suppress
from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Any, SupportsIndex

from cookiegate.http.set_cookie import read_set_cookie

__all__ = ["ExactMorsel", "WrittenMorsel", "write", "write_back"]


class _Latin1(str):
    # Django's ASGI handler encodes its cookies as ASCII. Headers may hold more.

    __slots__ = ()

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return super().encode("latin-1")


class ExactMorsel(Morsel[str]):
    """
    A cookie that is written exactly as given.

    Args:
        text: The Set-Cookie value.
        is_async: Whether Django's ASGI handler writes it.
    """

    def __init__(self, text: str, *, is_async: bool = False) -> None:
        super().__init__()
        self._text = text
        self._is_async = is_async
        pair, _, _ = text.partition(";")
        name, _, value = pair.partition("=")
        for attribute in read_set_cookie(text.encode("latin-1")).attributes:
            key = attribute.name.decode("latin-1")
            if self.isReservedKey(key):
                flag = key in ("secure", "httponly")
                self[key] = True if flag else attribute.value.decode("latin-1")
        # Python refuses some names that browsers accept; the text is written all the same.
        with suppress(CookieError):
            self.set(name.strip(), value, value)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        # A cache around the gate pickles the response: a morsel's own state lacks the text.
        return _restore, (self._text, self._is_async)

    def OutputString(self, attrs: Any = None) -> str:
        """Return the text."""
        return self._text

    def output(self, attrs: Any = None, header: str = "Set-Cookie:", sep: str = "\r\n") -> str:
        """Return the text after the header's name."""
        line = super().output(attrs, header)
        return _Latin1(line) if self._is_async else line


def _restore(text: str, is_async: bool) -> ExactMorsel:
    return ExactMorsel(text, is_async=is_async)


class WrittenMorsel(Morsel[str]):
    """A morsel that remembers what it writes until it is changed: to write it takes Python long."""

    _written: tuple[str, str, str, dict[str, Any]] | None = None

    @classmethod
    def write(cls, morsel: Morsel[str]) -> str:
        """Return what a morsel writes, and make it remember that."""
        text = morsel.OutputString()
        if type(morsel) is Morsel:
            morsel.__class__ = cls
        if type(morsel) is cls:
            morsel._written = (text, morsel.key, morsel.coded_value, dict.copy(morsel))
        return text

    def OutputString(self, attrs: Any = None) -> str:
        """Return the cookie as it is written."""
        if attrs is None and self._written is not None:
            text, key, value, attributes = self._written
            if dict.__eq__(self, attributes) and (self.key, self.coded_value) == (key, value):
                return text
        return super().OutputString(attrs)


def write(cookies: SimpleCookie) -> list[str]:
    """Return what Django writes of each of a response's cookies."""
    return [WrittenMorsel.write(morsel) for morsel in cookies.values()]


def write_back(
    before: SimpleCookie, texts: list[str], values: list[str], *, is_async: bool
) -> SimpleCookie:
    """
    Return cookies that Django writes as these values, in their order.

    Args:
        before: The response's cookies. A cookie that the gate kept stays the same morsel.
        texts: What Django writes of each.
        values: The Set-Cookie values that leave.
        is_async: Whether Django's ASGI handler writes them.
    """
    morsels = dict(zip(texts, before.items(), strict=True))
    after: SimpleCookie = SimpleCookie()
    for value in values:
        found = morsels.pop(value, None)
        if found is None:
            morsel: Morsel[str] = ExactMorsel(value, is_async=is_async)
            key = morsel.key or value
        else:
            key, morsel = found
        # Several cookies of one name differ in Path or Domain: each gets its own key.
        while key in after:
            key = f"{key} "
        dict.__setitem__(after, key, morsel)
    return after
