"""What whoever listens to verdicts is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from cookiegate.http.headers import as_bytes
from cookiegate.http.set_cookie import longest_life, read_set_cookie
from cookiegate.registry import Entry

from .verdict import Reason, Verdict

__all__ = ["Tell", "listen"]

#: Told of a verdict: with the header's value, Unix seconds, and what gives the route's template.
Tell = Callable[[Verdict, bytes, float, Callable[[], str | None] | None], None]

# Nothing in the registry says how long these are to live.
_UNKNOWN: Final = frozenset((Reason.UNKNOWN, Reason.UNKNOWN_ALLOWED))


def listen(
    on_verdict: Callable[[Verdict], None],
    entries: Callable[[bytes], tuple[Entry, ...]],
    on_error: Callable[[Exception], None],
) -> Tell:
    """
    Return what tells a listener, who must not be able to break a response.

    Args:
        on_verdict: The listener.
        entries: Gives the entries of a name.
        on_error: Told of whatever goes wrong on the way.
    """

    def tell(
        verdict: Verdict, value: bytes, now: float, route: Callable[[], str | None] | None
    ) -> None:
        template = None
        try:
            template = None if route is None else route()
        except Exception as error:
            on_error(error)
        try:
            lifetime = None
            if verdict.reason in _UNKNOWN:
                lifetime = longest_life(read_set_cookie(as_bytes(value)), now)
            told = msgspec.structs.replace(
                verdict,
                entry=_entry_of(verdict, entries),
                lifetime=lifetime,
                route=template,
            )
            on_verdict(told)
        except Exception as error:
            on_error(error)

    return tell


def _entry_of(verdict: Verdict, entries: Callable[[bytes], tuple[Entry, ...]]) -> str | None:
    if verdict.category is None or not verdict.name:
        return None
    found = entries(verdict.name.encode("utf-8", "surrogateescape"))
    return next((e.names[0] for e in found if e.category == verdict.category), None)
