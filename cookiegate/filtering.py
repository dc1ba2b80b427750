"""A response's headers through the gate: the hot path.

Most responses set no cookie and are only looked at. Most cookies are registered once under a plain
name: one look-up on the bytes before the first `=` finds their category, and nothing else of them
is read. Whatever is out of the ordinary is handed to the judge, who reads all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from .caching import Header
from .consent import Consent
from .headernames import PLAIN, SET_COOKIE, is_set_cookie
from .judging import Judge
from .setcookie import breaks_framing, read_lifespan, read_set_cookie
from .verdict import Reason, Verdict

__all__ = ["Filter", "Filtered"]

# How many names and attribute texts are remembered, and how long ones.
_REMEMBERED: Final = 4096
_REMEMBERED_BYTES: Final = 256


class Filtered(msgspec.Struct, frozen=True):
    """Headers after the gate, and what caches must be told of them."""

    #: A list that nobody else holds.
    headers: list[Header]
    #: Another consent would have changed the verdict on a cookie in it.
    depends: bool
    #: A consent cookie that the application set itself is in it.
    carries_consent: bool


class _SimpleCategories(dict[bytes, str | None]):
    # The bytes before the first "=" -> the category that decides, or None where more must be
    # looked at. Names only, never a value: what stands before the "=" of a nameless header, or
    # holds a ";", is never asked for.

    def __init__(self, judge: Judge, *, is_watched: bool) -> None:
        super().__init__()
        self._judge = judge
        self._is_watched = is_watched

    def __missing__(self, name: bytes) -> str | None:
        category = None
        if not self._is_watched and b";" not in name and name == name.strip(b" \t"):
            category = self._judge.simple_category(name)
        if len(name) <= _REMEMBERED_BYTES:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[name] = category
        return category


class _DeletionMoments(dict[bytes, float]):
    # The text after the first ";" -> the moment from which it deletes.

    def __missing__(self, attributes: bytes) -> float:
        moment = read_lifespan(read_set_cookie(b";" + attributes)).deletes_from
        if len(attributes) <= _REMEMBERED_BYTES:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[attributes] = moment
        return moment


class Filter:
    """
    Sends each Set-Cookie of a response past the judge, the common ones by a shorter way.

    Args:
        judge: Whose verdicts count.
        required: The categories that hold for everybody.
        on_verdict: Told of each verdict; then every cookie takes the long way.
    """

    __slots__ = ("_categories", "_deletes", "_judge", "_on_verdict", "_required")

    def __init__(
        self,
        judge: Judge,
        required: frozenset[str],
        on_verdict: Callable[[Verdict], None] | None,
    ) -> None:
        self._judge = judge
        self._required = required
        self._on_verdict = on_verdict
        self._categories = _SimpleCategories(judge, is_watched=on_verdict is not None)
        self._deletes = _DeletionMoments()

    def filter(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        consent: Callable[[], Consent],
        *,
        host: Callable[[], str | bytes | None],
        now: Callable[[], float],
        superseded: bool = False,
    ) -> Filtered:
        """
        What is left of a response's headers.

        Args:
            headers: Any iterable of pairs, a generator too; what is not bytes is made bytes.
            consent: Gives the visitor's, once there is a cookie to judge.
            host: Gives the request's host, once somebody asks for it.
            now: Gives Unix seconds, once there is a cookie to judge.
            superseded: Whether only the gate's own consent cookie may leave.
        """
        left: list[Header] = []
        depends = carries_consent = False
        set_cookie, plain = SET_COOKIE, PLAIN
        categories, deletes = self._categories, self._deletes
        required, allowed = self._required, None
        visitor: Consent | None = None
        moment = 0.0
        for name, value in headers:
            try:
                if name not in set_cookie and (name in plain or not is_set_cookie(name)):
                    # A new pair: the application's may be a list, which it could still change.
                    left.append((name, value))
                    continue
                if allowed is None:
                    visitor, moment = consent(), now()
                    allowed = visitor.allowed
                # What stands before the first "=" finds the category. Without a "=" there is no
                # name, and unpacking fails.
                prefix, rest = value.split(b"=", 1)
                category = categories[prefix]
                if category in allowed:
                    # This is breaks_framing, without the price of a call.
                    if not (13 in value or 10 in value or 0 in value):
                        left.append((name, value))
                        depends = depends or category not in required
                        continue
                elif category is not None and deletes[rest.partition(b";")[2]] > moment:
                    depends = depends or not breaks_framing(value)
                    continue
            except Exception:
                # No "=", no bytes, or a defect of ours: the long way tells which.
                name, value = as_bytes(name), as_bytes(value)
                if not is_set_cookie(name):
                    left.append((name, value))
                    continue
            if visitor is None:
                visitor, moment = consent(), now()
            verdict = self._judge.judge(
                value, visitor, host=host(), now=moment, superseded=superseded
            )
            if self._on_verdict is not None:
                self._on_verdict(verdict)
            depends = depends or verdict.depends
            carries_consent = carries_consent or verdict.reason is Reason.CONSENT_COOKIE
            if verdict.header is not None:
                left.append((name, verdict.header))
        return Filtered(left, depends=depends, carries_consent=carries_consent)


def as_bytes(text: bytes | bytearray | memoryview | str) -> bytes:
    """A header's name or value as bytes: some servers take text, and most take any buffer."""
    return text.encode("latin-1") if isinstance(text, str) else bytes(text)
