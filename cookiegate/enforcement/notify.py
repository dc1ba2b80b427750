"""Callbacks for verdicts, which are completed with entry, lifetime and route."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cookiegate.http.headers import as_bytes
from cookiegate.http.set_cookie import longest_life, read_set_cookie
from cookiegate.registry import Entry

from .context import RequestContext
from .verdict import Reason, Verdict

__all__ = ["Notifier"]


class Notifier:
    """
    Calls a callback with verdicts. If it fails, the response is delivered all the same.

    Args:
        on_verdict: The callback.
        entries: Returns the entries of a name.
    """

    __slots__ = ("_entries", "on_verdict")

    def __init__(
        self,
        on_verdict: Callable[[Verdict], None],
        entries: Callable[[bytes], tuple[Entry, ...]],
    ) -> None:
        self.on_verdict: Callable[[Verdict], None] = on_verdict
        self._entries = entries

    def notify(
        self, verdict: Verdict, context: RequestContext, *, value: bytes = b"", now: float = 0
    ) -> Verdict | None:
        """
        Complete a verdict and call the callback with it.

        Args:
            verdict: The verdict.
            context: The request.
            value: The Set-Cookie value that was judged; b"" if it was something else.
            now: Unix seconds; a value's lifetime needs it.

        Returns:
            The completed verdict; None if that or the callback failed.
        """
        route = None
        try:
            route = context.route
        except Exception as error:
            context.report_error(error)
        try:
            lifetime = None
            if verdict.reason.is_unknown or Reason.OUTLIVES in verdict.notes:
                lifetime = longest_life(read_set_cookie(as_bytes(value)), now)
            verdict = msgspec.structs.replace(
                verdict, entry=self._entry_of(verdict), lifetime=lifetime, route=route
            )
            self.on_verdict(verdict)
        except Exception as error:
            context.report_error(error)
            return None
        return verdict

    def _entry_of(self, verdict: Verdict) -> str | None:
        if verdict.category is None or not verdict.name:
            return None
        found = self._entries(verdict.name.encode("utf-8", "surrogateescape"))
        return next((e.names[0] for e in found if e.category == verdict.category), None)
