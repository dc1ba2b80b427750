"""Starlette and FastAPI: the gate is outermost, whatever middleware is added, and when."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from cookiegate import Gate, Registry, Verdict
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.starlette import install
from tests.registries import KEY, gate_for

# It allows Starlette's session cookie, `session`, and nothing optional without consent.
SITE = """
[site]
name = "S"
languages = ["en"]
[categories.essential]
required = true
[categories.analysis]
[[cookies]]
name = "{session}"
category = "essential"
[[cookies]]
name = "_ga"
category = "analysis"
"""


def site_gate(session: str = "session", **options: Any) -> Gate:
    return Gate(Registry.parse(SITE.format(session=session)), KEY, secure=False, **options)


async def home(request: Request) -> Response:
    request.session["seen"] = request.session.get("seen", 0) + 1
    response = PlainTextResponse(str(request.session["seen"]))
    response.set_cookie("_ga", "1")
    return response


async def fail(request: Request) -> Response:
    raise LookupError("boom")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept(headers=[(b"set-cookie", b"_ga=1")])
    await websocket.close()


async def error_page(request: Request, error: Exception) -> Response:
    return PlainTextResponse("sorry", 500, headers={"set-cookie": "_ga=1"})


def application(**options: Any) -> Starlette:
    routes = [
        Route("/", home),
        Route("/fail", fail),
        Route("/users/{id:int}", home),
        WebSocketRoute("/ws", socket),
        Mount("/shop", routes=[Route("/items/{name}", home)]),
        Mount("/other", app=PlainTextResponse("other", headers={"set-cookie": "_ga=1"})),
    ]
    return Starlette(routes=routes, exception_handlers={500: error_page}, **options)


def before(app: Starlette, gate: Gate) -> None:
    install(app, gate)
    app.add_middleware(SessionMiddleware, secret_key="s", https_only=False)


def after(app: Starlette, gate: Gate) -> None:
    app.add_middleware(SessionMiddleware, secret_key="s", https_only=False)
    install(app, gate)


def by_middleware(app: Starlette, gate: Gate) -> None:
    app.add_middleware(SessionMiddleware, secret_key="s", https_only=False)
    app.add_middleware(CookieGateMiddleware, gate=gate)


WAYS = [before, after, by_middleware]


def cookies(response: Any) -> list[str]:
    return [value.partition("=")[0] for value in response.headers.get_list("set-cookie")]


@pytest.mark.parametrize("way", WAYS)
def test_the_sessions_cookie_passes_and_others_do_not(
    way: Callable[[Starlette, Gate], None],
) -> None:
    app = application()
    way(app, site_gate())
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["session"]
        assert client.get("/").text == "2"


@pytest.mark.parametrize("way", WAYS)
def test_the_sessions_cookie_is_seen_by_the_gate(way: Callable[[Starlette, Gate], None]) -> None:
    # In a registry without this cookie, the gate strips it if it sees it.
    app = application()
    way(app, site_gate(session="another"))
    with TestClient(app) as client:
        assert cookies(client.get("/")) == []


def test_middleware_wrapped_around_the_gate_is_not_seen() -> None:
    app = application()
    app.add_middleware(CookieGateMiddleware, gate=site_gate(session="another"))
    app.add_middleware(SessionMiddleware, secret_key="s", https_only=False)
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["session"]


def test_error_pages_mounts_and_websockets_pass_the_gate() -> None:
    app = application(middleware=[Middleware(SessionMiddleware, secret_key="s")])
    install(app, site_gate())
    with TestClient(app, raise_server_exceptions=False) as client:
        failed = client.get("/fail")
        assert (failed.text, cookies(failed)) == ("sorry", [])
        assert cookies(client.get("/other")) == []
        with client.websocket_connect("/ws") as websocket:
            assert (b"set-cookie", b"_ga=1") not in (websocket.extra_headers or [])


def test_fastapi_is_an_application_like_any_other() -> None:
    app = FastAPI()

    @app.get("/items/{id}")
    def item(id: int, response: Response) -> dict[str, int]:
        response.set_cookie("_ga", "1")
        response.set_cookie("session", "1")
        return {"id": id}

    seen: list[Verdict] = []
    install(app, site_gate(on_verdict=seen.append))
    with TestClient(app) as client:
        answer = client.get("/items/7")
        assert answer.json() == {"id": 7}
        assert cookies(answer) == ["session"]
    assert {verdict.route for verdict in seen} == {"/items/{id}"}


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/users/7", "/users/{id:int}"),
        ("/shop/items/lamp", "/shop/items/{name}"),
        ("/other/x", "/other"),
    ],
)
@pytest.mark.parametrize("root", ["", "/mounted"])
def test_callbacks_get_the_routes_template(path: str, route: str, root: str) -> None:
    seen: list[Verdict] = []
    app = application(middleware=[Middleware(SessionMiddleware, secret_key="s")])
    install(app, site_gate(on_verdict=seen.append))
    with TestClient(app, root_path=root) as client:
        client.get(root + path)
    assert {verdict.route for verdict in seen} == {route}


def test_callbacks_get_no_route_without_a_match() -> None:
    seen: list[Verdict] = []

    async def not_found(request: Request, error: Exception) -> Response:
        return PlainTextResponse("", 404, headers={"set-cookie": "_ga=1"})

    app = Starlette(exception_handlers={404: not_found})
    install(app, site_gate(on_verdict=seen.append))
    with TestClient(app) as client:
        client.get("/nowhere")
    assert [verdict.route for verdict in seen] == [None]


def test_a_started_application_cannot_be_changed() -> None:
    app = application()
    with TestClient(app), pytest.raises(RuntimeError, match="the application has started"):
        install(app, site_gate())


def test_mistakes_are_raised_by_install() -> None:
    with pytest.raises(TypeError, match="give gate="):
        install(application())
    with pytest.raises(ValueError, match="secret_key has 1 bytes"):
        install(application(), registry="cookiegate:starter", secret_key="x")


def test_a_registry_and_a_key_make_a_gate() -> None:
    app = application(middleware=[Middleware(SessionMiddleware, secret_key="s")])
    install(app, registry="cookiegate:starter", secret_key=KEY)
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["session"]


def test_several_hosts_have_their_own_gates() -> None:
    app = application(middleware=[Middleware(SessionMiddleware, secret_key="s")])
    install(app, {"a.example": site_gate(), "*": site_gate(session="another")})
    with TestClient(app) as client:
        assert cookies(client.get("/", headers={"host": "a.example"})) == ["session"]
        assert cookies(client.get("/", headers={"host": "b.example"})) == []


def test_a_choice_is_made_once_if_the_gate_is_installed_twice() -> None:
    gate = gate_for(secure=False)

    async def choose(request: Request) -> Response:
        request.scope["cookiegate"].choose({"analysis"})
        return PlainTextResponse("")

    app = Starlette(routes=[Route("/", choose)])
    install(app, gate)
    install(app, gate)
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["cookiegate"]
