"""The site's support of Global Privacy Control: `/.well-known/gpc.json` (GPC, section 5)."""

from __future__ import annotations

from typing import Final

import msgspec

from cookiegate.gate import Gate
from cookiegate.visit import Visit

from .messages import NO_SNIFF, PageResponse

__all__ = ["GPC_PATH", "acts_on_gpc", "render_gpc"]

GPC_PATH: Final = "/.well-known/gpc.json"
_CACHING: Final = (b"cache-control", b"max-age=3600")
_HEADERS: Final = ((b"content-type", b"application/json"), _CACHING, NO_SNIFF)


def acts_on_gpc(gate: Gate) -> bool:
    """Return True if the signal has an effect: not if it is ignored, nor in report mode."""
    signals = gate.registry.policy.signals
    return signals["gpc"] != "ignore" and gate.pipeline.changes_responses


def render_gpc(visit: Visit) -> PageResponse:
    """Return the resource: the site acts on the signal, with the registry's date if it has one."""
    body: dict[str, object] = {"gpc": True}
    if visit.registry.site.updated is not None:
        body["lastUpdate"] = visit.registry.site.updated.isoformat()
    return PageResponse(
        status=200,
        headers=_HEADERS,
        body=msgspec.json.encode(body),
    )
