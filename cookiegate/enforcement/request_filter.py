"""The cookies of a request that the application may see."""

from __future__ import annotations

from cookiegate.http.cookie_header import without_cookies

from .context import RequestContext
from .request_judge import RequestJudge

__all__ = ["visible"]


def visible(context: RequestContext, judge: RequestJudge) -> tuple[bytes, ...] | None:
    """
    Return the request's Cookie headers without cookies that are not allowed; None to hide nothing.

    Args:
        context: The request. Nothing is hidden if another site made it and it lacks the consent
            cookie, which SameSite=Lax may have kept back.
        judge: Judges the request's cookies.
    """
    facts = context.facts
    if context.consent.status == "missing" and facts.is_cross_site:
        return None
    names = {name for name, _, verdict in judge.refused(context) if verdict.action == "sweep"}
    return tuple(without_cookies(header, names) for header in facts.cookies) if names else None
