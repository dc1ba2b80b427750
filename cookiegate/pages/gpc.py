"""What the site says about Global Privacy Control, where others look for it.

The GPC specification, section 5: `/.well-known/gpc.json`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cookiegate.visit import Visit

from .exchange import PageResponse

__all__ = ["GPC_PATH", "answer_gpc"]

GPC_PATH: Final = "/.well-known/gpc.json"


def answer_gpc(visit: Visit) -> PageResponse:
    """Whether the site acts on the signal; and since when, where the registry has a date."""
    body: dict[str, object] = {"gpc": visit.registry.policy.signals["gpc"] != "ignore"}
    if visit.registry.site.updated is not None:
        body["lastUpdate"] = visit.registry.site.updated.isoformat()
    return PageResponse(
        status=200,
        headers=(
            (b"content-type", b"application/json"),
            (b"cache-control", b"max-age=3600"),
            (b"x-content-type-options", b"nosniff"),
        ),
        body=msgspec.json.encode(body),
    )
