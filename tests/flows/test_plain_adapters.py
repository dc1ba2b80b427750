"""Frameworks without an integration of their own use the plain middleware."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

import falcon
import falcon.asgi
import falcon.testing
import litestar
import litestar.testing
import pytest
import quart
from webtest import TestApp

from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.flows.sites import TRACKER, starter_gate

# Imported by name: it has no types.
bottle: Any = import_module("bottle")

# Each answers "/" with a session cookie and the tracker, and "/seen" with the session it got.
Ran = tuple[list[str], str]


def by_quart(is_gated: bool) -> Ran:
    app = quart.Quart("shop")
    app.secret_key = "quart's own key"

    @app.get("/")
    async def home() -> Any:
        quart.session["seen"] = "yes"
        response = await quart.make_response("")
        response.set_cookie(TRACKER, "1")
        return response

    @app.get("/seen")
    async def seen() -> str:
        return str(quart.session.get("seen", "no"))

    if is_gated:
        vars(app)["asgi_app"] = AsgiGate(app.asgi_app, starter_gate())

    async def run() -> Ran:
        client = app.test_client()
        answer = await client.get("/")
        sent = [value.partition("=")[0] for value in answer.headers.getlist("set-cookie")]
        return sent, await (await client.get("/seen")).get_data(as_text=True)

    return asyncio.run(run())


def by_litestar(is_gated: bool) -> Ran:
    from litestar.middleware.session.client_side import CookieBackendConfig

    @litestar.get("/")
    async def home(request: litestar.Request[Any, Any, Any]) -> litestar.Response[str]:
        request.session["seen"] = "yes"
        response = litestar.Response("")
        response.set_cookie(TRACKER, "1")
        return response

    @litestar.get("/seen")
    async def seen(request: litestar.Request[Any, Any, Any]) -> str:
        return str(request.session.get("seen", "no"))

    session = CookieBackendConfig(secret=b"litestar's key!!").middleware
    app: Any = litestar.Litestar([home, seen], middleware=[session], logging_config=None)
    gated = AsgiGate(app, starter_gate()) if is_gated else app
    with litestar.testing.TestClient(gated) as client:
        answer = client.get("/")
        sent = [value.partition("=")[0] for value in answer.headers.get_list("set-cookie")]
        return sent, client.get("/seen").text


def by_bottle(is_gated: bool) -> Ran:
    app = bottle.Bottle()

    def home() -> str:
        bottle.response.set_cookie("session", "yes", secret="bottle's")
        bottle.response.set_cookie(TRACKER, "1")
        return ""

    def seen() -> str:
        return str(bottle.request.get_cookie("session", "no", secret="bottle's"))

    app.get("/", callback=home)
    app.get("/seen", callback=seen)
    client = TestApp(WsgiGate(app, starter_gate()) if is_gated else app, lint=False)
    answer = client.get("/")
    sent = [value.partition("=")[0] for value in answer.headers.getall("Set-Cookie")]
    return sent, client.get("/seen").text


class Home:
    def on_get(self, request: Any, response: Any) -> None:
        response.set_cookie("session", "yes", secure=False)
        response.set_cookie(TRACKER, "1", secure=False)


class Seen:
    def on_get(self, request: Any, response: Any) -> None:
        response.text = request.cookies.get("session", "no")


def by_falcon(is_gated: bool) -> Ran:
    app = falcon.App()
    app.add_route("/", Home())
    app.add_route("/seen", Seen())
    client = TestApp(WsgiGate(app, starter_gate()) if is_gated else app, lint=False)
    answer = client.get("/")
    sent = [value.partition("=")[0] for value in answer.headers.getall("Set-Cookie")]
    return sent, client.get("/seen").text


class AsyncHome:
    async def on_get(self, request: Any, response: Any) -> None:
        Home().on_get(request, response)


class AsyncSeen:
    async def on_get(self, request: Any, response: Any) -> None:
        Seen().on_get(request, response)


def by_falcon_asgi(is_gated: bool) -> Ran:
    from starlette.testclient import TestClient

    app: Any = falcon.asgi.App()
    app.add_route("/", AsyncHome())
    app.add_route("/seen", AsyncSeen())
    client = TestClient(AsgiGate(app, starter_gate()) if is_gated else app)
    answer = client.get("/")
    sent = [value.partition("=")[0] for value in answer.headers.get_list("set-cookie")]
    return sent, client.get("/seen").text


WAYS = [by_quart, by_litestar, by_bottle, by_falcon, by_falcon_asgi]


@pytest.mark.parametrize("run", WAYS, ids=lambda run: run.__name__)
def test_the_session_lasts_and_the_tracker_stays_out(run: Callable[[bool], Ran]) -> None:
    without, before = run(False)
    behind, after = run(True)
    assert before == after == "yes"
    assert TRACKER in without
    assert behind == [name for name in without if name != TRACKER]
