"""The filter of a response's headers: the hot path.

Most responses set no cookie. Most cookies are registered once, under a plain name: one look-up of
the bytes before the first `=` finds their category, and nothing else of them is read (the short
way). The judge reads all other cookies in full (the long way).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.headers import (
    FOR_CACHES,
    OTHER,
    SET_COOKIE,
    Kind,
    begins_cookie,
    is_watched_text,
    kind_of,
    stable_part,
)
from cookiegate.http.memo import Memo
from cookiegate.http.set_cookie import breaks_framing, read_lifespan, read_set_cookie

from .context import RequestContext
from .judge import Judge
from .notify import Notifier
from .verdict import Reason

__all__ = ["Filtered", "ResponseFilter"]

# Replaces the value of a header that would begin another: it is stripped in every mode.
_BREAK: Final = b"\n"


class Filtered(msgspec.Struct, frozen=True):
    """Filtered headers, and what their cache headers depend on."""

    #: A new list.
    headers: list[Header]
    #: The indices of the headers that caches obey.
    lines: list[int]
    #: Whether another consent would have changed the verdict on a cookie in it.
    depends: bool
    #: Whether it holds a consent cookie that the application set itself.
    carries_consent: bool
    #: Whether it holds a Content-Security-Policy.
    has_policy: bool


class ResponseFilter:
    """
    Judges each Set-Cookie of a response, the common ones by a shorter way.

    Args:
        judge: Judges the others.
        required: The categories that are allowed for every visitor.
        notifier: Calls the callback with each verdict; with one, every cookie takes the long way.
    """

    __slots__ = ("_categories", "_deletes", "_judge", "_notifier", "_required")

    def __init__(self, judge: Judge, required: frozenset[str], notifier: Notifier | None) -> None:
        self._judge = judge
        self._required = required
        self._notifier = notifier
        # The bytes before the first "=" -> the category that alone decides, or None for the long
        # way. Names only, never a value.
        self._categories: Memo[str | None] = Memo(self._category_of)
        # The text after the first ";" -> the time from which it deletes.
        self._deletes: Memo[float] = Memo(_deletes_from)

    def filter(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        context: RequestContext,
        *,
        every_in_full: bool = False,
    ) -> Filtered:
        """
        Return a response's headers without the cookies that are not allowed.

        Args:
            headers: Any iterable of pairs, also a generator; text is converted to bytes.
            context: The request. It is read only if there is a cookie to judge.
            every_in_full: Whether every cookie takes the long way.
        """
        if type(headers) is not list:
            headers = list(headers)
        notifier = self._notifier
        every_in_full = every_in_full or notifier is not None
        filtered: list[Header] = []
        lines: list[int] = []
        # Values that the short way kept: searched for line ends at the end, as one text.
        kept: list[bytes] = []
        depends = carries_consent = has_policy = False
        set_cookie, other, for_caches = SET_COOKIE, OTHER, FOR_CACHES
        categories, deletes = self._categories.values, self._deletes.values
        required, allowed = self._required, None
        consent: Consent | None = None
        now = 0.0
        for name, value in headers:
            try:
                if type(name) is not bytes or type(value) is not bytes:
                    raise TypeError  # it might read differently the second time
                if name not in set_cookie:
                    if name in other:
                        kind: Kind = "other"
                    elif name in for_caches:
                        kind = "cache"
                    else:
                        kind = kind_of(name)
                    if kind != "set-cookie":
                        if kind == "broken" or (every_in_full and begins_cookie(value)):
                            raise ValueError(kind)
                        if kind == "cache":
                            lines.append(len(filtered))
                        has_policy = has_policy or kind == "policy"
                        kept.append(value)
                        # A new pair: the application's may be a list, which it could still change.
                        filtered.append((name, value))
                        continue
                if allowed is None:
                    consent, now = self._consent(context)
                    allowed = consent.allowed
                if not every_in_full:
                    # The bytes before the first "=" give the category. Without "=", there is no
                    # name, and unpacking fails.
                    prefix, rest = value.split(b"=", 1)
                    try:
                        category = categories[prefix]
                    except KeyError:
                        category = self._categories.compute(prefix)
                    if category in allowed:
                        kept.append(value)
                        filtered.append((name, value))
                        depends = depends or category not in required
                        continue
                    if category is not None:
                        attributes = rest.partition(b";")[2]
                        try:
                            deletes_from = deletes[attributes]
                        except KeyError:
                            deletes_from = self._deletes.compute(attributes)
                        if deletes_from > now:
                            depends = depends or not breaks_framing(value)
                            continue
            except Exception:
                # No "=", no bytes, or a failure of the gate: the long way finds out.
                name, value, kind = _unusual(name, value)
                if kind != "set-cookie":
                    if kind == "cache":
                        lines.append(len(filtered))
                    has_policy = has_policy or kind == "policy"
                    filtered.append((name, value))
                    continue
            if consent is None:
                consent, now = self._consent(context)
            verdict = self._judge.judge(
                value,
                consent,
                host=context.host,
                now=now,
                superseded=context.has_decided,
                recorded=context.recorder is not None,
                on_error=context.report_error,
            )
            if notifier is not None:
                notifier.notify(verdict, context, value=value, now=now)
            depends = depends or verdict.depends
            carries_consent = carries_consent or verdict.reason is Reason.CONSENT_COOKIE
            if verdict.header is not None:
                filtered.append((name, verdict.header))
        if not every_in_full and breaks_framing(b"".join(kept)):
            return self.filter(headers, context, every_in_full=True)
        return Filtered(
            filtered,
            lines,
            depends=depends,
            carries_consent=carries_consent,
            has_policy=has_policy,
        )

    def _consent(self, context: RequestContext) -> tuple[Consent, float]:
        try:
            return context.consent, context.now
        except Exception as error:
            # If the clock fails or the request cannot be read, nothing optional is allowed.
            context.report_error(error)
            return self._judge.no_consent(), 0.0

    def _category_of(self, prefix: bytes) -> str | None:
        # Not if the "=" is in an attribute, and not if browsers would trim the name.
        if b";" in prefix or prefix != prefix.strip(b" \t"):
            return None
        return self._judge.simple_category(prefix)


def _deletes_from(attributes: bytes) -> float:
    return read_lifespan(read_set_cookie(b";" + attributes)).deletes_from


def _unusual(name: Any, value: Any) -> tuple[Any, Any, Kind]:
    # Return a header that is not of plain bytes, or that is broken, as it is judged and may leave.
    name = stable_part(name)
    if type(name) is bytes:
        kind = kind_of(name)
    elif isinstance(name, str) and is_watched_text(name):
        kind = "broken"  # a server that leaves other characters out would write it
    else:
        return name, value, "other"  # no server can write it; each has its own error
    if kind != "broken" and kind != "set-cookie":
        value = stable_part(value)
        if type(value) is bytes and (value == _BREAK or begins_cookie(value)):
            kind = "broken"
    return (b"set-cookie", _BREAK, "set-cookie") if kind == "broken" else (name, value, kind)
