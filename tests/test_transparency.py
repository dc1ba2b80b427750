"""What a server receives without a cookie to judge is the same with the gate and without."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.registries import gate_for, shop

# Everything that changes responses is on; in report mode it changes none.
EVERYTHING = """
mode = "report"
lifetime = "clamp"
sweep = "always"
request_cookies = "hide"
clear_site_data = "storage"
floor = { secure = true }
same_site_none = "mend"
"""
GATES = {"report": gate_for(shop(EVERYTHING)), "enforce": gate_for()}
each_gate = pytest.mark.parametrize("gate", GATES.values(), ids=GATES.keys())

NAMES = st.sampled_from([b"x-a", b"X-B", b"content-type", b"Vary", b"cache-control", b"link", b""])
VALUES = st.binary(max_size=6) | st.sampled_from([b"1,\r\n 2", b"\xff", b"text/html"])
PAIRS = st.tuples(NAMES, VALUES)
FORMS: list[Callable[[Any], Any]] = [
    list,
    tuple,
    iter,
    lambda pairs: [list(pair) for pair in pairs],
    lambda pairs: (pair for pair in pairs),
    lambda pairs: dict(pairs).items(),
    lambda pairs: [(bytearray(name), memoryview(value)) for name, value in pairs],
]
# What servers raise on, or read in some way of their own.
UNWRITABLE = st.sampled_from([(None, b"1"), (b"x", None), (7, b"1"), (b"x", 7), ("x-\u2603", b"1")])

BODY = {"type": "http.response.body", "body": b"x", "more_body": False}
OTHERS = st.sampled_from(
    [
        BODY,
        {"type": "http.response.body"},
        {"type": "http.response.trailers", "headers": [(b"set-cookie", b"_ga=1")]},
        {"type": "http.response.push", "path": "/a", "headers": [(b"a", b"b")]},
        {"type": "http.response.early_hint", "links": [b"</a>; rel=preload"]},
        {"type": "http.response.pathsend", "path": "/a"},
        {"type": "http.response.zerocopysend", "file": 3},
        {"type": "http.response.debug", "info": {"template": "a"}},
        {"type": "websocket.send", "text": "set-cookie: _ga=1"},
        {"type": "websocket.close", "code": 1000},
        {"type": "x"},
        {"type": None},
        {},
    ]
)
STARTS = st.sampled_from(
    ["http.response.start", "websocket.accept", "websocket.http.response.start"]
)


@st.composite
def messages(draw: st.DrawFn) -> list[Callable[[], Any]]:
    """Return what makes each message of a response, since a generator is read only once."""
    made: list[Callable[[], Any]] = []
    for _ in range(draw(st.integers(0, 2))):
        kind, extra = draw(STARTS), draw(st.sampled_from([{}, {"status": 200}, {"trailers": True}]))
        form, pairs = draw(st.sampled_from(FORMS)), draw(st.lists(PAIRS, max_size=4))
        odd = draw(st.lists(UNWRITABLE, max_size=1))
        shape = draw(st.sampled_from(["headers", "none", "missing"]))

        def start(
            kind: str = kind,
            extra: Any = extra,
            form: Any = form,
            pairs: Any = pairs,
            odd: Any = odd,
            shape: str = shape,
        ) -> Any:
            if shape == "missing":
                return {"type": kind, **extra}
            if shape == "none":
                return {"type": kind, "headers": None, **extra}
            return {"type": kind, "headers": [*odd, *form(pairs)] if odd else form(pairs), **extra}

        made.append(start)
        made += [partial(dict, message) for message in draw(st.lists(OTHERS, max_size=3))]
    return made


def plain(message: Any) -> Any:
    """Return a message as a server reads it: the forms of its headers are the same to it."""
    if message.get("headers") is None:
        return message
    pairs = [
        tuple(bytes(p) if isinstance(p, memoryview | bytearray) else p for p in pair)
        for pair in message["headers"]
    ]
    return {**message, "headers": pairs}


def by_asgi(app: Any, kind: str, sends: int) -> tuple[list[Any], str]:
    """Call an application. Return what the server received, and the exception that it saw."""
    received: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        received.append(plain(message))
        message["type"]  # as every server does
        if len(received) > sends:
            raise OSError("the connection is closed")

    scope = {"type": kind, "method": "GET", "path": "/", "headers": [(b"cookie", b"_ga=1")]}
    try:
        asyncio.run(app(scope, receive, send))
    except Exception as error:
        return received, repr(error)
    return received, ""


@each_gate
@given(
    makes=messages(),
    kind=st.sampled_from(["http", "websocket"]),
    fails=st.booleans(),
    sends=st.integers(0, 9),
)
def test_an_asgi_server_receives_the_same(
    gate: Gate, makes: list[Callable[[], Any]], kind: str, fails: bool, sends: int
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for make in makes:
            await send(make())
        if fails:
            raise LookupError("the application fails")

    bare, raised = by_asgi(app, kind, sends)
    gated, also_raised = by_asgi(AsgiGate(app, gate), kind, sends)
    assert also_raised == raised
    # A message without a type reaches no server: the gate raises what each of them raises.
    assert gated == [message for message in bare if "type" in message]


TEXT = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=6)
TEXT_PAIRS = st.tuples(NAMES.map(bytes.decode), TEXT | st.just("1,\r\n 2"))
STATUSES = st.sampled_from(["200 OK", "404 Not Found", "299 \xe9\xa0", "200", "", None, 200])
ODD_TEXT = st.sampled_from([(None, "1"), ("x", None), (7, "1"), ("x", 2.5), ("x-\u2603", "1")])
BODIES = st.sampled_from(["list", "generator", "write", "restart", "lazy", "none", "text", "fails"])


class Lazy:
    def __init__(self, start: Callable[[], Any]) -> None:
        self.start = start

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Any:
        self.start()
        return iter([b"lazy"])


def wsgi_app(status: Any, headers: Any, body: str) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        def start() -> Any:
            return start_response(status, list(headers))

        if body == "lazy":
            return Lazy(start)
        if body == "generator":
            return late(start)
        write = start()
        if body == "write":
            write(b"written")
        if body == "restart":
            try:
                raise LookupError("late")
            except LookupError as error:
                start_response("500 Oops", list(headers), (type(error), error, None))
        if body == "fails":
            raise LookupError("the application fails")
        return {"none": None, "text": "text"}.get(body, [b"a", b"b"])

    return app


def late(start: Callable[[], Any]) -> Any:
    start()
    yield b"a"
    yield b"b"


def by_wsgi(app: Any) -> tuple[list[Any], str]:
    received: list[Any] = []

    def start_response(*args: Any) -> Any:
        received.append((args[0], args[1], [repr(one) for one in args[2:]]))
        return received.append

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_COOKIE": "_ga=1"}
    try:
        body = app(environ, start_response)
        received.append(len(body) if hasattr(body, "__len__") else None)
        try:
            received.extend(body)
        finally:
            getattr(body, "close", bool)()
    except Exception as error:
        return received, repr(error)
    return received, ""


@each_gate
@given(
    status=STATUSES,
    headers=st.lists(TEXT_PAIRS, max_size=4),
    odd=st.lists(ODD_TEXT, max_size=1),
    body=BODIES,
)
def test_a_wsgi_server_receives_the_same(
    gate: Gate, status: Any, headers: Any, odd: Any, body: str
) -> None:
    app = wsgi_app(status, [*headers, *odd], body)
    assert by_wsgi(WsgiGate(app, gate)) == by_wsgi(app)
