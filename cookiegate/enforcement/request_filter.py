"""Cookie headers without some of the cookies in them; every other byte stays."""

from __future__ import annotations

from collections.abc import Collection

from cookiegate.consent.model import Consent
from cookiegate.http.request import RequestFacts

from .request_judge import RequestJudge

__all__ = ["visible", "without"]


def visible(
    request: RequestFacts, consent: Consent, sent: RequestJudge
) -> tuple[bytes, ...] | None:
    """
    The request's Cookie headers without what is not allowed; None where nothing is to be hidden.

    Args:
        request: The request. One that another site made without our cookie keeps all of them.
        consent: What is allowed.
        sent: Judges what is sent.
    """
    if consent.status == "missing" and request.is_cross_site:
        return None
    refused = sent.refused(request.cookies, consent)
    names = {name for name, _, verdict in refused if verdict.action == "sweep"}
    return tuple(without(header, names) for header in request.cookies) if names else None


def without(header: bytes, names: Collection[bytes]) -> bytes:
    """
    A Cookie header without the cookies of these names; b"" where none is left.

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
