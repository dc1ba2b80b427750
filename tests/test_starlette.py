"""Starlette and FastAPI: the gate is outermost, whatever middleware is added, and when."""

from collections.abc import Callable
from types import MethodType
from typing import Any, ClassVar

import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from cookiegate import Gate, Registry, Verdict
from cookiegate.asgi import CookieGateMiddleware, Receive, Scope, Send
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


async def home_app(scope: Scope, receive: Receive, send: Send) -> None:
    response = await home(Request(scope))
    await response(scope, receive, send)


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


def fastapi_site() -> FastAPI:
    """Return an application with routers in routers, mounts in routers, and another application."""

    def item(id: int, response: Response) -> int:
        response.set_cookie("_ga", "1")
        return id

    async def talk(websocket: WebSocket) -> None:
        await socket(websocket)

    inner = APIRouter(prefix="/inner")
    inner.get("/{id}")(item)
    inner.websocket("/talk/{id}")(talk)
    outer = APIRouter(prefix="/outer")
    outer.get("")(lambda response: item(1, response))
    outer.include_router(inner)
    outer.mount("/static", Starlette(routes=[Route("/{name}", home)]))
    outer.post("/inner/{name}/save")(item)
    part = FastAPI()
    part.include_router(outer, prefix="/v2")
    app = FastAPI()
    app.include_router(outer, prefix="/v1")
    app.include_router(inner)
    app.mount("/part", part)
    app.add_middleware(SessionMiddleware, secret_key="s")

    def own(response: Response) -> None:
        response.set_cookie("_ga", "1")

    @app.post("/both/{word}")
    def word(word: str) -> None:
        """Match the path of the next one, but not its method."""

    app.get("/both/own")(own)
    app.get("/")(own)
    return app


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/inner/7", "/inner/{id}"),
        ("/v1/outer/inner/7", "/v1/outer/inner/{id}"),
        ("/part/v2/outer/inner/7", "/part/v2/outer/inner/{id}"),
        ("/v1/static/x", "/v1/static/{name}"),
        ("/part/v2/static/x", "/part/v2/static/{name}"),
        ("/both/own", "/both/own"),
    ],
)
def test_callbacks_get_the_route_of_a_router_that_is_included(path: str, route: str) -> None:
    seen: list[Verdict] = []
    app = fastapi_site()
    install(app, site_gate(on_verdict=seen.append))
    with TestClient(app) as client:
        assert client.get(path).status_code == 200
    assert {verdict.route for verdict in seen} == {route}


@pytest.mark.parametrize("prefix", ["", "/v1/outer", "/part/v2/outer"])
def test_callbacks_get_the_route_of_an_included_websocket(prefix: str) -> None:
    seen: list[Verdict] = []
    app = fastapi_site()
    install(app, site_gate(on_verdict=seen.append))
    with TestClient(app) as client, client.websocket_connect(f"{prefix}/inner/talk/7"):
        pass
    assert {verdict.route for verdict in seen} == {f"{prefix}/inner/talk/{{id}}"}


def test_callbacks_get_the_route_of_a_path_whose_method_does_not_match() -> None:
    async def refuse(request: Request, error: Exception) -> Response:
        return PlainTextResponse("", 405, headers={"set-cookie": "_ga=1"})

    seen: list[Verdict] = []
    app = Starlette(routes=[Route("/users/{id}", home)], exception_handlers={405: refuse})
    install(app, site_gate(on_verdict=seen.append))
    with TestClient(app) as client:
        assert client.delete("/users/7").status_code == 405
    assert [verdict.route for verdict in seen] == ["/users/{id}"]


@pytest.mark.parametrize(
    ("routes", "path", "route"),
    [
        ([Mount("/", routes=[Route("/", home)])], "/", "/"),
        ([Mount("/", app=Router([Route("/a/{b}", home)]))], "/a/7", "/a/{b}"),
        ([Mount("", app=home_app)], "/any/path", "/"),
        ([Host("{name}", app=Router([Route("/{page}", home)]))], "/x", "/{page}"),
        ([Mount("/{shop}", routes=[Route("/{page}", home)])], "/a/b", "/{shop}/{page}"),
    ],
)
def test_callbacks_get_the_route_below_a_mount_or_host(
    routes: list[BaseRoute], path: str, route: str
) -> None:
    seen: list[Verdict] = []
    app = Starlette(routes=routes)
    app.add_middleware(SessionMiddleware, secret_key="s")
    install(app, site_gate(on_verdict=seen.append))
    with TestClient(app) as client:
        assert client.get(path).status_code == 200
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


class Instrumented:
    """What a tool puts around Starlette's stack, to see each response."""

    def __init__(self, app: Any, seen: list[int]) -> None:
        self.app = app
        self.seen = seen

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def see(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.seen.append(len(message["headers"]))
            await send(message)

        await self.app(scope, receive, see)


def instrument(app: Starlette, seen: list[int]) -> Callable[[], None]:
    """Instrument an application as OpenTelemetry does; return what undoes it."""
    build = app.build_middleware_stack

    def build_instrumented(self: Starlette) -> Any:
        stack = build()
        assert isinstance(stack, ServerErrorMiddleware), "the instrumentation is skipped"
        return ServerErrorMiddleware(app=Instrumented(stack.app, seen))

    vars(app)["build_middleware_stack"] = MethodType(build_instrumented, app)

    def undo() -> None:
        vars(app)["build_middleware_stack"] = build
        app.middleware_stack = app.build_middleware_stack()

    return undo


def plain_application(cls: type[Starlette] = Starlette) -> Starlette:
    async def page(request: Request) -> Response:
        response = PlainTextResponse("ok")
        response.set_cookie("session", "1")
        response.set_cookie("_ga", "1")
        return response

    return cls(routes=[Route("/", page)])


@pytest.mark.parametrize("is_installed_first", [True, False])
def test_an_instrumented_application_is_behind_the_gate_in_either_order(
    is_installed_first: bool,
) -> None:
    app, seen = plain_application(), list[int]()
    if is_installed_first:
        install(app, site_gate())
        undo = instrument(app, seen)
    else:
        undo = instrument(app, seen)
        install(app, site_gate())
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["session"]
        assert len(seen) == 1
        undo()
        assert cookies(client.get("/")) == ["session"]
        assert len(seen) == 1


def test_a_stack_that_is_built_again_or_wrapped_is_behind_the_gate() -> None:
    app, seen = plain_application(), list[int]()
    install(app, site_gate())
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["session"]
        app.middleware_stack = None
        assert cookies(client.get("/")) == ["session"]
        app.middleware_stack = Instrumented(app.middleware_stack, seen)
        assert cookies(client.get("/")) == ["session"]
        assert len(seen) == 1


def test_a_class_that_is_patched_later_is_behind_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    app, seen = plain_application(), list[int]()
    install(app, site_gate())
    build = Starlette.build_middleware_stack
    monkeypatch.setattr(
        Starlette, "build_middleware_stack", lambda self: Instrumented(build(self), seen)
    )
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["session"]
    assert len(seen) == 1


class Registered(Starlette):
    """An application whose subclasses register themselves under a name."""

    names: ClassVar[list[str]] = []

    def __init_subclass__(cls, *, name: str) -> None:
        cls.names.append(name)


class WithProperty(Starlette):
    """An application that keeps its stack elsewhere."""

    stack: Any = None

    @property
    def middleware_stack(self) -> Any:
        return self.stack

    @middleware_stack.setter
    def middleware_stack(self, stack: Any) -> None:
        self.stack = stack


@pytest.mark.parametrize("cls", [Registered, WithProperty])
def test_an_application_of_the_sites_own_class_is_behind_the_gate(cls: type[Starlette]) -> None:
    app = plain_application(cls)
    install(app, site_gate())
    with TestClient(app) as client:
        assert cookies(client.get("/")) == ["session"]
    assert isinstance(app, cls)
    assert Registered.names == []


def test_two_gates_of_one_application_both_filter() -> None:
    app = plain_application()
    install(app, site_gate())
    install(app, site_gate(session="another"))
    assert isinstance(app, Starlette)
    assert type(app).__name__ == "Starlette"
    with TestClient(app) as client:
        assert cookies(client.get("/")) == []
