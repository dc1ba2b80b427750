"""Cookie headers without some of the cookies in them; every other byte stays."""

from __future__ import annotations

from collections.abc import Collection

from .context import RequestContext
from .request_judge import RequestJudge

__all__ = ["visible", "without"]


def visible(context: RequestContext, judge: RequestJudge) -> tuple[bytes, ...] | None:
    """
    Return the request's Cookie headers without what is not allowed; None to hide nothing.

    Args:
        context: The request. One that another site made without our cookie keeps all of them.
        judge: Judges the request's cookies.
    """
    facts = context.facts
    if context.consent.status == "missing" and facts.is_cross_site:
        return None
    names = {name for name, _, verdict in judge.refused(context) if verdict.action == "sweep"}
    return tuple(without(header, names) for header in facts.cookies) if names else None


def without(header: bytes, names: Collection[bytes]) -> bytes:
    """
    Return a Cookie header without the cookies of these names; b"" where none is left.

    Args:
        header: The header's value.
        names: The names, as they stand before the "=".
    """
    pairs = header.split(b";")
    left = [pair for pair in pairs if _name(pair) not in names]
    if len(left) == len(pairs):
        return header
    # The blank after a semicolon belongs to no cookie.
    return b";".join(left).lstrip(b" \t")


def _name(pair: bytes) -> bytes:
    name, equals, _ = pair.partition(b"=")
    return name.strip(b" \t") if equals else b""
