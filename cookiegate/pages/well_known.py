"""What the site says about Global Privacy Control, where others look for it.

The GPC specification, section 5: `/.well-known/gpc.json`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cookiegate.gate import Gate
from cookiegate.visit import Visit

from .messages import PageResponse

__all__ = ["GPC_PATH", "acts_on_gpc", "answer_gpc"]

GPC_PATH: Final = "/.well-known/gpc.json"


def acts_on_gpc(gate: Gate) -> bool:
    """Whether the signal has an effect: not where it is ignored, nor on a site that reports."""
    signals = gate.registry.policy.signals
    return signals["gpc"] != "ignore" and gate.snapshot.changes_responses


def answer_gpc(visit: Visit) -> PageResponse:
    """That the site acts on the signal; and since when, where the registry has a date."""
    body: dict[str, object] = {"gpc": True}
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
