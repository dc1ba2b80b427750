"""The application of the servers: `benchmarks.ledger.app:recorded` and `:unrecorded`."""

from __future__ import annotations

import os
from typing import Any

from benchmarks.subjects import KEY, registry
from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.ledger import Ledger

gate = Gate(registry(), KEY)
offered = gate.registry.offered


async def choosing(scope: Any, receive: Any, send: Any) -> None:
    """Grants everything to a visitor who had granted a part of it."""
    if scope["type"] != "http":
        raise RuntimeError(scope["type"])
    scope["cookiegate"].choose(offered, evidence="a benchmark")
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


unrecorded = CookieGateMiddleware(choosing, gate)
recorded = CookieGateMiddleware(
    choosing, gate, recorder=Ledger(os.environ["COOKIEGATE_BENCH_LEDGER"])
)
