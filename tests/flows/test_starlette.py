"""Starlette: sessions, starlette-csrf, asgi-csrf, websockets, sessions in several cookies."""

from importlib import import_module
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket
from starlette_csrf.middleware import CSRFMiddleware

from cookiegate.asgi import CookieGateMiddleware
from cookiegate.starlette import install
from tests.flows.sites import TRACKER, names, starter_gate
from tests.registries import KEY

# Imported by name: it has no types.
asgi_csrf: Any = import_module("asgi_csrf")


async def tracked(request: Request) -> Response:
    response = PlainTextResponse("")
    response.set_cookie(TRACKER, "1")
    return response


async def count(request: Request) -> Response:
    request.session["seen"] = request.session.get("seen", 0) + 1
    return PlainTextResponse(str(request.session["seen"]))


async def token(request: Request) -> Response:
    return PlainTextResponse(request.scope.get("csrftoken", lambda: "")())


async def form(request: Request) -> Response:
    return PlainTextResponse("posted")


async def chunks(request: Request) -> Response:
    response = PlainTextResponse(
        "".join(request.cookies.get(f"session.{number}", "") for number in range(3))
    )
    for number in range(3):
        response.set_cookie(f"session.{number}", str(number))
    return response


async def socket(websocket: WebSocket) -> None:
    cookies = [(b"set-cookie", b"session=1"), (b"set-cookie", f"{TRACKER}=1".encode())]
    await websocket.accept(headers=cookies)
    await websocket.send_text(websocket.cookies.get("session", "none"))
    await websocket.close()


def application() -> Starlette:
    routes = [
        Route("/tracked", tracked),
        Route("/count", count),
        Route("/token", token),
        Route("/form", form, methods=["POST"]),
        Route("/chunks", chunks),
        WebSocketRoute("/ws", socket),
    ]
    return Starlette(routes=routes)


@pytest.fixture(params=[False, True], ids=["without", "with"])
def is_gated(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def app(is_gated: bool) -> Starlette:
    app = application()
    if is_gated:
        install(app, starter_gate())
    return app


def browser(app: Any, is_gated: bool) -> TestClient:
    client = TestClient(app)
    assert (TRACKER in names(client.get("/tracked"))) is not is_gated
    return client


def test_sessions_last(app: Starlette, is_gated: bool) -> None:
    app.add_middleware(SessionMiddleware, secret_key=KEY)
    client = browser(app, is_gated)
    assert [client.get("/count").text for _ in range(3)] == ["1", "2", "3"]


def test_starlette_csrf_takes_a_form_with_its_token_and_refuses_others(
    app: Starlette, is_gated: bool
) -> None:
    app.add_middleware(CSRFMiddleware, secret=KEY, required_urls=None)
    client = browser(app, is_gated)
    client.get("/token")
    sent = {"x-csrftoken": client.cookies["csrftoken"]}
    client.cookies.set("session", "1")
    assert client.post("/form", headers=sent).text == "posted"
    assert client.post("/form").status_code == 403


@pytest.fixture
def csrf_client(is_gated: bool) -> TestClient:
    inner = asgi_csrf.asgi_csrf(application(), signing_secret=KEY)
    return browser(CookieGateMiddleware(inner, starter_gate()) if is_gated else inner, is_gated)


def test_asgi_csrf_takes_a_form_with_its_token_and_refuses_others(
    csrf_client: TestClient,
) -> None:
    csrf_client.cookies.set("session", "1")
    sent = {"x-csrftoken": csrf_client.get("/token").text}
    assert csrf_client.post("/form", headers=sent).text == "posted"
    assert csrf_client.post("/form").status_code == 403


def test_a_session_in_several_cookies_is_complete(app: Starlette, is_gated: bool) -> None:
    client = browser(app, is_gated)
    assert [client.get("/chunks").text for _ in range(2)] == ["", "012"]


def test_a_websocket_answers_and_sets_its_session(app: Starlette, is_gated: bool) -> None:
    client = browser(app, is_gated)
    client.cookies.set("session", "mine")
    with client.websocket_connect("/ws") as websocket:
        assert websocket.receive_text() == "mine"
        headers: Any = websocket.extra_headers
        sent = [value for name, value in headers if name == b"set-cookie"]
    assert (b"session=1" in sent, f"{TRACKER}=1".encode() in sent) == (True, not is_gated)
