"""A response's headers through the gate: the hot path.

Most responses set no cookie and are only looked at. Most cookies are registered once under a plain
name: one look-up on the bytes before the first `=` finds their category, and nothing else of them
is read. Whatever is out of the ordinary is handed to the judge, who reads all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.headers import FOR_CACHES, OTHER, SET_COOKIE, as_bytes, kind_of
from cookiegate.http.memo import Memo
from cookiegate.http.set_cookie import breaks_framing, read_lifespan, read_set_cookie

from .context import RequestContext
from .judge import Judge
from .notify import Notifier
from .verdict import Reason

__all__ = ["Filtered", "ResponseFilter"]

# Replaces the value of a header with a broken name: it is stripped in every mode.
_BREAK: Final = b"\n"


class Filtered(msgspec.Struct, frozen=True):
    """Headers after the gate, and what caches must be told of them."""

    #: A list that is the caller's alone.
    headers: list[Header]
    #: Where in it the headers are that caches go by.
    lines: list[int]
    #: Another consent would have changed the verdict on a cookie in it.
    depends: bool
    #: A consent cookie that the application set itself is in it.
    carries_consent: bool
    #: A Content-Security-Policy is in it.
    has_policy: bool


class ResponseFilter:
    """
    Judges each Set-Cookie of a response, the common ones by a shorter way.

    Args:
        judge: Judges.
        required: The categories that every visitor allows.
        notifier: Hands each verdict to a callback; then every cookie takes the long way.
    """

    __slots__ = ("_categories", "_deletes", "_judge", "_notifier", "_required")

    def __init__(self, judge: Judge, required: frozenset[str], notifier: Notifier | None) -> None:
        self._judge = judge
        self._required = required
        self._notifier = notifier
        # The bytes before the first "=" -> the category that decides, or None where more must be
        # looked at. Names only, never a value.
        self._categories: Memo[str | None] = Memo(self._category_of)
        # The text after the first ";" -> the moment from which it deletes.
        self._deletes: Memo[float] = Memo(_deletes_from)

    def filter(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        context: RequestContext,
        *,
        every_in_full: bool = False,
    ) -> Filtered:
        """
        Return what is left of a response's headers.

        Args:
            headers: Any iterable of pairs, a generator too; what is not bytes is made bytes.
            context: The request. It is read once there is a cookie to judge.
            every_in_full: Whether every cookie takes the long way.
        """
        if type(headers) is not list:
            headers = list(headers)
        notifier = self._notifier
        every_in_full = every_in_full or notifier is not None
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
                    visitor, moment = self._visitor(context)
                    allowed = visitor.allowed
                if not every_in_full:
                    # What stands before the first "=" finds the category. Without a "=" there is
                    # no name, and unpacking fails.
                    prefix, rest = value.split(b"=", 1)
                    category = categories[prefix]
                    if category in allowed:
                        kept.append(value)
                        left.append((name, value))
                        depends = depends or category not in required
                        continue
                    if category is not None and deletes[rest.partition(b";")[2]] > moment:
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
                visitor, moment = self._visitor(context)
            verdict = self._judge.judge(
                value,
                visitor,
                host=context.host,
                now=moment,
                superseded=context.has_decided,
                on_error=context.report_error,
            )
            if notifier is not None:
                notifier.notify(verdict, context, value=value, now=moment)
            depends = depends or verdict.depends
            carries_consent = carries_consent or verdict.reason is Reason.CONSENT_COOKIE
            if verdict.header is not None:
                left.append((name, verdict.header))
        if breaks_framing(b"".join(kept)):
            return self.filter(headers, context, every_in_full=True)
        return Filtered(
            left,
            lines,
            depends=depends,
            carries_consent=carries_consent,
            has_policy=has_policy,
        )

    def _visitor(self, context: RequestContext) -> tuple[Consent, float]:
        try:
            return context.consent, context.now
        except Exception as error:
            # A broken clock, or a request that cannot be read: then nothing optional is allowed.
            context.report_error(error)
            return self._judge.no_consent(), 0.0

    def _category_of(self, prefix: bytes) -> str | None:
        # Not what stands before the "=" of a nameless header, nor what browsers would trim.
        if b";" in prefix or prefix != prefix.strip(b" \t"):
            return None
        return self._judge.simple_category(prefix)


def _deletes_from(attributes: bytes) -> float:
    return read_lifespan(read_set_cookie(b";" + attributes)).deletes_from
