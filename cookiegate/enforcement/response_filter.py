"""A response's headers through the gate: the hot path.

Most responses set no cookie and are only looked at. Most cookies are registered once under a plain
name: one look-up on the bytes before the first `=` finds their category, and nothing else of them
is read. Whatever is out of the ordinary is handed to the judge, who reads all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.headers import FOR_CACHES, OTHER, SET_COOKIE, as_bytes, kind_of
from cookiegate.http.set_cookie import breaks_framing, read_lifespan, read_set_cookie

from .judge import Judge
from .notify import Tell
from .verdict import Reason

__all__ = ["Filter", "Filtered"]

# How many names and attribute texts are remembered, and how long ones.
_REMEMBERED: Final = 4096
_REMEMBERED_BYTES: Final = 256
# In the place of what stands in a broken name: it is stripped in every mode.
_BREAK: Final = b"\n"


class Filtered(msgspec.Struct, frozen=True):
    """Headers after the gate, and what caches must be told of them."""

    #: A list that nobody else holds.
    headers: list[Header]
    #: Where in it the headers are that caches go by.
    lines: list[int]
    #: Another consent would have changed the verdict on a cookie in it.
    depends: bool
    #: A consent cookie that the application set itself is in it.
    carries_consent: bool
    #: A Content-Security-Policy is in it.
    has_policy: bool


class Filter:
    """
    Sends each Set-Cookie of a response past the judge, the common ones by a shorter way.

    Args:
        judge: Whose verdicts count.
        required: The categories that hold for everybody.
        tell: Told of each verdict; then every cookie takes the long way.
    """

    __slots__ = ("_categories", "_deletes", "_judge", "_required", "_tell")

    def __init__(
        self,
        judge: Judge,
        required: frozenset[str],
        tell: Tell | None,
    ) -> None:
        self._judge = judge
        self._required = required
        self._tell = tell
        # The bytes before the first "=" -> the category that decides, or None where more must be
        # looked at. Names only, never a value.
        self._categories: dict[bytes, str | None] = {}
        # The text after the first ";" -> the moment from which it deletes.
        self._deletes: dict[bytes, float] = {}

    def filter(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        consent: Callable[[], Consent],
        *,
        host: Callable[[], str | bytes | None],
        now: Callable[[], float],
        route: Callable[[], str | None] | None = None,
        superseded: bool = False,
        every_in_full: bool = False,
    ) -> Filtered:
        """
        What is left of a response's headers.

        Args:
            headers: Any iterable of pairs, a generator too; what is not bytes is made bytes.
            consent: Gives the visitor's, once there is a cookie to judge.
            host: Gives the request's host, once somebody asks for it.
            now: Gives Unix seconds, once there is a cookie to judge.
            route: Gives the route's template to whoever listens.
            superseded: Whether only the gate's own consent cookie may leave.
            every_in_full: Whether no cookie takes the short way.
        """
        if type(headers) is not list:
            headers = list(headers)
        every_in_full = every_in_full or self._tell is not None
        left: list[Header] = []
        lines: list[int] = []
        # What was kept by the short way: looked through at the end, as one text.
        kept: list[bytes] = []
        depends = carries_consent = has_policy = False
        set_cookie, other, for_caches = SET_COOKIE, OTHER, FOR_CACHES
        categories, deletes = self._categories, self._deletes
        required, allowed = self._required, None
        visitor: Consent | None = None
        moment = 0.0
        for name, value in headers:
            try:
                if name not in set_cookie:
                    # A new pair: the application's may be a list, which it could still change.
                    if name in other:
                        left.append((name, value))
                        continue
                    if name in for_caches or (kind := kind_of(name)) == "cache":
                        lines.append(len(left))
                        left.append((name, value))
                        continue
                    if kind in ("other", "policy"):
                        has_policy = has_policy or kind == "policy"
                        left.append((name, value))
                        continue
                    if kind == "broken":
                        raise ValueError(kind)
                if allowed is None:
                    visitor, moment = self._who(consent, now)
                    allowed = visitor.allowed
                if not every_in_full:
                    # What stands before the first "=" finds the category. Without a "=" there is
                    # no name, and unpacking fails.
                    prefix, rest = value.split(b"=", 1)
                    try:
                        category = categories[prefix]
                    except KeyError:
                        category = self._learn_category(prefix)
                    if category in allowed:
                        kept.append(value)
                        left.append((name, value))
                        depends = depends or category not in required
                        continue
                    if category is not None:
                        attributes = rest.partition(b";")[2]
                        try:
                            deletes_from = deletes[attributes]
                        except KeyError:
                            deletes_from = self._learn_deletion(attributes)
                        if deletes_from > moment:
                            depends = depends or not breaks_framing(value)
                            continue
            except Exception:
                # No "=", no bytes, or a defect of ours: the long way tells which.
                try:
                    name = as_bytes(name)
                except Exception:
                    # Not even a name in bytes: nothing that a browser could take for a cookie.
                    left.append((name, value))
                    continue
                if (kind := kind_of(name)) == "broken":
                    value = _BREAK
                elif kind != "set-cookie":
                    if kind == "cache":
                        lines.append(len(left))
                    has_policy = has_policy or kind == "policy"
                    with suppress(UnicodeEncodeError, TypeError):
                        value = as_bytes(value)
                    left.append((name, value))
                    continue
            if visitor is None:
                visitor, moment = self._who(consent, now)
            verdict = self._judge.judge(
                value, visitor, host=host(), now=moment, superseded=superseded
            )
            if self._tell is not None:
                self._tell(verdict, value, moment, route)
            depends = depends or verdict.depends
            carries_consent = carries_consent or verdict.reason is Reason.CONSENT_COOKIE
            if verdict.header is not None:
                left.append((name, verdict.header))
        if breaks_framing(b"".join(kept)):
            return self.filter(
                headers,
                consent,
                host=host,
                now=now,
                route=route,
                superseded=superseded,
                every_in_full=True,
            )
        return Filtered(
            left,
            lines,
            depends=depends,
            carries_consent=carries_consent,
            has_policy=has_policy,
        )

    def _who(
        self, consent: Callable[[], Consent], now: Callable[[], float]
    ) -> tuple[Consent, float]:
        try:
            return consent(), now()
        except Exception as error:
            # A broken clock, or a request that cannot be read: then nobody has allowed anything.
            return self._judge.nobody(error), 0.0

    def _learn_category(self, prefix: bytes) -> str | None:
        category = None
        # Not what stands before the "=" of a nameless header, nor what browsers would trim.
        if b";" not in prefix and prefix == prefix.strip(b" \t"):
            category = self._judge.simple_category(prefix)
        if len(prefix) <= _REMEMBERED_BYTES:
            if len(self._categories) >= _REMEMBERED:
                self._categories = {}
            self._categories[prefix] = category
        return category

    def _learn_deletion(self, attributes: bytes) -> float:
        moment = read_lifespan(read_set_cookie(b";" + attributes)).deletes_from
        if len(attributes) <= _REMEMBERED_BYTES:
            if len(self._deletes) >= _REMEMBERED:
                self._deletes = {}
            self._deletes[attributes] = moment
        return moment
