"""The adapters, and the visit itself, with one signature."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from cookiegate import Gate, Visit
from cookiegate.asgi import CookieGateMiddleware as AsgiMiddleware
from cookiegate.middleware.options import Gates
from cookiegate.wsgi import CookieGateMiddleware as WsgiMiddleware

Pair = tuple[bytes, bytes]
#: What an application does with its visit before it starts the response.
Act = Callable[[Visit], object]
#: (gate, request headers, response headers, act) -> response headers as they leave.
Adapter = Callable[[Gate, Iterable[Pair], Iterable[Pair], Act], list[Pair]]


def by_visit(gate: Gate, request: Iterable[Pair], headers: Iterable[Pair], act: Act) -> list[Pair]:
    """Respond through the visit itself, without an adapter."""
    visit = gate.visit(request)
    act(visit)
    return visit.respond(headers)


def by_asgi(gate: Gates, request: Iterable[Pair], headers: Iterable[Pair], act: Act) -> list[Pair]:
    """Respond through the ASGI middleware."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        act(scope["cookiegate"])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return asgi_headers(AsgiMiddleware(app, gate), request)


def by_websocket(
    gate: Gates, request: Iterable[Pair], headers: Iterable[Pair], act: Act
) -> list[Pair]:
    """Respond to a WebSocket handshake through the ASGI middleware."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        act(scope["cookiegate"])
        await send({"type": "websocket.accept", "headers": headers})

    return asgi_headers(AsgiMiddleware(app, gate), request, type="websocket")


def asgi_headers(app: Any, request: Iterable[Pair], **scope: Any) -> list[Pair]:
    """Call an ASGI application. Return the headers of the first message that it sends."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(
        app({"type": "http", "method": "GET", "headers": list(request), **scope}, receive, send)
    )
    leaves: list[Pair] = sent[0]["headers"]
    return leaves


def by_wsgi(gate: Gates, request: Iterable[Pair], headers: Iterable[Pair], act: Act) -> list[Pair]:
    """Respond through the WSGI middleware."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        act(environ["cookiegate.visit"])
        start_response("200 OK", [(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers])
        return [b""]

    return wsgi_headers(WsgiMiddleware(app, gate), request)


def wsgi_headers(app: Any, request: Iterable[Pair]) -> list[Pair]:
    """Call a WSGI application. Return the headers of its response."""
    environ = {"REQUEST_METHOD": "GET"}
    for name, value in request:
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        environ[key] = value.decode("latin-1")
    started: list[list[tuple[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        started.append(headers)

    b"".join(app(environ, start_response))
    return [(n.encode("latin-1"), v.encode("latin-1")) for n, v in started[-1]]


ADAPTERS: dict[str, Adapter] = {
    "visit": by_visit,
    "asgi": by_asgi,
    "websocket": by_websocket,
    "wsgi": by_wsgi,
}


def nothing(visit: Visit) -> None:
    """Do nothing with the visit."""
