"""Finished verdicts, remembered for whoever listens: most cookies are set again and again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.headers import is_set_cookie
from cookiegate.http.memo import BoundedDict, Memo
from cookiegate.http.set_cookie import breaks_framing
from cookiegate.loops import DEPENDS

from .context import RequestContext
from .judge import Judge
from .notify import Notifier
from .verdict import Reason, Verdict, stripped

__all__ = ["VerdictMemo"]

# The longest name, and the longest attributes, of which a verdict is remembered (bytes).
_MAX_BYTES: Final = 256
# Stands for the verdicts on a cookie where the request's host decides, too.
_BY_HOST: Final = stripped(Reason.FAILURE, name="")
# The request's host before it is read.
_UNREAD: Final = object()


class VerdictMemo:
    """
    Remembers verdicts by all that decides them: never by a cookie's value.

    Args:
        judge: Gives the entries of a name.
    """

    __slots__ = ("_by_host", "_judge", "_states", "_verdicts")

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        # Each state that was seen -> an object that is compared faster.
        self._states: BoundedDict[Any, object] = BoundedDict()
        # The text before the first "=", the attributes, the state, and the host if it decides.
        self._verdicts: BoundedDict[Any, Verdict] = BoundedDict()
        # The text before the first "=" -> whether the request's host decides, too; None if more
        # than the name and the attributes decides.
        self._by_host: Memo[bytes, bool | None] = Memo(self._is_by_host)

    def state_of(self, consent: Consent, context: RequestContext) -> object:
        """Return what decides verdicts beside the cookie and the host; None if it is not known."""
        try:
            route = context.route
        except Exception:
            return None  # the notifier reports it
        seen = (consent.status, consent.granted, consent.allowed, consent.signals, route)
        state = self._states.get(seen)
        if state is None:
            state = object()
            self._states.remember(seen, state)
        return state

    def recall(
        self,
        first: Any,
        rest: Iterator[Any],
        kept: list[Header],
        state: object,
        notifier: Notifier,
        context: RequestContext,
    ) -> tuple[tuple[Any, ...], int]:
        """
        Decide cookies by remembered verdicts, as far as the first header that has none.

        Args:
            first: A header.
            rest: The headers after it. Each that is taken from it is decided, or returned.
            kept: The headers that leave are appended.
            state: See `state_of`.
            notifier: Calls the callback with each verdict.
            context: The request.

        Returns:
            The header without a remembered verdict, if there is one; and `DEPENDS` or 0.
        """
        remembered, replace = self._verdicts.get, msgspec.structs.replace
        on_verdict = notifier.on_verdict
        host: object = _UNREAD
        found = 0
        for header in chain((first,), rest):
            if type(header) is not tuple or len(header) != 2:
                return (header,), found
            name, value = header
            if type(name) is not bytes or type(value) is not bytes:
                return (header,), found
            # Most have this spelling.
            if name != b"set-cookie" and not is_set_cookie(name):
                return (header,), found
            if 13 in value or 10 in value or 0 in value:
                return (header,), found
            prefix, equals, after = value.partition(b"=")
            attributes = after.partition(b";")[2]
            verdict = remembered((prefix, attributes, state))
            if verdict is _BY_HOST:
                host = context.host if host is _UNREAD else host
                verdict = remembered((prefix, attributes, state, host))
            if verdict is None or not equals:
                return (header,), found
            if verdict.action == "keep":
                verdict = replace(verdict, header=value)
                kept.append(header)
            elif verdict.header is not None:
                kept.append((name, verdict.header))
            if verdict.depends:
                found = DEPENDS
            try:
                on_verdict(verdict)
            except Exception as error:
                context.report_error(error)
        return (), found

    def remember(
        self, value: Any, state: object, verdict: Verdict, context: RequestContext
    ) -> None:
        """
        Remember a finished verdict, if nothing else decides it.

        Args:
            value: The Set-Cookie value.
            state: See `state_of`.
            verdict: The verdict.
            context: The request.
        """
        if state is None or verdict.reason is Reason.FAILURE:
            return
        if type(value) is not bytes or breaks_framing(value):
            return
        prefix, equals, after = value.partition(b"=")
        attributes = after.partition(b";")[2]
        # With Expires, a verdict changes as time goes by.
        if not equals or len(attributes) > _MAX_BYTES or b"expires" in attributes.lower():
            return
        by_host = self._by_host[prefix]
        if by_host is None:
            return
        if verdict.action == "keep":
            verdict = msgspec.structs.replace(verdict, header=None)
        elif verdict.action == "rewrite" and verdict.reason is not Reason.DELETION:
            return  # the header has the cookie's value
        key: Any = (prefix, attributes, state)
        if by_host:
            self._verdicts.remember(key, _BY_HOST)
            key = (*key, context.host)
        self._verdicts.remember(key, verdict)

    def _is_by_host(self, prefix: bytes) -> bool | None:
        # Not if the "=" is in an attribute, and not if browsers would trim the name.
        if len(prefix) > _MAX_BYTES or b";" in prefix or prefix != prefix.strip(b" \t"):
            return None
        if not prefix or not self._judge.goes_by_name(prefix):
            return None
        return any(entry.domains for entry in self._judge.entries(prefix))
