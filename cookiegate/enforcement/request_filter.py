"""The cookies of a request that the application may see."""

from __future__ import annotations

from cookiegate.http.cookie_header import MOST_PAIRS, possible_names

from .context import RequestContext
from .request_judge import RequestJudge

__all__ = ["visible"]


def visible(context: RequestContext, judge: RequestJudge) -> tuple[bytes, ...] | None:
    """
    Return the request's Cookie headers without cookies that are not allowed; None to hide nothing.

    A cookie is hidden if some parser of cookies could read it under the name of one that is not
    allowed, and if it is one too many to be judged.

    Args:
        context: The request. Nothing is hidden if another site made it and it lacks the consent
            cookie, which SameSite=Lax may have kept back.
        judge: Judges the request's cookies.
    """
    facts = context.facts
    if context.consent.status == "missing" and facts.is_cross_site:
        return None
    slots = MOST_PAIRS
    seen = []
    for header in facts.cookies:
        pairs = header.split(b";")
        remaining = [
            pair
            for pair in pairs[:slots]
            if not any(judge.is_hidden(name, context) for name in possible_names(pair))
        ]
        slots = max(0, slots - len(pairs))
        # The blank after a semicolon belongs to no cookie.
        seen.append(b";".join(remaining).lstrip())
    return None if tuple(seen) == facts.cookies else tuple(seen)
