"""Requests leave no reference cycles."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import pytest
from flask import Flask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from werkzeug.test import EnvironBuilder

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.flask import CookieGate
from cookiegate.starlette import install
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.registries import KEY, SHOP, gate_for

pytestmark = pytest.mark.slow

GATES: dict[str, Callable[[], Gate]] = {
    "plain": gate_for,
    "listening": lambda: Gate(registry(""), KEY, on_verdict=lambda verdict: None),
    "hiding": lambda: Gate(registry('request_cookies = "hide"'), KEY),
}


def registry(policy: str) -> Registry:
    return Registry.parse(SHOP.format(policy=policy, analysis=""))


class Canary:
    """An object that lives as long as its request."""


@pytest.fixture(params=GATES)
def gate(request: pytest.FixtureRequest) -> Gate:
    return GATES[request.param]()


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    assert scope["cookiegate"].allows("essential")
    headers = [(b"set-cookie", b"_ga=1"), (b"set-cookie", b"sid=1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    assert environ["cookiegate.visit"].allows("essential")
    start_response("200 OK", [("Set-Cookie", "_ga=1"), ("Set-Cookie", "sid=1")])
    return [b"ok"]


async def home(request: Request) -> PlainTextResponse:
    response = PlainTextResponse("ok")
    response.set_cookie("_ga", "1")
    return response


def flask_site(gate: Gate) -> Flask:
    app = Flask("tests.test_garbage")

    @app.get("/")
    def index() -> Any:
        response = app.make_response("ok")
        response.set_cookie("_ga", "1")
        return response

    CookieGate(app, gate=gate)
    return app


def starlette_site(gate: Gate) -> Starlette:
    app = Starlette(routes=[Route("/", home)])
    install(app, gate)
    return app


def outlives_asgi(app: Any) -> bool:
    """Return whether some object of a request outlives the response."""

    async def send(message: Any) -> None:
        assert b"_ga=1" not in dict(message.get("headers", ())).values()

    async def receive() -> Any:
        return {"type": "http.request"}

    def ask() -> Any:
        headers = [(b"host", b"shop.example"), (b"cookie", b"_ga=1; sid=2")]
        headers += [(b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"none")]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
        canary = Canary()
        loop.run_until_complete(
            app({**scope, "query_string": b"", "tests.canary": canary}, receive, send)
        )
        return ref(canary)

    loop = asyncio.new_event_loop()
    try:
        ask()
        return ask()() is not None
    finally:
        loop.close()


def outlives_wsgi(app: Any) -> bool:
    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        assert "_ga=1" not in dict(headers).values()

    def ask() -> Any:
        environ = EnvironBuilder(
            headers=[("Cookie", "_ga=1"), ("Accept", "text/html")]
        ).get_environ()
        environ["tests.canary"] = canary = Canary()
        for _ in app(environ, start_response):
            pass
        return ref(canary)

    ask()
    return ask()() is not None


def test_the_asgi_middleware_leaves_no_garbage(gate: Gate) -> None:
    assert not outlives_asgi(AsgiGate(asgi_app, gate))


def test_the_wsgi_middleware_leaves_no_garbage(gate: Gate) -> None:
    assert not outlives_wsgi(WsgiGate(wsgi_app, gate))


def test_starlette_behind_the_gate_leaves_no_garbage(gate: Gate) -> None:
    assert not outlives_asgi(starlette_site(gate))


def test_flask_behind_the_gate_leaves_no_garbage(gate: Gate) -> None:
    assert not outlives_wsgi(flask_site(gate))
