"""Finished verdicts, remembered for whoever listens: most cookies are set again and again."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.memo import BoundedDict, Memo
from cookiegate.http.set_cookie import breaks_framing

from .context import RequestContext
from .judge import Judge
from .verdict import Reason, Verdict

__all__ = ["VerdictMemo"]

# The longest name, and the longest attributes, of which a verdict is remembered (bytes).
_MAX_BYTES: Final = 256


class VerdictMemo:
    """
    Remembers verdicts by all that decides them: never by a cookie's value.

    Args:
        judge: Gives the entries of a name.
    """

    __slots__ = ("_by_host", "_judge", "_verdicts")

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._verdicts: BoundedDict[Any, Verdict] = BoundedDict()
        # The text before the first "=" -> whether the request's host decides, too; None if more
        # than the name and the attributes decides.
        self._by_host: Memo[bytes, bool | None] = Memo(self._is_by_host)

    def key_of(self, value: bytes, consent: Consent, context: RequestContext) -> Any:
        """
        Return the key of the verdict on a Set-Cookie value; None if it is not to be remembered.

        Args:
            value: The value.
            consent: The visitor's consent.
            context: The request.
        """
        if type(value) is not bytes or breaks_framing(value):
            return None
        pair, _, attributes = value.partition(b";")
        prefix, equals, _ = pair.partition(b"=")
        # With Expires, a verdict changes as time goes by.
        if not equals or len(attributes) > _MAX_BYTES or b"expires" in attributes.lower():
            return None
        by_host = self._by_host[prefix]
        if by_host is None:
            return None
        return (
            *(prefix, attributes, context.route, context.host if by_host else None),
            *(consent.status, consent.granted, consent.allowed, consent.signals),
        )

    def recall(self, key: Any, value: bytes) -> Verdict | None:
        """Return the verdict that is remembered for a key, with the value of this cookie."""
        verdict = self._verdicts.get(key)
        if verdict is None or verdict.action != "keep":
            return verdict
        return msgspec.structs.replace(verdict, header=value)

    def remember(self, key: Any, verdict: Verdict) -> None:
        """Remember a finished verdict."""
        if verdict.reason is Reason.FAILURE:
            return
        if verdict.action == "keep":
            verdict = msgspec.structs.replace(verdict, header=None)
        elif verdict.action == "rewrite" and verdict.reason is not Reason.DELETION:
            return  # the header has the cookie's value
        self._verdicts.remember(key, verdict)

    def _is_by_host(self, prefix: bytes) -> bool | None:
        if len(prefix) > _MAX_BYTES or not prefix or prefix != prefix.strip(b" \t"):
            return None
        if not self._judge.goes_by_name(prefix):
            return None
        return any(entry.domains for entry in self._judge.entries(prefix))
