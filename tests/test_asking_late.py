"""Responses that ask about the visitor after their headers have left."""

import logging
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, stream_template_string, stream_with_context
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cookiegate import AskedTooLateError, Gate, TooLateError, Verdict, Visit
from cookiegate.asgi import CookieGateMiddleware as AsgiMiddleware
from cookiegate.flask import CookieGate, current_visit
from cookiegate.starlette import install
from cookiegate.wsgi import CookieGateMiddleware as WsgiMiddleware
from tests.adapters import asgi_headers, wsgi_headers
from tests.registries import cookie_header, gate_for, shop

PUBLIC = "public, max-age=600"
#: What an application does before it starts its response.
Act = Callable[[Visit], object]


def keep(visit: Visit) -> None:
    """Ask nothing and announce nothing."""


def by_asgi(gate: Gate, act: Act, **scope: Any) -> dict[bytes, bytes]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        visit = scope["cookiegate"]
        act(visit)
        headers = [(b"cache-control", PUBLIC.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        body = b"live" if visit.allows("analysis") else b"held"
        await send({"type": "http.response.body", "body": body})

    return dict(asgi_headers(AsgiMiddleware(app, gate), [], path="/", **scope))


def by_wsgi(gate: Gate, act: Act) -> dict[bytes, bytes]:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        visit = environ["cookiegate.visit"]
        act(visit)
        start_response("200 OK", [("Cache-Control", PUBLIC)])

        def body() -> Iterator[bytes]:
            yield b"live" if visit.allows("analysis") else b"held"

        return body()

    return {n.lower(): v for n, v in wsgi_headers(WsgiMiddleware(app, gate), [])}


def by_wsgi_generator(gate: Gate, act: Act) -> dict[bytes, bytes]:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        visit = environ["cookiegate.visit"]
        act(visit)
        start_response("200 OK", [("Cache-Control", PUBLIC)])
        yield b"a"
        yield b"live" if visit.allows("analysis") else b"held"

    return {n.lower(): v for n, v in wsgi_headers(WsgiMiddleware(app, gate), [])}


def by_flask(gate: Gate, act: Act) -> dict[bytes, bytes]:
    app = Flask(__name__)
    CookieGate(app, gate)

    @app.route("/")
    def home() -> Response:
        act(current_visit)

        def body() -> Iterator[str]:
            yield "live" if current_visit.allows("analysis") else "held"

        return Response(stream_with_context(body()), headers={"Cache-Control": PUBLIC})

    return flask_headers(app)


def by_flask_template(gate: Gate, act: Act) -> dict[bytes, bytes]:
    app = Flask(__name__)
    CookieGate(app, gate)

    @app.route("/")
    def home() -> Response:
        act(current_visit)
        body = stream_template_string("{{ current_visit.allows('analysis') }}")
        return Response(body, headers={"Cache-Control": PUBLIC})

    return flask_headers(app)


def flask_headers(app: Flask) -> dict[bytes, bytes]:
    found = app.test_client().get("/")
    assert found.text
    return {n.lower().encode(): v.encode() for n, v in found.headers}


def by_starlette_stream(gate: Gate, act: Act) -> dict[bytes, bytes]:
    async def home(request: Request) -> StreamingResponse:
        visit = request.scope["cookiegate"]
        act(visit)

        async def body() -> AsyncIterator[str]:
            yield "a"
            yield "live" if visit.allows("analysis") else "held"

        return StreamingResponse(body(), headers={"Cache-Control": PUBLIC})

    return starlette_headers(gate, home)


def by_jinja_stream(gate: Gate, act: Act) -> dict[bytes, bytes]:
    template = Environment(autoescape=True).from_string("a{{ visit.should_ask }}")

    async def home(request: Request) -> StreamingResponse:
        visit = request.scope["cookiegate"]
        act(visit)
        body = template.generate(visit=visit)
        return StreamingResponse(body, headers={"Cache-Control": PUBLIC})

    return starlette_headers(gate, home)


def starlette_headers(gate: Gate, home: Any) -> dict[bytes, bytes]:
    app = Starlette(routes=[Route("/", home)])
    install(app, gate)
    found = TestClient(app).get("/")
    return {n.lower().encode(): v.encode() for n, v in found.headers.items()}


EACH: Any = [
    by_asgi,
    by_wsgi,
    by_wsgi_generator,
    by_flask,
    by_flask_template,
    by_starlette_stream,
    by_jinja_stream,
]
Ask = Callable[[Gate, Act], dict[bytes, bytes]]


@pytest.mark.parametrize("ask", EACH)
def test_asking_after_the_headers_left_is_reported_once(ask: Ask) -> None:
    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)
    for _ in range(3):
        assert ask(gate, keep)[b"cache-control"] == PUBLIC.encode()
    assert [type(error) for error in errors] == [AskedTooLateError]
    assert "visit.vary()" in str(errors[0])


@pytest.mark.parametrize("ask", EACH)
@pytest.mark.parametrize(
    "act", [lambda visit: visit.vary(), lambda visit: visit.cache_key, lambda visit: visit.consent]
)
def test_an_announced_response_is_private_and_nothing_is_reported(ask: Ask, act: Act) -> None:
    errors: list[Exception] = []
    headers = ask(gate_for(on_error=errors.append), act)
    assert headers[b"cache-control"] == b"private, max-age=600"
    assert headers[b"vary"] == b"Cookie, DNT, Sec-GPC"
    assert errors == []


@pytest.mark.parametrize("ask", EACH)
def test_in_report_mode_nothing_is_reported(ask: Ask) -> None:
    errors: list[Exception] = []
    gate = gate_for(shop('mode = "report"'), on_error=errors.append)
    assert ask(gate, keep)[b"cache-control"] == PUBLIC.encode()
    assert ask(gate, lambda visit: visit.vary())[b"cache-control"] == PUBLIC.encode()
    assert errors == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_no_cache_stores_is_not_reported(method: str) -> None:
    errors: list[Exception] = []
    by_asgi(gate_for(on_error=errors.append), keep, method=method)
    assert errors == []


def test_a_websocket_may_ask_at_any_time() -> None:
    errors: list[Exception] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept", "headers": []})
        assert not scope["cookiegate"].allows("analysis")

    asgi_headers(AsgiMiddleware(app, gate_for(on_error=errors.append)), [], type="websocket")
    assert errors == []


def test_a_task_after_the_response_may_ask() -> None:
    errors: list[Exception] = []
    seen: list[bool] = []

    async def home(request: Request) -> PlainTextResponse:
        visit = request.scope["cookiegate"]
        task = BackgroundTask(lambda: seen.append(visit.allows("analysis")))
        return PlainTextResponse("a", background=task)

    starlette_headers(gate_for(on_error=errors.append), home)
    assert seen == [False]
    assert errors == []


@pytest.mark.parametrize("kind", ["pathsend", "zerocopysend"])
def test_a_task_after_a_file_that_the_server_sends_may_ask(kind: str) -> None:
    errors: list[Exception] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": f"http.response.{kind}"})
        assert not scope["cookiegate"].allows("analysis")

    asgi_headers(AsgiMiddleware(app, gate_for(on_error=errors.append)), [])
    assert errors == []


def test_the_log_names_the_route_and_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    verdicts: list[Verdict] = []
    with caplog.at_level(logging.WARNING, "cookiegate"):
        gate = gate_for(on_verdict=verdicts.append)

        async def item(request: Request) -> StreamingResponse:
            visit = request.scope["cookiegate"]

            def body() -> Iterator[str]:
                yield str(visit.allows("analysis"))

            return StreamingResponse(body())

        app = Starlette(routes=[Route("/items/{id}", item), Route("/others/{id}", item)])
        install(app, gate)
        client = TestClient(app)
        for path in ("/items/1", "/items/2", "/others/3"):
            client.get(path)
    texts = [one.getMessage() for one in caplog.records]
    assert len(texts) == 2
    assert texts[0].startswith("a response of /items/{id} asked about the visitor after its")
    assert "/others/{id}" in texts[1]
    assert "visit.vary()" in texts[1]


def test_made_up_paths_do_not_fill_the_log_and_no_path_is_in_it() -> None:
    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)
    for number in range(600):
        visit = gate.visit([], path=b"/%d" % number)
        visit.respond([])
        visit.allows("analysis")
    assert len(errors) == 256
    assert not any("/" in str(error) for error in errors)


def test_a_failure_to_find_the_route_is_reported_and_the_answer_is_given() -> None:
    errors: list[Exception] = []

    def fail() -> str:
        raise LookupError("no route")

    visit = gate_for(on_error=errors.append).visit([])
    visit.context.find_route = fail
    visit.respond([])
    assert not visit.allows("analysis")
    assert [type(error) for error in errors] == [LookupError]


def test_it_is_too_late_to_announce_once_the_headers_have_left() -> None:
    visit = gate_for().visit([])
    visit.respond([])
    with pytest.raises(TooLateError, match="before it starts"):
        visit.vary()


def test_a_cache_key_is_the_same_for_visitors_in_the_same_state() -> None:
    gate = gate_for()
    cookie = cookie_header(gate.issue(["analysis"]))
    other = cookie_header(gate.issue(["analysis"]))
    key = gate.visit([cookie]).cache_key
    assert key == gate.visit([other]).cache_key
    states: list[list[tuple[bytes, bytes]]] = [
        [],
        [cookie_header(gate.issue([]))],
        [cookie_header(gate.issue(["marketing"]))],
        [cookie, (b"dnt", b"1")],
        [cookie, (b"sec-gpc", b"1")],
        [(b"sec-fetch-site", b"cross-site"), (b"sec-fetch-dest", b"iframe")],
    ]
    keys = [key, *(gate.visit(headers).cache_key for headers in states)]
    assert len(set(keys)) == len(keys)
    assert all(one.isalnum() and one.isascii() for one in keys)


def test_a_cache_key_follows_a_choice_in_the_same_request() -> None:
    gate = gate_for()
    visit = gate.visit([])
    before = visit.cache_key
    visit.grant(["analysis"])
    assert visit.cache_key != before
    assert visit.cache_key == gate.visit([cookie_header(gate.issue(["analysis"]))]).cache_key


def test_questions_that_come_too_late_are_remembered_in_bounded_memory() -> None:
    reported = 0

    def on_error(error: Exception) -> None:
        nonlocal reported
        reported += 1

    gate = gate_for(on_error=on_error)
    tracemalloc.start()
    try:
        for number in range(300):
            visit = gate.visit([], path=b"/%d/" % number + b"x" * 60_000)
            visit.respond([])
            assert not visit.allows("analysis")
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reported == 256
    assert grown < 1024 * 1024
