"""The applications for real servers: `benchmarks.apps:bare` and `:gated`, also for WSGI."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from benchmarks.subjects import KEY, answer, registry
from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate

COOKIES = 5
_numbers = itertools.count()


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Answer with five Set-Cookie, three of which the visitor of the benchmark allows."""
    if scope["type"] != "http":
        raise RuntimeError(scope["type"])
    headers = [(n.encode(), v.encode()) for n, v in _headers()]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok" * 1000})


def wsgi_bare(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer the same in WSGI."""
    start_response("200 OK", _headers())
    return [b"ok" * 1000]


def _headers() -> list[tuple[str, str]]:
    # The body differs from the other subjects', and so does its length.
    made = answer(COOKIES, next(_numbers) % 1_000_003)
    return [*(pair for pair in made if pair[0] != "content-length"), ("content-length", "2000")]


gate = Gate(registry(), KEY)
gated = AsgiGate(bare, gate)
wsgi_gated = WsgiGate(wsgi_bare, gate)
