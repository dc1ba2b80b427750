"""Django behind the gate: the table of cases, byte for byte, in both of Django's handlers."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.test import AsyncClient, Client
from django.test.utils import override_settings

from cookiegate import Gate, NotKeptError, TooLateError, Verdict, Visit
from cookiegate.asgi import CookieGateMiddleware as AsgiMiddleware
from cookiegate.django.cookies import ExactMorsel
from cookiegate.wsgi import CookieGateMiddleware as WsgiMiddleware
from tests.cases import CASES, Case
from tests.django import site
from tests.enforcement.test_csp_editor import gate as csp_gate
from tests.registries import NOON, cookie_header, gate_for, shop

Pair = tuple[bytes, bytes]
# Django itself refuses a header with a line end.
FRAMED = [case for case in CASES if not set(case.header) & set(b"\r\n")]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def by_wsgi(app: Any, request: Iterable[Pair], path: str = "/any") -> list[Pair]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "80",
        "wsgi.input": BytesIO(),
    }
    for name, value in request:
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        environ[key] = value.decode("latin-1")
    started: list[Any] = []
    app(environ, lambda status, headers: started.append(headers))
    return [(n.encode("latin-1").lower(), v.encode("latin-1")) for n, v in started[0]]


def names(pairs: list[Pair]) -> list[bytes]:
    return [v.partition(b"=")[0].strip() for n, v in pairs if n == b"set-cookie"]


def by_asgi(app: Any, request: Iterable[Pair], path: str = "/any-async") -> list[Pair]:
    sent: list[Any] = []
    incoming = iter([{"type": "http.request", "body": b""}])

    async def receive() -> Any:
        for message in incoming:
            return message
        await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": list(request),
    }
    asyncio.run(app(scope, receive, send))
    return [(name.lower(), value) for name, value in sent[0]["headers"]]


HANDLERS: dict[str, tuple[Callable[[], Any], Callable[..., list[Pair]]]] = {
    "wsgi": (WSGIHandler, by_wsgi),
    "asgi": (ASGIHandler, by_asgi),
}
each_handler = pytest.mark.parametrize(("handler", "run"), HANDLERS.values(), ids=HANDLERS.keys())


def judged(pairs: list[Pair]) -> list[Pair]:
    # Django's WSGI handler writes a blank before each cookie, which browsers drop.
    return sorted(
        (name, value.lstrip(b" "))
        for name, value in pairs
        if name in (b"set-cookie", b"vary", b"cache-control")
    )


def as_header(text: str) -> HttpResponse:
    return HttpResponse("", headers={"Set-Cookie": text})


def as_morsel(text: str) -> HttpResponse:
    response = HttpResponse("")
    dict.__setitem__(response.cookies, "any", ExactMorsel(text))
    return response


@pytest.mark.parametrize(
    ("case", "write", "handler", "run"),
    [
        pytest.param(case, write, *handler, id=f"{case.id}-{write.__name__}-{name}")
        for case in FRAMED
        for write in (as_header, as_morsel)
        for name, handler in HANDLERS.items()
        # Django's ASGI handler writes a view's own morsels in ASCII alone.
        if case.header.isascii() or (write, name) != (as_morsel, "asgi")
    ],
)
def test_every_case_leaves_as_in_the_other_adapters(
    case: Case,
    write: Callable[[str], HttpResponse],
    handler: Callable[[], Any],
    run: Callable[..., list[Pair]],
) -> None:
    text = case.header.decode("latin-1")
    site.answer = lambda request: write(text)
    with override_settings(COOKIEGATE_GATE=gate_for(case.registry), MIDDLEWARE=site.MIDDLEWARE[:1]):
        result = run(handler(), case.request)
    expected = [] if case.leaves is None else [(b"set-cookie", case.leaves)]
    if case.depends:
        expected += [(b"cache-control", b"private"), (b"vary", b"Cookie, DNT, Sec-GPC")]
    assert judged(result) == judged(expected)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = gate_for(secure=False)
    with override_settings(COOKIEGATE_GATE=gate):
        yield gate


def two_cookies(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("")
    response.set_cookie("sid", "1", path="/a")
    response.set_cookie("_ga", "2", max_age=60)
    response.set_cookie("cart", "3")
    return response


def test_a_kept_cookie_is_the_same_morsel(gate: Gate) -> None:
    site.answer = two_cookies
    response = Client().get("/any")
    assert list(response.cookies) == ["sid", "cart"]
    assert response.cookies["sid"]["path"] == "/a"
    assert type(response.cookies["sid"]) is not ExactMorsel


def test_a_choice_in_a_view_decides_about_cookies_set_before(gate: Gate) -> None:
    def choose(request: Any) -> HttpResponse:
        response = two_cookies(request)
        request.cookiegate.choose({"analysis"})
        return response

    site.answer = choose
    client = Client()
    response = client.get("/any")
    assert sorted(response.cookies) == ["_ga", "cart", "cookiegate", "sid"]
    assert response["Cache-Control"] == "no-store"
    assert response.cookies["cookiegate"]["httponly"] is True
    assert response.cookies["cookiegate"]["samesite"] == "Lax"
    # The client's cookie jar has it.
    site.answer = two_cookies
    assert "_ga" in client.get("/any").cookies


def test_a_deletion_is_rewritten_and_shows_its_attributes(gate: Gate) -> None:
    def delete(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("")
        response.delete_cookie("_ga", path="/a", samesite="Lax")
        return response

    site.answer = delete
    morsel = Client().get("/any").cookies["_ga"]
    assert morsel.OutputString() == (
        "_ga=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/a; SameSite=Lax"
    )
    assert (morsel.value, morsel["path"], morsel["max-age"]) == ("", "/a", "0")


def test_several_cookies_of_one_name_leave(gate: Gate) -> None:
    def delete(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("", headers={"Set-Cookie": "_ga=; Max-Age=0; Path=/b"})
        response.delete_cookie("_ga", path="/a")
        return response

    site.answer = delete
    result = by_wsgi(WSGIHandler(), [])
    paths = [value.rpartition(b"Path=")[2] for name, value in result if name == b"set-cookie"]
    assert paths == [b"/b", b"/a"]


def test_a_name_that_python_refuses_is_written_too(gate: Gate) -> None:
    site.answer = lambda request: as_header("_gat_a/b=1; Max-Age=0")
    result = [value.strip() for name, value in by_wsgi(WSGIHandler(), []) if name == b"set-cookie"]
    assert result == [b"_gat_a/b=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]


def test_a_cookie_that_no_header_can_carry_is_stripped_and_the_page_delivered(gate: Gate) -> None:
    def snowman(request: HttpRequest) -> HttpResponse:
        response = two_cookies(request)
        response.set_cookie("cart", "4", path="/\u2603")
        return response

    site.answer = snowman
    response = Client().get("/any")
    assert list(response.cookies) == ["sid"]
    assert gate.failures == 1


def test_a_header_for_shared_caches_alone_is_removed(gate: Gate) -> None:
    def cached(request: HttpRequest) -> HttpResponse:
        response = two_cookies(request)
        response["Cache-Control"] = "public, max-age=60"
        response["CDN-Cache-Control"] = "max-age=60"
        return response

    site.answer = cached
    response = Client().get("/any")
    assert response["Cache-Control"] == "private, max-age=60"
    assert "CDN-Cache-Control" not in response


def test_a_response_without_cookies_is_not_touched(gate: Gate) -> None:
    site.answer = lambda request: HttpResponse("", headers={"Cache-Control": "public"})
    response = Client().get("/any")
    assert response["Cache-Control"] == "public"
    assert response["Vary"] == "Accept-Language"


def test_streams_and_error_pages_pass_the_gate(gate: Gate) -> None:
    client = Client(raise_request_exception=False)
    assert "_ga" not in client.get("/stream").cookies
    response = client.get("/fail")
    assert (response.status_code, "Set-Cookie" in response) == (500, False)


def test_djangos_test_clients_pass_the_middleware(gate: Gate) -> None:
    async def ask() -> Any:
        return await AsyncClient().get("/any-async")

    site.answer = two_cookies
    response = asyncio.run(ask())
    assert list(response.cookies) == ["sid", "cart"]


def test_after_the_response_a_choice_comes_too_late(gate: Gate) -> None:
    kept: list[Visit] = []

    def keep(request: Any) -> HttpResponse:
        kept.append(request.cookiegate)
        return two_cookies(request)

    site.answer = keep
    Client().get("/any")
    with pytest.raises(TooLateError):
        kept[0].choose({"analysis"})


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/users/7", "users/<int:id>"),
        ("/", "/"),
        ("/part/", "part/"),
        ("/part/7/", "part/<int:id>/"),
    ],
)
def test_callbacks_get_the_routes_template(path: str, route: str) -> None:
    seen: list[Verdict] = []
    site.answer = two_cookies
    with override_settings(COOKIEGATE_GATE=gate_for(secure=False, on_verdict=seen.append)):
        Client().get(path)
    assert {verdict.route for verdict in seen} == {route}


def test_an_unresolved_path_has_no_route() -> None:
    seen: list[Verdict] = []
    gate = gate_for(secure=False, on_verdict=seen.append)
    with override_settings(COOKIEGATE_GATE=gate, MIDDLEWARE=[site.GATE_MIDDLEWARE, COOKIE_SETTER]):
        Client().get("/nowhere")
    assert [verdict.route for verdict in seen] == [None]


COOKIE_SETTER = f"{__name__}.cookie_setter"


def cookie_setter(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.set_cookie("_ga", "1")
        return response

    return middleware


def test_several_hosts_have_their_own_gates() -> None:
    site.answer = two_cookies
    gates = {"a.example": gate_for(secure=False), "*": gate_for(mode="report")}
    with override_settings(COOKIEGATE_GATE=gates):
        assert "_ga" not in Client().get("/any", headers={"host": "a.example"}).cookies
        assert "_ga" in Client().get("/any", headers={"host": "b.example"}).cookies


@each_handler
def test_inside_a_middleware_of_the_same_gate_that_middleware_decides(
    gate: Gate, handler: Callable[[], Any], run: Callable[..., list[Pair]]
) -> None:
    def choose(request: Any) -> HttpResponse:
        request.cookiegate.choose({"analysis"})
        return two_cookies(request)

    site.answer = choose
    middleware = WsgiMiddleware if handler is WSGIHandler else AsgiMiddleware
    app: Any = handler()
    assert names(run(middleware(app, gate), [])) == [b"sid", b"_ga", b"cart", b"cookiegate"]


class Recorder:
    def __init__(self, fails: bool) -> None:
        self.fails = fails
        self.seen: list[Any] = []

    def commit(self, choice: Any) -> None:
        if self.fails:
            raise OSError("the ledger is down")
        self.seen.append(choice)


class AsyncRecorder:
    def __init__(self, fails: bool) -> None:
        self.recorder = Recorder(fails)
        self.seen = self.recorder.seen

    async def commit(self, choice: Any) -> None:
        self.recorder.commit(choice)


@each_handler
@pytest.mark.parametrize("fails", [False, True])
def test_a_recorder_commits_a_choice_before_it_takes_effect(
    gate: Gate, handler: Callable[[], Any], run: Callable[..., list[Pair]], fails: bool
) -> None:
    def choose(request: Any) -> HttpResponse:
        request.cookiegate.choose({"analysis"})
        return two_cookies(request)

    site.answer = choose
    recorder: Any = Recorder(fails) if handler is WSGIHandler else AsyncRecorder(fails)
    with override_settings(COOKIEGATE_RECORDER=recorder):
        result = names(run(handler(), []))
    if fails:
        assert b"cookiegate" not in result
        assert recorder.seen == []
    else:
        assert result == [b"sid", b"_ga", b"cart", b"cookiegate"]
        assert [choice.after.granted for choice in recorder.seen] == [{"analysis"}]


@each_handler
def test_an_unused_recorder_of_the_django_middleware_is_logged(
    gate: Gate,
    handler: Callable[[], Any],
    run: Callable[..., list[Pair]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    site.answer = two_cookies
    middleware: Any = WsgiMiddleware if handler is WSGIHandler else AsgiMiddleware
    recorder: Any = Recorder(False) if handler is WSGIHandler else AsyncRecorder(False)
    logging.disable(logging.NOTSET)
    with override_settings(COOKIEGATE_RECORDER=recorder):
        run(middleware(handler(), gate), [])
    assert "give the recorder to the outermost one" in caplog.text


@each_handler
@pytest.mark.parametrize("pages", [None, "/cookies"])
def test_a_choice_that_cannot_be_kept_is_answered_with_a_clear_page(
    gate: Gate, handler: Callable[[], Any], run: Callable[..., list[Pair]], pages: str | None
) -> None:
    closed: list[bool] = []

    class Thanks(HttpResponse):
        def close(self) -> None:
            closed.append(True)
            super().close()

    def choose(request: Any) -> HttpResponse:
        request.cookiegate.choose({"analysis"})
        response = Thanks(b"Thanks.")
        response.set_cookie("_ga", "1")
        return response

    class Down:
        def commit(self, choice: Any) -> None:
            raise NotKeptError("down")

    class AsyncDown:
        async def commit(self, choice: Any) -> None:
            raise NotKeptError("down")

    site.answer = choose
    recorder: Any = Down() if handler is WSGIHandler else AsyncDown()
    with override_settings(COOKIEGATE_RECORDER=recorder, COOKIEGATE_PAGES=pages):
        result = run(handler(), [])
    assert dict(result)[b"retry-after"] == b"30"
    assert names(result) == []
    assert closed == [True]


def test_a_visitors_choice_is_read_from_the_cookie(gate: Gate) -> None:
    site.answer = two_cookies
    issued = gate.issue({"analysis"}, now=NOON)
    for run, handler in ((by_wsgi, WSGIHandler), (by_asgi, ASGIHandler)):
        result = run(handler(), [cookie_header(issued)])
        assert b"_ga" in names(result)


def test_templates_have_the_visit(gate: Gate) -> None:
    assert Client().get("/template").content == b"False True"


def test_a_template_without_the_visit_says_what_to_do() -> None:
    from django.core.exceptions import ImproperlyConfigured

    with (
        override_settings(MIDDLEWARE=[]),
        pytest.raises(ImproperlyConfigured, match="put CookieGateMiddleware first"),
    ):
        Client().get("/template")


def test_report_mode_changes_nothing() -> None:
    site.answer = two_cookies
    with override_settings(COOKIEGATE_GATE=gate_for(shop('mode = "report"'), secure=False)):
        assert list(Client().get("/any").cookies) == ["sid", "_ga", "cart"]


@each_handler
def test_a_view_sees_no_hidden_cookie_and_refused_ones_are_swept(
    handler: Callable[[], Any], run: Callable[..., list[Pair]]
) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(dict(request.COOKIES))
        return HttpResponse("")

    site.answer = answer
    gate = gate_for(shop('request_cookies = "hide"'))
    refusal = cookie_header(gate.issue([], now=NOON), "_ga=1", "sid=2")
    with override_settings(COOKIEGATE_GATE=gate):
        result = run(handler(), [(b"host", b"shop.example"), refusal, (b"accept", b"text/html")])
    assert set(seen[0]) == {gate.cookie_name, "sid"}
    assert b"_ga=; Max-Age=0; Path=/" in [value.strip() for _, value in result]


def test_templates_hold_scripts_back(gate: Gate) -> None:
    text = (
        "{% load cookiegate %}{% gated_script 'analysis' src='/a.js' %}{% consent_mode_script %}"
        "{% google_tag 'G-1' category='analysis' %}"
    )

    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(Template(text).render(RequestContext(request, {})))

    site.answer = answer
    page = Client().get("/any").content.decode()
    assert page.startswith('<script type="text/plain" data-cookiegate="analysis" src="/a.js">')
    assert page.count('gtag("consent","default"') == 2


@each_handler
def test_a_policy_is_edited_as_in_the_other_adapters(
    handler: Callable[[], Any], run: Callable[..., list[Pair]]
) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        policy = "script-src 'self' https://ads.example"
        return HttpResponse("", headers={"Content-Security-Policy": policy})

    site.answer = answer
    with override_settings(COOKIEGATE_GATE=csp_gate()):
        result = run(handler(), [(b"host", b"shop.example")])
    assert (b"content-security-policy", b"script-src 'self'") in result
    assert (b"cache-control", b"private") in result


# Cookies that the gate rewrites: a deletion, a lifetime that is cut, attributes that are raised.
REWRITES = {
    "deletion": ("", "_ga={}; Max-Age=0; Path=/{}", "_ga=; Max-Age=0; Expires="),
    "clamp": ('lifetime = "clamp"', "cart={}; Max-Age=99999999; Path=/{}", "Max-Age=2592000"),
    "attributes": ('floor = { secure = true }\nunknown = "allow"', "x={}; Path=/{}", "Secure"),
    "SameSite": ('same_site_none = "mend"', "sid={}; SameSite=None; Path=/{}", "Secure"),
}


@pytest.mark.parametrize("text", ["\xe9", "k\xc3\xbcche", "\x80\xff"])
@pytest.mark.parametrize(("policy", "cookie", "part"), REWRITES.values(), ids=REWRITES.keys())
@each_handler
def test_a_rewritten_cookie_leaves_with_bytes_beyond_ascii(
    handler: Callable[[], Any],
    run: Callable[..., list[Pair]],
    policy: str,
    cookie: str,
    part: str,
    text: str,
) -> None:
    site.answer = lambda request: as_header(cookie.format(text, text))
    with override_settings(COOKIEGATE_GATE=gate_for(shop(policy)), MIDDLEWARE=site.MIDDLEWARE[:1]):
        result = run(handler(), [(b"host", b"shop.example")])
    (left,) = [value.decode("latin-1") for name, value in result if name == b"set-cookie"]
    assert part in left
    assert f"Path=/{text}" in left


@pytest.mark.parametrize("mode", ["enforce", "report"])
def test_a_cookie_beyond_latin1_is_the_servers_affair_in_report_mode(mode: str) -> None:
    def snowman(request: HttpRequest) -> HttpResponse:
        response = two_cookies(request)
        response.set_cookie("who", "\u2603")
        response.set_cookie("cart", "4", path="/\u2603")
        return response

    site.answer = snowman
    with override_settings(COOKIEGATE_GATE=gate_for(mode=mode, secure=False)):
        response = Client().get("/any")
    assert response.status_code == 200
    kept = ["sid"] if mode == "enforce" else ["sid", "_ga", "cart", "who"]
    assert list(response.cookies) == kept


def test_the_cookie_fields_of_http2_are_read_one_by_one() -> None:
    seen: list[Any] = []
    gate = gate_for(secure=False)
    name, _, value = gate.issue({"analysis"}).partition(";")[0].encode().partition(b"=")
    fields = [(b"cookie", b"sid=1"), (b"cookie", name + b"=" + value), (b"cookie", b"_fbp=2")]

    def answer(request: Any) -> HttpResponse:
        seen.append((request.cookiegate.consent.granted, request.META["HTTP_COOKIE"]))
        return two_cookies(request)

    site.answer = answer
    with override_settings(COOKIEGATE_GATE=gate, MIDDLEWARE=site.MIDDLEWARE[:1]):
        result = by_asgi(ASGIHandler(), [(b"host", b"shop.example"), *fields])
    assert seen[0][0] == {"analysis"}
    assert names(result) == [b"sid", b"_ga", b"cart"]
    # What the view reads is Django's affair.
    assert seen[0][1].count(",") == 2


@each_handler
def test_what_is_around_django_sees_the_cookies_that_a_view_does_not(
    handler: Callable[[], Any], run: Callable[..., list[Pair]]
) -> None:
    seen: list[str] = []
    around: list[str] = []

    def answer(request: Any) -> HttpResponse:
        seen.append(request.META["HTTP_COOKIE"])
        seen.append(request.headers["Cookie"])
        if (scope := getattr(request, "scope", None)) is not None:
            seen.extend(v.decode() for n, v in scope["headers"] if n == b"cookie")
        else:
            seen.append(request.environ["HTTP_COOKIE"])
        return HttpResponse("")

    def outer(environ: Any, start_response: Any) -> Any:
        response = handler()(environ, start_response)
        around.append(environ["HTTP_COOKIE"])
        return response

    async def outer_async(scope: Any, receive: Any, send: Any) -> None:
        await handler()(scope, receive, send)
        around.extend(value.decode() for name, value in scope["headers"] if name == b"cookie")

    site.answer = answer
    with override_settings(COOKIEGATE_GATE=gate_for(shop('request_cookies = "hide"'))):
        request = [(b"host", b"shop.example"), (b"cookie", b"_ga=1; sid=2")]
        run(outer if run is by_wsgi else outer_async, request)
    assert seen == ["sid=2"] * 3
    assert around == ["_ga=1; sid=2"]
