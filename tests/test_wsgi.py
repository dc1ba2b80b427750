"""The WSGI middleware: PEP 3333 in full."""

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from importlib import import_module
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from flask import Flask, Response, request
from webtest import TestApp

from cookiegate import Choice, NotKeptError, TooLateError
from cookiegate.wsgi import CookieGateMiddleware
from tests.registries import gate_for, shop

GATE = gate_for()


def call(app: Any, start_response: Any, **environ: str) -> Any:
    return app(environ, start_response)


def ignore(*args: object) -> None: ...


def start_response_ignored(status: str, headers: Any, exc_info: Any = None) -> Any: ...


def sending(*headers: tuple[str, str], body: Iterable[bytes] = (b"ok",)) -> Any:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), *headers])
        return body

    return app


def client(app: Any) -> TestApp:
    # A validator is on both sides: the middleware must keep the rules towards the server and the
    # application. WebTest's own is around both.
    return TestApp(validator(CookieGateMiddleware(validator(app), GATE)))


def test_wsgirefs_validator_accepts_both_sides() -> None:
    response = client(sending(("Set-Cookie", "sid=1"), ("Set-Cookie", "_ga=1"))).get("/")
    assert response.headers.getall("Set-Cookie") == ["sid=1"]
    assert response.text == "ok"


def test_webtests_lint_accepts_an_environ_that_is_used_again() -> None:
    lint = import_module("webtest.lint").middleware
    gated = TestApp(CookieGateMiddleware(lint(sending(("Set-Cookie", "_ga=1"))), GATE))
    response = gated.get("/")
    again = gated.request(response.request)
    assert (again.status, again.headers.getall("Set-Cookie")) == ("200 OK", [])


def test_latin1_values_survive() -> None:
    response = client(sending(("Set-Cookie", "sid=\xe9"), ("X-A", "\xff"))).get("/")
    assert response.headers["Set-Cookie"] == "sid=\xe9"
    assert response.headers["X-A"] == "\xff"


class Body:
    """An iterable that counts its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __iter__(self) -> Iterator[bytes]:
        self.calls.append("iter")
        yield b"a"
        yield b"b"

    def close(self) -> None:
        self.calls.append("close")


def test_the_body_is_the_applications_object() -> None:
    body = Body()
    returned = call(CookieGateMiddleware(sending(body=body), GATE), ignore)
    assert returned is body
    assert body.calls == []


class Broken(Body):
    """A body of which no iterator can be had."""

    def __iter__(self) -> Iterator[bytes]:
        raise LookupError("no rows")


def serve(app: Any, **environ: Any) -> tuple[str, str]:
    """Serve a request with wsgiref. Return the response, and what the server logged."""
    answer, errors = io.BytesIO(), io.StringIO()
    handler = SimpleHandler(
        io.BytesIO(), answer, errors, {"SERVER_PROTOCOL": "HTTP/1.0", **environ}
    )
    handler.run(app)
    # Without the time of the answer, which differs between two.
    lines = [one for one in answer.getvalue().splitlines(True) if not one.startswith(b"Date:")]
    return b"".join(lines).decode("latin-1"), errors.getvalue()


def test_the_server_closes_a_body_that_cannot_be_iterated() -> None:
    body = Broken()
    answer, errors = serve(CookieGateMiddleware(lambda environ, start: body, GATE))
    assert body.calls == ["close"]
    assert answer.startswith("HTTP/1.0 500")
    assert "LookupError: no rows" in errors


class Rows:
    """A body of a known length that starts its response when it is read."""

    def __init__(self, start: Any, *parts: bytes) -> None:
        self.start = start
        self.parts = parts

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[bytes]:
        self.start("200 OK", [("Content-Type", "text/plain")])
        return iter(self.parts)


def test_a_late_body_has_a_length_if_the_applications_has_one() -> None:
    for parts in ((b"abc",), (b"abc", b"de"), ()):

        def app(environ: Any, start_response: Any, parts: Any = parts) -> Any:
            return Rows(start_response, *parts)

        bare, _ = serve(app)
        gated, _ = serve(CookieGateMiddleware(app, GATE))
        assert bare == gated
        assert ("Content-Length: 3" in gated) is (len(parts) == 1)
    late: Any = CookieGateMiddleware(generator, GATE)({}, start_response_ignored)
    assert not hasattr(late, "__len__")


def generator(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Set-Cookie", "_ga=1")])
    yield b"a"
    yield b"b"


def test_a_late_body_is_read_as_the_server_reads_the_applications() -> None:
    late: Any = CookieGateMiddleware(generator, GATE)({}, start_response_ignored)
    assert next(late) == b"a"  # as a generator, without iter()
    assert next(late) == b"b"
    assert list(late) == []

    def app(environ: Any, start_response: Any) -> Any:
        return Rows(start_response, b"abc")

    late = CookieGateMiddleware(app, GATE)({}, start_response_ignored)
    assert [*late, *late] == [b"abc", b"abc"]


@pytest.mark.parametrize("body", [None, 7, "text", [], ["text"], b"bytes"])
def test_a_body_against_the_rules_is_the_servers_affair(body: Any) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return body

    def never_starts(environ: Any, start_response: Any) -> Any:
        return body

    for one in (app, never_starts):
        bare, error = serve(one)
        assert serve(CookieGateMiddleware(one, GATE))[0] == bare
        last = [line for line in error.splitlines() if line[:1].strip()][-1:]
        gated = serve(CookieGateMiddleware(one, GATE))[1].splitlines()
        assert [line for line in gated if line[:1].strip()][-1:] == last


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0"])
@pytest.mark.parametrize("mode", ["enforce", "report"])
def test_a_status_ends_at_its_first_line_end(end: str, mode: str) -> None:
    class Status(str):
        pass

    started: list[Any] = []
    for kind in (str, Status):

        def app(environ: Any, start_response: Any, kind: Any = kind) -> Any:
            start_response(kind(f"200 OK{end}Set-Cookie: _ga=1"), [])
            return []

        call(CookieGateMiddleware(app, gate_for(mode=mode)), lambda *args: started.append(args))
    assert started == [("200 OK", [])] * 2
    assert {type(status) for status, _ in started} == {str}


@pytest.mark.parametrize("status", ["200 Fein \xe4\xa0", "404", "", 200, None])
def test_every_other_status_is_the_servers_affair(status: Any) -> None:
    started: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:
        start_response(status, [])
        return []

    call(CookieGateMiddleware(app, GATE), lambda *args: started.append(args))
    assert started == [(status, [])]


class Liar(str):
    """Text that says it is something else."""

    def __eq__(self, other: object) -> bool:
        return other == "X-A"

    def __hash__(self) -> int:
        return hash("X-A")

    def strip(self, chars: str | None = None, /) -> str:
        return "X-A"

    def lower(self) -> str:
        return "x-a"

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return b"X-A"


def test_a_name_of_another_type_is_judged_as_a_server_writes_it() -> None:
    class Named:
        def __str__(self) -> str:
            return "Set-Cookie"

    class Name(StrEnum):
        COOKIE = "Set-Cookie"

    call(CookieGateMiddleware(sending(("X-A", "1")), GATE), ignore)  # remembers X-A
    for name in (b"Set-Cookie", Liar("Set-Cookie"), Named(), Name.COOKIE, "Set-Cookie\xa0"):
        started: list[Any] = []
        pairs: list[Any] = [(name, "_ga=1"), (name, "sid=1")]
        pairs.append(("X-A", Liar("1\nSet-Cookie: _ga=1")))
        call(CookieGateMiddleware(sending(*pairs), GATE), lambda *args, s=started: s.append(args))
        (_, headers) = started[0]
        left = [(name, value) for name, value in headers if value[:3] in ("_ga", "sid", "1")]
        assert [value for _, value in left] == ["sid=1"]
        assert {type(part) for pair in headers for part in pair} == {str}


def test_a_name_or_value_that_no_server_writes_reaches_the_server() -> None:
    pairs: list[Any] = [
        (None, "a"),
        (3, "b"),
        ("X", None),
        ("X", 2.5),
        ("X", b"b"),
        ("X\u2603", "a"),
    ]
    started: list[Any] = []
    app = sending(*pairs)
    call(CookieGateMiddleware(app, GATE), lambda status, headers: started.extend(headers))
    assert started[1:] == pairs
    # Also if there is something to judge.
    started.clear()
    app = sending(*pairs, ("Set-Cookie", "_ga=1"))
    call(CookieGateMiddleware(app, GATE), lambda status, headers: started.extend(headers))
    assert started[1:7] == pairs
    errors = [serve(one(app)) for one in (lambda a: a, lambda a: CookieGateMiddleware(a, GATE))]
    assert errors[0][1].splitlines()[-1] == errors[1][1].splitlines()[-1]


def test_a_folded_header_leaves_and_one_that_begins_a_cookie_does_not() -> None:
    folded = ("Content-Security-Policy", "default-src 'self';\r\n img-src *")
    for mode in ("enforce", "report"):
        for evil in ("1\r\nSet-Cookie: _ga=1", "1\n  SET-cookie : _ga=1", "\rset-cookie:"):
            started: list[Any] = []
            app = sending(folded, ("X-A", evil))
            middleware = CookieGateMiddleware(app, gate_for(mode=mode))
            call(middleware, lambda *args, s=started: s.extend(args[1]))
            assert started[1:] == [folded]


@pytest.mark.parametrize("value", [b"1\nSet-Cookie: _ga=1", Liar("1\nSet-Cookie: _ga=1")])
def test_a_value_of_another_type_begins_no_cookie(value: Any) -> None:
    started: list[Any] = []
    app = sending(("X-A", value))
    call(CookieGateMiddleware(app, GATE), lambda status, headers: started.extend(headers))
    assert started == [("Content-Type", "text/plain")]


def test_what_is_around_the_gate_sees_every_cookie_and_what_the_application_writes() -> None:
    gate = gate_for(shop('request_cookies = "hide"'))
    outer: dict[str, Any] = {"REQUEST_METHOD": "GET", "HTTP_COOKIE": "_ga=1; sid=2"}
    seen: list[Any] = []

    def start(*args: Any) -> Any:
        seen.append((outer["HTTP_COOKIE"], outer.get("app.route")))

    def app(environ: Any, start_response: Any) -> Any:
        seen.append(environ["HTTP_COOKIE"])
        environ["app.route"] = "/a"
        start_response("200 OK", [])
        environ["app.user"] = "ann"
        return [b""]

    CookieGateMiddleware(app, gate)(outer, start)
    assert seen == ["sid=2", ("_ga=1; sid=2", "/a")]
    assert (outer["HTTP_COOKIE"], outer["app.user"]) == ("_ga=1; sid=2", "ann")


def test_a_file_wrapper_is_passed_on() -> None:
    wrapped = FileWrapper(io.BytesIO(b"file"))
    middleware = CookieGateMiddleware(sending(("Set-Cookie", "who=1"), body=wrapped), GATE)
    assert call(middleware, ignore) is wrapped


def test_write_is_the_servers_function() -> None:
    written: list[bytes] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", [("Set-Cookie", "_ga=1")])
        write(b"written")
        return []

    def start_response(status: str, headers: list[tuple[str, str]]) -> Any:
        assert not any(name == "Set-Cookie" for name, _ in headers)
        return written.append

    call(CookieGateMiddleware(app, GATE), start_response)
    assert written == [b"written"]


def test_start_response_called_twice_is_judged_twice() -> None:
    started: list[Any] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Set-Cookie", "_ga=1"), ("Set-Cookie", "sid=1")])
        try:
            raise RuntimeError("late")
        except RuntimeError:
            start_response("500 Oops", [("Set-Cookie", "who=1"), ("A", "b")], sys.exc_info())
        return [b"oops"]

    def start_response(*args: Any) -> None:
        started.append(args)

    call(CookieGateMiddleware(app, GATE), start_response)
    assert started[0][1][0] == ("Set-Cookie", "sid=1")
    status, headers, exc_info = started[1]
    assert (status, headers) == ("500 Oops", [("A", "b")])
    assert exc_info[0] is RuntimeError


def test_exceptions_of_the_servers_start_response_pass_unchanged() -> None:
    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        raise exc_info[1]

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        try:
            raise RuntimeError("late")
        except RuntimeError:
            start_response("500 Oops", [], sys.exc_info())
        return []

    with pytest.raises(RuntimeError, match="late"):
        call(CookieGateMiddleware(app, GATE), start_response)


def test_exceptions_of_the_application_pass_unchanged() -> None:
    error = RuntimeError("mine")

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        raise error

    with pytest.raises(RuntimeError) as caught:
        call(CookieGateMiddleware(app, GATE), ignore)
    assert caught.value is error


def test_a_list_changed_after_the_start_changes_nothing() -> None:
    started: list[list[tuple[str, str]]] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        headers = [("A", "b")]
        start_response("200 OK", headers)
        headers.append(("Set-Cookie", "who=1"))
        return [b""]

    call(CookieGateMiddleware(app, GATE), lambda status, headers: started.append(headers))
    assert started == [[("A", "b")]]


def test_a_choice_after_the_start_is_too_late() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        environ["cookiegate.visit"].withdraw()
        return []

    with pytest.raises(TooLateError):
        call(CookieGateMiddleware(app, GATE), ignore)


def test_nested_middlewares_of_one_gate_act_as_one() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        environ["cookiegate.visit"].withdraw()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "sid=1")])
        return [b""]

    middleware = CookieGateMiddleware(CookieGateMiddleware(app, GATE), GATE)
    cookies = TestApp(middleware).get("/").headers.getall("Set-Cookie")
    assert cookies == ["sid=1", GATE.issue(set())]


def test_a_second_dispatch_of_one_environ_passes_the_gate_again() -> None:
    environ: dict[str, Any] = {}
    seen: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        seen.append(headers)

    def fails(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("before the response")

    def fails_late(environ: Any, start_response: Any) -> Iterator[bytes]:
        yield from fails(environ, start_response)

    def never_starts(environ: Any, start_response: Any) -> Iterator[bytes]:
        yield b"against PEP 3333"

    sets = sending(("Set-Cookie", "_ga=1"))
    for app in (sets, fails, sets, fails_late, sets, never_starts, sets):
        with suppress(RuntimeError):
            body: Any = CookieGateMiddleware(app, GATE)(environ, start_response)
            if app is never_starts:
                body.close()
            b"".join(body)
    assert len(seen) == 4
    assert all(name != "Set-Cookie" for headers in seen for name, _ in headers)


def test_a_late_body_is_closed_if_it_has_close() -> None:
    closed: list[bool] = []

    class Body(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    for body in (Body(), list[bytes]()):

        def app(environ: Any, start_response: Any, body: Any = body) -> Any:
            return body

        late: Any = CookieGateMiddleware(app, GATE)({}, start_response_ignored)
        late.close()
    assert closed == [True]


def test_a_generator_that_starts_its_response_late_is_judged_too() -> None:
    seen: list[Any] = []

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        inner = sending(("Set-Cookie", "_ga=1"), ("Set-Cookie", "sid=1"))
        yield from CookieGateMiddleware(inner, GATE)(environ, start_response)

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        seen.append([value for name, value in headers if name == "Set-Cookie"])

    assert list(CookieGateMiddleware(app, GATE)({}, start_response)) == [b"ok"]
    assert seen == [["sid=1"]]


@pytest.mark.parametrize("name", ["Set-Cookie: _ga=1; x", "X\r\nSet-Cookie: _ga=1; x"])
def test_a_name_that_would_begin_a_cookie_does_not_leave(name: str) -> None:
    seen: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        seen.extend(headers)

    CookieGateMiddleware(sending((name, "sid=1"), ("Set-Cookie", "sid=1")), GATE)(
        {}, start_response
    )
    assert [value for _, value in seen] == ["text/plain", "sid=1"]


def test_text_that_is_not_latin1_fails_as_without_the_gate_or_is_stripped() -> None:
    seen: list[Any] = []
    app = sending(("Set-Cookie", "_ga=\u20ac"), ("Set-Cookie", "sid=1"), ("X-A", "\u20ac"))

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        seen.extend(headers)

    CookieGateMiddleware(app, GATE)({}, start_response)
    assert ("Set-Cookie", "sid=1") in seen
    assert ("X-A", "\u20ac") in seen
    assert not any("_ga" in value for _, value in seen)


def test_nested_middlewares_of_two_gates_both_filter() -> None:
    narrow, wide = gate_for(), gate_for(shop('unknown = "allow"'))
    for outer, inner in ((narrow, wide), (wide, narrow)):
        app = CookieGateMiddleware(sending(("Set-Cookie", "who=1")), inner)
        assert "Set-Cookie" not in TestApp(CookieGateMiddleware(app, outer)).get("/").headers


class Recorder:
    def __init__(self, error: Exception | None = None) -> None:
        self.choices: list[Choice] = []
        self.error = error

    def commit(self, choice: Choice) -> None:
        self.choices.append(choice)
        if self.error is not None:
            raise self.error


def chooses(environ: Any, start_response: Any) -> Iterable[bytes]:
    environ["cookiegate.visit"].choose({"analysis"})
    try:
        start_response("200 OK", [("Set-Cookie", "_ga=1")])
        raise RuntimeError("late")
    except (RuntimeError, OSError):
        start_response("500 Oops", [("Set-Cookie", "_ga=2")], sys.exc_info())
    return [b""]


def test_a_choice_is_recorded_once_before_the_response_starts() -> None:
    recorder = Recorder()
    started: list[Any] = []
    call(CookieGateMiddleware(chooses, GATE, recorder=recorder), lambda *args: started.append(args))
    assert len(recorder.choices) == 1
    assert started[1][1][0] == ("Set-Cookie", "_ga=2")
    assert started[1][1][1][1].startswith("__Host-cookiegate=")


def test_an_unused_recorder_of_an_inner_middleware_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate, recorder = gate_for(), Recorder()
    middleware = CookieGateMiddleware(CookieGateMiddleware(chooses, gate, recorder=recorder), gate)
    call(middleware, ignore)
    assert recorder.choices == []
    assert "give the recorder to the outermost one" in caplog.text


def test_a_choice_that_cannot_be_recorded_does_not_take_effect() -> None:
    started: list[Any] = []
    middleware = CookieGateMiddleware(chooses, GATE, recorder=Recorder(OSError("disk full")))
    call(middleware, lambda *args: started.append(args))
    ((status, headers, _),) = started
    assert status == "500 Oops"
    assert not any(name == "Set-Cookie" or name == "set-cookie" for name, _ in headers)


def test_an_application_may_choose_again_after_a_failure_of_the_recorder() -> None:
    recorder = Recorder(OSError("disk full"))

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        visit = environ["cookiegate.visit"]
        visit.choose({"analysis"})
        with pytest.raises(OSError, match="disk full"):
            start_response("200 OK", [])
        recorder.error = None
        visit.withdraw()
        start_response("200 OK", [])
        return [b""]

    assert TestApp(CookieGateMiddleware(app, GATE, recorder=recorder)).get("/").headers[
        "Set-Cookie"
    ] == GATE.issue(set())
    assert [choice.after.granted for choice in recorder.choices] == [{"analysis"}, set()]


@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("form", ["at once", "written", "late", "late and empty"])
def test_without_pages_a_line_says_that_a_choice_was_not_kept(form: str, method: str) -> None:
    closed: list[bool] = []

    class Body(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def at_once(environ: Any, start_response: Any) -> Iterable[bytes]:
        environ["cookiegate.visit"].choose({"analysis"})
        write = start_response("200 OK", [("Set-Cookie", "_ga=1")])
        if form == "written":
            write(b"Thanks.")
            start_response("500 Oops", [], sys.exc_info())
        return Body([b"Thanks."])

    def late(environ: Any, start_response: Any) -> Iterable[bytes]:
        environ["cookiegate.visit"].choose({"analysis"})
        start_response("200 OK", [("Set-Cookie", "_ga=1")])
        if form == "late":
            yield b"Thanks."
            raise RuntimeError("this part is not read")

    started: list[Any] = []
    app = late if form.startswith("late") else at_once
    middleware = CookieGateMiddleware(app, GATE, recorder=Recorder(NotKeptError("down")))

    def start(*args: Any) -> Any:
        started.append(args)

    chunks = middleware({"REQUEST_METHOD": method}, start)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    ((status, headers),) = started
    assert status == "503 Service Unavailable"
    assert not any(name.lower() == "set-cookie" for name, _ in headers)
    assert body.startswith(b"Your choice could not be kept") is (method == "POST")
    assert bool(closed) is (app is at_once)


def test_a_late_application_that_fails_is_not_hidden() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        environ["cookiegate.visit"].choose({"analysis"})
        start_response("200 OK", [])
        raise RuntimeError("broken")
        yield b""

    start: Any = ignore
    middleware = CookieGateMiddleware(app, GATE, recorder=Recorder(NotKeptError("down")))
    with pytest.raises(RuntimeError, match="broken"):
        list(middleware({"REQUEST_METHOD": "GET"}, start))


def test_without_a_choice_nothing_is_recorded() -> None:
    recorder = Recorder()
    call(CookieGateMiddleware(sending(), GATE, recorder=recorder), ignore)
    assert recorder.choices == []


def test_pages_wrap_the_application_inside_the_gate() -> None:
    class Pages:
        def wsgi(self, app: Any) -> Any:
            return sending(("Set-Cookie", "who=1"))

    pages: Any = Pages()
    middleware = CookieGateMiddleware(sending(), GATE, pages=pages)
    assert "Set-Cookie" not in TestApp(middleware).get("/").headers


def test_unusual_request_headers_raise_nothing() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        assert environ["cookiegate.visit"].consent.allowed == {"essential"}
        start_response("200 OK", [])
        return []

    middleware = CookieGateMiddleware(app, GATE)
    call(middleware, ignore, HTTP_COOKIE="__Host-cookiegate=\u20ac; \x00", HTTP_HOST="\ud800")


# With Flask


def flask_shop() -> Flask:
    app = Flask(__name__)
    app.secret_key = "a key for Flask's own session"

    @app.get("/")
    def front() -> Response:
        visit = request.environ["cookiegate.visit"]
        response = Response(f"allowed: {visit.allows('analysis')}")
        response.set_cookie("sid", "1")
        response.set_cookie("_ga", "1")
        return response

    @app.get("/failing")
    def failing() -> Response:
        raise RuntimeError("mine")

    return app


def test_flask_is_wrapped_in_one_line() -> None:
    app: Any = flask_shop()
    gate = gate_for(secure=False)
    app.wsgi_app = CookieGateMiddleware(app.wsgi_app, gate)
    client = app.test_client()
    assert client.get("/").headers.getlist("Set-Cookie") == ["sid=1; Path=/"]
    client.set_cookie("cookiegate", gate.issue({"analysis"}).partition("=")[2].partition(";")[0])
    response = client.get("/")
    assert response.text == "allowed: True"
    assert response.headers.getlist("Set-Cookie") == ["sid=1; Path=/", "_ga=1; Path=/"]


def test_flask_behind_webtest() -> None:
    app = flask_shop()
    response = TestApp(CookieGateMiddleware(app, GATE)).get("/")
    assert response.headers.getall("Set-Cookie") == ["sid=1; Path=/"]
    assert TestApp(CookieGateMiddleware(app, GATE)).get("/failing", status=500).status_int == 500


def test_a_line_for_caches_that_is_not_latin1_reaches_the_server() -> None:
    # Only if the response depends on the visitor: then its cache headers are read.
    odd: list[Any] = [("Vary", "\u2603"), ("Cache-Control", None), ("ETag", b'"v1"')]
    for name, value in odd:
        started: list[Any] = []
        app = sending((name, value), ("Set-Cookie", "_ga=1"))
        call(CookieGateMiddleware(app, GATE), lambda status, headers, s=started: s.extend(headers))
        assert name in [one for one, _ in started]
        assert "Set-Cookie" not in [one for one, _ in started]


@pytest.mark.parametrize(
    "pair", [["X-A", "1"], ("X-A", 1), (2, "1"), ["Set-Cookie", "sid=1"], ("Set-Cookie", "sid=é")]
)
def test_a_pair_of_another_type_leaves_as_it_is(pair: Any) -> None:
    started: list[Any] = []
    app = sending(pair, ("Set-Cookie", "_ga=1"))
    call(CookieGateMiddleware(app, GATE), lambda status, headers: started.extend(headers))
    assert tuple(pair) in started


def test_a_name_of_another_type_leaves_as_the_text_that_a_server_writes() -> None:
    started: list[Any] = []
    name: Any = bytearray(b"X-A")
    call(
        CookieGateMiddleware(sending((name, "1")), GATE),
        lambda status, headers: started.extend(headers),
    )
    assert (str(name), "1") in started
