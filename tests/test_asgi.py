"""The ASGI middleware: what it changes, and what it passes through."""

import asyncio
import logging
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from copy import copy, deepcopy
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from cookiegate import Choice, Gate, NotKeptError, TooLateError, Visit
from cookiegate.asgi import CookieGateMiddleware
from tests.registries import KEY, NOON, SHOP, cookie_header, gate_for, shop

GATE = gate_for()
START = "http.response.start"


def run(app: Any, scope: dict[str, Any]) -> list[Any]:
    """Call an application. Return the messages that it sends."""
    return run_in(app, {"headers": [], **scope})


def run_in(app: Any, scope: dict[str, Any]) -> list[Any]:
    """Call an application with this scope object. Return the messages that it sends."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    asyncio.run(app(scope, receive, send))
    return sent


def sending(*messages: Mapping[str, Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def test_other_keys_and_messages_pass_unchanged() -> None:
    start = {"type": START, "status": 418, "headers": [(b"set-cookie", b"who=1")], "trailers": True}
    others: list[dict[str, Any]] = [
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.pathsend", "path": "x"},
        {"type": "http.response.trailers", "headers": [(b"set-cookie", b"who=1")]},
        {"type": "http.response.push", "path": "x", "headers": [(b"a", b"b")]},
    ]
    sent = run(CookieGateMiddleware(sending(start, *others), GATE), {"type": "http"})
    assert sent[0] == {"type": START, "status": 418, "headers": [], "trailers": True}
    assert sent[1:] == others
    assert all(one is other for one, other in zip(sent[1:], others, strict=True))


def test_the_applications_message_is_not_changed() -> None:
    headers = [(b"set-cookie", b"who=1"), (b"a", b"b")]
    start = {"type": START, "status": 200, "headers": headers}
    sent = run(CookieGateMiddleware(sending(start), GATE), {"type": "http"})
    assert headers == [(b"set-cookie", b"who=1"), (b"a", b"b")]
    assert start["headers"] is headers
    headers.append((b"set-cookie", b"who=2"))
    start["headers"] = headers
    assert sent[0]["headers"] == [(b"a", b"b")]


@pytest.mark.parametrize("mode", ["enforce", "report"])
@pytest.mark.parametrize(
    "start",
    [
        {"type": START, "status": 204},
        {"type": START, "status": 204, "headers": None},
        {"type": "websocket.accept"},
        {"type": "websocket.accept", "subprotocol": None},
        {"type": "websocket.http.response.start", "status": 403},
    ],
)
def test_a_message_without_headers_leaves_without_headers(start: dict[str, Any], mode: str) -> None:
    middleware = CookieGateMiddleware(sending(start), gate_for(mode=mode))
    (sent,) = run(middleware, {"type": "http"})
    assert sent == start
    # Some servers read a message only when the body arrives.
    assert sent is not start


def test_a_message_without_headers_gets_those_that_the_gate_adds() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["cookiegate"].withdraw()
        await send({"type": START, "status": 204})

    (sent,) = run(CookieGateMiddleware(app, GATE), {"type": "http"})
    assert (b"set-cookie", GATE.issue(set()).encode()) in sent["headers"]


class Kind(StrEnum):
    """Types of messages, whose hash is not that of their text."""

    START = "http.response.start"
    BODY = "http.response.body"


class Changing(dict[str, Any]):
    """A message that reads differently the second time."""

    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        self.reads = 0

    def __getitem__(self, key: str) -> Any:
        if key == "type":
            self.reads += 1
            return "http.response.body" if self.reads < 3 else START
        return super().__getitem__(key)


def test_a_message_of_an_unusual_type_is_judged_as_it_leaves() -> None:
    headers = [(b"set-cookie", b"who=1"), (b"a", b"b")]
    enum = {"type": Kind.START, "status": 200, "headers": headers}
    subclass = OrderedDict(enum, type=START)
    for message in (enum, subclass, MappingProxyType(subclass)):
        sent: Any = run(CookieGateMiddleware(sending(message), GATE), {"type": "http"})
        assert sent == [{"type": START, "status": 200, "headers": [(b"a", b"b")]}]
        assert type(sent[0]) is dict
        assert type(sent[0]["type"]) is str
    changing = Changing({"type": START, "status": 200, "headers": headers})
    (sent,) = run(CookieGateMiddleware(sending(changing), GATE), {"type": "http"})
    assert [sent["type"] for _ in range(5)] == ["http.response.body"] * 5


@pytest.mark.parametrize("type", [None, 7])
def test_a_message_of_no_type_is_the_servers_affair(type: Any) -> None:
    message = {"type": type}
    assert run(CookieGateMiddleware(sending(message), GATE), {"type": "http"}) == [message]


@pytest.mark.parametrize("pages", [None, "/cookies"])
def test_an_application_may_copy_its_scope(pages: str | None) -> None:
    copies: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        copies.extend((deepcopy(scope), copy(scope), pickle.loads(pickle.dumps(scope))))
        copies[0]["cookiegate"].withdraw()
        await send({"type": START, "status": 200, "headers": []})

    for policy in ("", 'request_cookies = "hide"'):
        copies.clear()
        gate = gate_for(shop(policy))
        scope = {"type": "http", "path": "/", "method": "GET", "headers": [(b"cookie", b"_ga=1")]}
        (sent,) = run_in(CookieGateMiddleware(app, gate, pages=pages), scope)
        # The visit in the copy is the one that decides.
        assert (b"set-cookie", gate.issue(set()).encode()) in sent["headers"]
        deep, shallow, pickled = copies
        assert deep["cookiegate"] is shallow["cookiegate"] is scope["cookiegate"]
        assert deep["cookiegate"] is copy(deep["cookiegate"])
        assert pickled["cookiegate"] is None
        assert pickled["headers"] == deep["headers"] == ([] if policy else scope["headers"])
        if pages:
            assert deep["cookiegate.pages"] is scope["cookiegate.pages"]
            assert pickled["cookiegate.pages"] is None


def test_a_gate_in_a_copied_configuration_is_the_same_gate() -> None:
    assert deepcopy({"COOKIEGATE_GATE": GATE})["COOKIEGATE_GATE"] is GATE


def test_what_is_around_the_gate_sees_every_cookie_and_what_the_application_writes() -> None:
    seen: list[Any] = []
    sent = [(b"cookie", b"_ga=1; sid=2"), (b"host", b"shop.example")]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"cookie")
        scope["route"] = "/a"
        scope.update({"endpoint": app}, path_params={"id": 1})
        assert scope.setdefault("user", "ann") == "ann"
        assert scope.setdefault("user", "bob") == "ann"
        assert (scope.pop("method"), scope.pop("method", "none")) == ("GET", "none")
        with pytest.raises(KeyError):
            scope.pop("method")
        del scope["scheme"]
        scope["state"]["seen"] = True
        # As middleware inside the gate does, for the application inside it.
        scope["headers"] = [*scope["headers"], (b"x-inner", b"1")]
        assert outer["route"] == "/a"
        del scope["headers"]
        await send({"type": START, "status": 200, "headers": []})

    outer: dict[str, Any] = {"type": "http", "method": "GET", "scheme": "http", "state": {}}
    outer["headers"] = sent
    run_in(CookieGateMiddleware(app, gate_for(shop('request_cookies = "hide"'))), outer)
    assert seen == [b"sid=2"]
    assert outer.pop("cookiegate").context.has_ended
    assert outer == {
        "type": "http",
        "headers": [(b"cookie", b"_ga=1; sid=2"), (b"host", b"shop.example")],
        "state": {"seen": True},
        "route": "/a",
        "endpoint": app,
        "path_params": {"id": 1},
        "user": "ann",
    }


@pytest.mark.parametrize("type", ["websocket.accept", "websocket.http.response.start"])
def test_a_websockets_handshake_and_its_denial_are_judged(type: str) -> None:
    message = {"type": type, "headers": [(b"set-cookie", b"who=1"), (b"set-cookie", b"sid=1")]}
    sent = run(CookieGateMiddleware(sending(message), GATE), {"type": "websocket"})
    assert sent == [{"type": type, "headers": [(b"set-cookie", b"sid=1")]}]


@pytest.mark.parametrize("type", ["lifespan", "other"])
def test_other_scopes_are_untouched(type: str) -> None:
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append((scope, receive, send))

    async def receive() -> Any: ...

    async def send(message: Any) -> None: ...

    scope = {"type": type}
    asyncio.run(CookieGateMiddleware(app, GATE)(scope, receive, send))
    assert scopes == [(scope, receive, send)]
    assert scope == {"type": type}


def test_exceptions_of_the_application_pass_unchanged() -> None:
    error = RuntimeError("mine")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise error

    with pytest.raises(RuntimeError) as caught:
        run(CookieGateMiddleware(app, GATE), {"type": "http"})
    assert caught.value is error


def test_nothing_is_buffered() -> None:
    sent: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": START, "status": 200, "headers": []})
        sent.append("started")
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        sent.append("a")
        await send({"type": "http.response.body", "body": b"b"})

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any: ...

    asyncio.run(CookieGateMiddleware(app, GATE)({"type": "http", "headers": []}, receive, send))
    body = "http.response.body"
    assert sent == [START, "started", body, "a", body]


def test_a_choice_after_the_start_is_too_late() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": START, "status": 200, "headers": []})
        scope["cookiegate"].withdraw()

    with pytest.raises(TooLateError):
        run(CookieGateMiddleware(app, GATE), {"type": "http"})


def test_nested_middlewares_of_one_gate_act_as_one() -> None:
    visits: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        visits.append(scope["cookiegate"])
        scope["cookiegate"].withdraw()
        await send({"type": START, "status": 200, "headers": [(b"set-cookie", b"sid=1")]})

    middleware = CookieGateMiddleware(CookieGateMiddleware(app, GATE), GATE)
    issued = GATE.issue(set()).encode()
    headers = run(middleware, {"type": "http"})[0]["headers"]
    assert [value for name, value in headers if name == b"set-cookie"] == [b"sid=1", issued]


def test_a_second_dispatch_of_one_scope_passes_the_gate_again() -> None:
    scope: dict[str, Any] = {"type": "http", "headers": []}
    start = {"type": START, "status": 200, "headers": [(b"set-cookie", b"_ga=1")]}
    for app in (sending({**start, "status": 404}), fails, sending(start)):
        middleware = CookieGateMiddleware(app, GATE)
        try:
            messages = run_in(middleware, scope)
        except RuntimeError:
            continue
        assert (b"set-cookie", b"_ga=1") not in messages[0]["headers"]


async def fails(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("before the response")


def test_keys_that_the_application_adds_to_the_scope_are_seen_outside() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["endpoint"] = "here"

    scope: dict[str, Any] = {"type": "http", "headers": []}
    run_in(CookieGateMiddleware(app, GATE), scope)
    assert scope["endpoint"] == "here"


def test_a_scope_may_have_headers_of_none() -> None:
    start = {"type": START, "status": 200, "headers": [(b"a", b"b")]}
    scope = {"type": "http", "headers": None}
    assert run_in(CookieGateMiddleware(sending(start), GATE), scope) == [start]


def test_a_scope_without_headers_has_no_consent() -> None:
    scope: dict[str, Any] = {"type": "http"}
    cookies = [(b"set-cookie", b"_ga=1"), (b"set-cookie", b"sid=1")]
    start = {"type": START, "status": 200, "headers": cookies}
    messages = run_in(CookieGateMiddleware(sending(start), GATE), scope)
    assert messages[0]["headers"][0] == (b"set-cookie", b"sid=1")


def test_nested_middlewares_of_two_gates_both_filter() -> None:
    narrow = gate_for(shop())
    wide = gate_for(shop('unknown = "allow"'))
    start = {"type": START, "status": 200, "headers": [(b"set-cookie", b"who=1")]}
    for outer, inner in ((narrow, wide), (wide, narrow)):
        middleware = CookieGateMiddleware(CookieGateMiddleware(sending(start), inner), outer)
        assert run(middleware, {"type": "http"})[0]["headers"] == []


# The recorder


class Recorder:
    visit: Visit

    def __init__(self, error: Exception | None = None) -> None:
        self.choices: list[Choice] = []
        self.error = error

    async def commit(self, choice: Choice) -> None:
        await asyncio.sleep(0)
        self.choices.append(choice)
        if self.error is not None:
            raise self.error


async def chooses(scope: Any, receive: Any, send: Any) -> None:
    scope["cookiegate"].choose({"analysis"})
    await send({"type": START, "status": 200, "headers": []})


def test_a_choice_is_recorded_before_the_response_starts() -> None:
    recorder = Recorder()
    sent = run(CookieGateMiddleware(chooses, GATE, recorder=recorder), {"type": "http"})
    assert [choice.after.granted for choice in recorder.choices] == [{"analysis"}]
    assert sent[0]["headers"][0][0] == b"set-cookie"


def test_a_choice_made_while_the_recorder_works_is_too_late() -> None:
    class Meddling(Recorder):
        async def commit(self, choice: Choice) -> None:
            await super().commit(choice)
            with pytest.raises(TooLateError):
                self.visit.choose({"marketing"})

    recorder = Meddling()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        recorder.visit = scope["cookiegate"]
        await chooses(scope, receive, send)

    sent = run(CookieGateMiddleware(app, GATE, recorder=recorder), {"type": "http"})
    assert GATE.read([(b"cookie", sent[0]["headers"][0][1])]).granted == {"analysis"}


def test_an_unused_recorder_of_an_inner_middleware_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate, inner, outer = gate_for(), Recorder(), Recorder()
    for _ in range(2):
        middleware = CookieGateMiddleware(chooses, gate, recorder=inner)
        run(CookieGateMiddleware(middleware, gate, recorder=outer), {"type": "http"})
    assert (len(outer.choices), caplog.messages) == (2, [])
    for _ in range(2):
        middleware = CookieGateMiddleware(chooses, gate, recorder=inner)
        run(CookieGateMiddleware(middleware, gate), {"type": "http"})
    assert inner.choices == []
    (message,) = caplog.messages
    assert "give the recorder to the outermost one" in message


def test_without_a_choice_nothing_is_recorded() -> None:
    recorder = Recorder()
    run(CookieGateMiddleware(sending({"type": START}), GATE, recorder=recorder), {"type": "http"})
    assert recorder.choices == []


def test_a_choice_that_cannot_be_recorded_does_not_take_effect() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["cookiegate"].choose({"analysis"})
        with pytest.raises(OSError, match="full"):
            await send({"type": START, "status": 200, "headers": []})
        await send({"type": START, "status": 503, "headers": [(b"set-cookie", b"_ga=1")]})

    middleware = CookieGateMiddleware(app, GATE, recorder=Recorder(OSError("disk full")))
    (start,) = run(middleware, {"type": "http"})
    assert start["status"] == 503
    assert not any(name == b"set-cookie" for name, _ in start["headers"])


def test_without_pages_a_line_says_that_a_choice_was_not_kept() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["cookiegate"].choose({"analysis"})
        await send({"type": START, "status": 200, "headers": [(b"set-cookie", b"_ga=1")]})
        await send({"type": "http.response.body", "body": b"Thanks for your consent."})

    middleware = CookieGateMiddleware(app, GATE, recorder=Recorder(NotKeptError("down")))
    start, body = run(middleware, {"type": "http", "method": "POST"})
    assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"30")
    assert not any(name == b"set-cookie" for name, _ in start["headers"])
    assert b"nothing more is allowed than before" in body["body"]
    start, body = run(middleware, {"type": "http", "method": "HEAD"})
    assert body["body"] == b""


def test_a_websocket_raises_the_error_since_it_has_no_page() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["cookiegate"].choose({"analysis"})
        with pytest.raises(NotKeptError):
            await send({"type": "websocket.accept", "headers": []})
        await send({"type": "websocket.close"})

    middleware = CookieGateMiddleware(app, GATE, recorder=Recorder(NotKeptError("down")))
    assert run(middleware, {"type": "websocket"}) == [{"type": "websocket.close"}]


# Arguments


def test_pages_wrap_the_application_inside_the_gate() -> None:
    class Pages:
        def asgi(self, app: Any) -> Any:
            return sending({"type": START, "headers": [(b"set-cookie", b"who=1"), (b"a", b"b")]})

    pages: Any = Pages()
    middleware = CookieGateMiddleware(sending(), GATE, pages=pages)
    assert run(middleware, {"type": "http"})[0]["headers"] == [(b"a", b"b")]


def test_a_middleware_makes_its_gate_from_a_file_and_a_key(tmp_path: Path) -> None:
    path = tmp_path / "cookiegate.toml"
    path.write_text(SHOP.format(policy="", analysis=""))
    middleware = CookieGateMiddleware(sending(), registry=path, secret_key=KEY)
    assert middleware.gate.registry.site.name == "Shop"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"gate": GATE, "registry": "x"},
        {"gate": GATE, "secret_key": KEY},
        {"secret_key": KEY},
    ],
)
def test_a_gate_together_with_its_options_is_an_error(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="give"):
        CookieGateMiddleware(sending(), **arguments)


def test_startup_warnings_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    gate = gate_for(secure=False)
    CookieGateMiddleware(sending(), gate)
    CookieGateMiddleware(sending(), gate)
    (record,) = caplog.records
    assert record.name == "cookiegate"
    assert record.levelno == logging.WARNING
    assert "plain http" in record.getMessage()


@pytest.mark.parametrize("wrong", [shop(), "cookiegate.toml", 7])
def test_a_gate_of_a_wrong_type_is_refused_with_an_example(wrong: Any) -> None:
    with pytest.raises(TypeError, match="give Gate"):
        CookieGateMiddleware(sending(), wrong)


def test_a_failure_is_logged_without_values(caplog: pytest.LogCaptureFixture) -> None:
    def hook(verdict: object) -> None:
        raise RuntimeError("SECRET")

    middleware = CookieGateMiddleware(
        sending({"type": START, "headers": [(b"set-cookie", b"sid=SECRET")]}), gate_for(hook=hook)
    )
    assert b"set-cookie" not in dict(run(middleware, {"type": "http"})[0]["headers"])
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "RuntimeError in hook:" in record.getMessage()
    assert "SECRET" not in caplog.text


def test_on_error_replaces_the_log(caplog: pytest.LogCaptureFixture) -> None:
    errors: list[Exception] = []
    gate = gate_for(hook=lambda verdict: "nowhere", on_error=errors.append)
    run(
        CookieGateMiddleware(sending({"type": START, "headers": [(b"set-cookie", b"a=b")]}), gate),
        {"type": "http"},
    )
    assert len(errors) == 1
    assert caplog.records == []


# With Starlette


async def shop_front(request: Request) -> Response:
    response = PlainTextResponse(f"allowed: {request.scope['cookiegate'].allows('analysis')}")
    response.set_cookie("sid", "1")
    response.set_cookie("_ga", "1")
    return response


async def streamed(request: Request) -> Response:
    response = StreamingResponse(iter([b"a", b"b"]))
    response.set_cookie("_ga", "1")
    return response


async def failing(request: Request) -> Response:
    raise RuntimeError("mine")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept(headers=[(b"set-cookie", b"_ga=1"), (b"set-cookie", b"sid=1")])
    await websocket.send_text("hello")
    await websocket.close()


ROUTES = [
    Route("/", shop_front),
    Route("/streamed", streamed),
    Route("/failing", failing),
    WebSocketRoute("/socket", socket),
]


def client(gate: Gate, **options: Any) -> TestClient:
    app = Starlette(routes=ROUTES, middleware=[Middleware(CookieGateMiddleware, gate=gate)])
    return TestClient(app, **options)


def test_starlette_is_wrapped_in_one_line() -> None:
    shop_client = client(gate_for(secure=False))
    assert shop_client.get("/").headers.get_list("set-cookie") == ["sid=1; Path=/; SameSite=lax"]
    shop_client.cookies.set("cookiegate", _value(gate_for(secure=False)))
    response = shop_client.get("/")
    assert response.text == "allowed: True"
    assert [value[:3] for value in response.headers.get_list("set-cookie")] == ["sid", "_ga"]


def test_streams_pass_but_their_cookies_are_judged() -> None:
    response = client(GATE).get("/streamed")
    assert response.text == "ab"
    assert "set-cookie" not in response.headers


def test_head_and_errors_are_judged_too() -> None:
    shop_client = client(GATE, raise_server_exceptions=False)
    assert shop_client.head("/").headers.get_list("set-cookie") == ["sid=1; Path=/; SameSite=lax"]
    assert shop_client.get("/failing").status_code == 500


def test_a_mounted_application_is_behind_the_same_middleware() -> None:
    app = Starlette(
        routes=[Mount("/below", routes=ROUTES)],
        middleware=[Middleware(CookieGateMiddleware, gate=GATE)],
    )
    assert TestClient(app).get("/below/").headers.get_list("set-cookie") == [
        "sid=1; Path=/; SameSite=lax"
    ]


def test_a_websocket_is_wrapped_too() -> None:
    with client(GATE).websocket_connect("/socket") as websocket:
        assert websocket.receive_text() == "hello"
        headers: Any = websocket.extra_headers
        assert [value for name, value in headers if name == b"set-cookie"] == [b"sid=1"]


def _value(gate: Gate) -> str:
    return cookie_header(gate.issue({"analysis"}, now=NOON))[1].partition(b"=")[2].decode()


@pytest.mark.parametrize("policy", ["", 'mode = "report"', 'request_cookies = "hide"'])
@pytest.mark.parametrize(
    "form",
    [
        iter,
        tuple,
        lambda pairs: dict(pairs).items(),
        lambda pairs: [iter(pair) for pair in pairs],
        lambda pairs: iter([iter(pair) for pair in pairs]),
    ],
)
def test_gate_and_application_read_the_same_request_headers_whatever_their_form(
    policy: str, form: Callable[[Any], Any]
) -> None:
    gate = gate_for(shop(policy))
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["cookiegate"].allows("analysis"))
        seen.append([tuple(pair) for pair in scope["headers"]])

    async def nothing(*_: Any) -> None:
        raise AssertionError("nothing is sent")

    headers = [(b"host", b"shop.example"), cookie_header(gate.issue(["analysis"]))]
    middleware = CookieGateMiddleware(app, {"shop.example": gate, "*": gate_for()})
    scope = {"type": "http", "method": "GET", "headers": form(headers)}
    asyncio.run(middleware(scope, nothing, nothing))
    assert seen == [True, headers]


def test_request_headers_that_cannot_be_iterated_are_the_applications_affair() -> None:
    start = {"type": START, "status": 200, "headers": [(b"a", b"b")]}
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["headers"] == 7
        await send(start)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> None:
        raise AssertionError("nothing is received")

    scope = {"type": "http", "method": "GET", "headers": 7}
    asyncio.run(CookieGateMiddleware(app, gate_for())(scope, receive, send))
    assert sent == [start]
