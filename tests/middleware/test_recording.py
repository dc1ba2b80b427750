"""The response if the choice of an application's own view cannot be recorded."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cookiegate import Choice, Gate, NotKeptError, asgi, wsgi
from cookiegate.pages import Pages
from tests.pages.support import registry
from tests.registries import KEY

Answer = tuple[int, dict[bytes, bytes], bytes]


class Down:
    """A recorder that cannot keep anything."""

    def commit(self, choice: Choice) -> None:
        raise NotKeptError("down")


class AsyncDown:
    """The same for ASGI."""

    async def commit(self, choice: Choice) -> None:
        raise NotKeptError("down")


def by_asgi(gate: Gate) -> Answer:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["cookiegate"].choose({"analysis"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"saved"})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"accept-language", b"sv")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    middleware = asgi.CookieGateMiddleware(app, gate, pages=Pages(gate), recorder=AsyncDown())
    asyncio.run(middleware(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def by_wsgi(gate: Gate) -> Answer:
    started: list[Any] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        environ["cookiegate.visit"].choose({"analysis"})
        start_response("200 OK", [])
        return [b"saved"]

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        started.append((int(status.split()[0]), headers))

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_ACCEPT_LANGUAGE": "sv"}
    middleware = wsgi.CookieGateMiddleware(app, gate, pages=Pages(gate), recorder=Down())
    body = b"".join(middleware(environ, start))
    status, headers = started[0]
    return status, {n.lower().encode(): v.encode("latin-1") for n, v in headers}, body


@pytest.mark.parametrize("answer", [by_asgi, by_wsgi])
def test_the_pages_answer_in_the_visitors_language(answer: Callable[[Gate], Answer]) -> None:
    status, headers, body = answer(Gate(registry(), KEY))
    assert (status, headers[b"retry-after"]) == (503, b"30")
    assert b'<html lang="sv"' in body
    assert int(headers[b"content-length"]) == len(body)
    assert b"set-cookie" not in headers
