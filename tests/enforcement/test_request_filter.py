"""Hiding: applications do not see registered cookies that are not allowed."""

import asyncio
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote

import pytest
from django.http.cookie import parse_cookie as django_cookies
from falcon import Request as FalconRequest
from falcon.testing import create_environ
from hypothesis import example, given
from hypothesis import strategies as st
from litestar._parsers import parse_cookie_string
from starlette.requests import Request
from webob import Request as WebobRequest
from werkzeug.http import parse_cookie

from cookiegate import Gate, Registry, Verdict
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.adapters import asgi_headers, wsgi_headers
from tests.enforcement.test_sweep import consent
from tests.registries import SHOP, gate_for, shop

Pair = tuple[bytes, bytes]

HIDE = 'request_cookies = "hide"'
PRIVATE = [(b"cache-control", b"private"), (b"vary", b"Cookie, DNT, Sec-GPC")]


def by_asgi(gate: Gate, request: Iterable[Pair]) -> tuple[list[bytes], list[Pair]]:
    """Return the Cookie headers that an ASGI application sees, and the response's headers."""
    seen: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(value for name, value in scope["headers"] if name in (b"cookie", b"Cookie"))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    result = asgi_headers(AsgiGate(app, gate), request)
    return [value for value in seen if value], result


def by_wsgi(gate: Gate, request: Iterable[Pair]) -> tuple[list[bytes], list[Pair]]:
    """Return the Cookie header that a WSGI application sees, and the response's headers."""
    seen: list[bytes] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(environ.get("HTTP_COOKIE", "").encode("latin-1"))
        start_response("200 OK", [])
        return []

    result = wsgi_headers(WsgiGate(app, gate), request)
    return [value for value in seen if value], result


each_adapter = pytest.mark.parametrize("adapter", [by_asgi, by_wsgi], ids=["asgi", "wsgi"])


@each_adapter
@pytest.mark.parametrize(
    ("cookies", "seen"),
    [
        (b"_ga=1; sid=2", b"sid=2"),
        (b"sid=2; _ga=1; who=3", b"sid=2; who=3"),
        (b"sid=2;  _ga = 1;x;=y; \xff=\xfe ", b"sid=2;x;=y; \xff=\xfe "),
        (b"_ga=1", b""),
        (b"_ga=1;_fbp=2; SID=3", b"SID=3"),
        (b"_ga=1; X=2", b"X=2"),
        (b"_ga; sid=1", b"sid=1"),
    ],
)
def test_the_application_sees_allowed_cookies_unchanged(
    adapter: Any, cookies: bytes, seen: bytes
) -> None:
    gate = gate_for(shop(HIDE))
    request = [(b"host", b"shop.example"), (b"cookie", cookies)]
    assert adapter(gate, request) == ([seen] if seen else [], PRIVATE)


@each_adapter
def test_a_grant_shows_them_and_the_response_still_depends_on_the_visitor(adapter: Any) -> None:
    gate = gate_for(shop(HIDE))
    cookies = b"_ga=1; " + consent(["analysis"])
    assert adapter(gate, [(b"cookie", cookies)]) == ([cookies], PRIVATE)
    assert adapter(gate, []) == ([], [])


@each_adapter
@pytest.mark.parametrize("policy", ["", f'{HIDE}\nmode = "report"'])
def test_without_the_option_nothing_is_hidden(adapter: Any, policy: str) -> None:
    request = [(b"cookie", b"_ga=1; sid=2")]
    assert adapter(gate_for(shop(policy)), request) == ([b"_ga=1; sid=2"], [])


@each_adapter
def test_cookies_of_reporting_categories_are_not_hidden(adapter: Any) -> None:
    gate = gate_for(shop(HIDE, 'mode = "report"'))
    assert adapter(gate, [(b"cookie", b"_ga=1; _fbp=2")])[0] == [b"_ga=1"]


@each_adapter
def test_a_frame_on_another_site_sends_no_choice_and_nothing_is_hidden(adapter: Any) -> None:
    request = [(b"cookie", b"_ga=1"), (b"sec-fetch-site", b"cross-site")]
    request.append((b"sec-fetch-dest", b"iframe"))
    assert adapter(gate_for(shop(HIDE)), request) == ([b"_ga=1"], PRIVATE)


def test_a_request_with_nothing_to_hide_is_handed_on_as_it_came() -> None:
    visit = HIDING.visit([(b"cookie", b"sid=1; who=2"), (b"cookie", b"x=y")])
    assert visit.context.pipeline.visible_cookies(visit.context) is None


def test_cookies_in_several_headers_are_all_judged() -> None:
    request = [
        (b"Cookie", b"_ga=1; sid=2"),
        (b"a", b"b"),
        (b"cookie", b"_fbp=1"),
        (b"cookie", b"x=y"),
    ]
    assert by_asgi(gate_for(shop(HIDE)), request)[0] == [b"sid=2", b"x=y"]


def test_hidden_cookies_are_swept_too() -> None:
    request = [(b"cookie", b"_ga=1; " + consent([])), (b"sec-fetch-dest", b"document")]
    for adapter in (by_asgi, by_wsgi):
        seen, result = adapter(gate_for(shop(HIDE)), request)
        assert b"_ga" not in seen[0]
        assert (b"set-cookie", b"_ga=; Max-Age=0; Path=/") in result


def test_a_request_that_cannot_be_read_is_answered_and_reported() -> None:
    errors: list[Exception] = []
    gate = gate_for(shop(HIDE), on_error=errors.append)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})

    broken: Any = [(b"cookie", 7)]
    assert asgi_headers(AsgiGate(app, gate), broken) == [(b"a", b"b")]
    assert {type(error) for error in errors} == {TypeError}


def test_headers_from_an_iterator_reach_the_application() -> None:
    def once() -> Any:
        yield b"Cookie", b"_ga=1; sid=2"
        yield "a", "b"

    for policy, cookie in ((HIDE, b"sid=2"), ("", b"_ga=1; sid=2")):
        seen: list[Any] = []
        answers: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any, seen: list[Any] = seen) -> None:
            seen.extend(scope["headers"])
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def receive() -> Any:
            return {"type": "http.request"}

        async def send(message: Any, answers: list[Any] = answers) -> None:
            answers.append(message)

        scope = {"type": "http", "method": "GET", "headers": once()}
        asyncio.run(AsgiGate(app, gate_for(shop(policy)))(scope, receive, send))
        assert seen == [(b"Cookie", cookie), ("a", "b")]
        assert len(answers) == 1


@pytest.mark.parametrize("headers", [["x"], [(b"sec-fetch-dest", 7)], [(b"accept", 7)]])
def test_headers_that_are_not_pairs_of_bytes_break_no_response(headers: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})

    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)
    assert asgi_headers(AsgiGate(app, gate), headers) == [(b"a", b"b")]


def by_starlette(cookies: bytes) -> set[str]:
    return set(Request({"type": "http", "headers": [(b"cookie", cookies)]}).cookies)


def by_werkzeug(cookies: bytes) -> set[str]:
    try:
        return set(parse_cookie(cookies.decode("latin-1")))
    except UnicodeDecodeError:
        return set()


def by_django(cookies: bytes) -> set[str]:
    return set(django_cookies(cookies.decode("utf-8", "replace")))


def by_django_async(cookies: bytes) -> set[str]:
    return set(django_cookies(cookies.decode("latin-1")))


def by_python(cookies: bytes) -> set[str]:
    try:
        return set(SimpleCookie(cookies.decode("latin-1")))
    except CookieError:
        return set()


def by_webob(cookies: bytes) -> set[str]:
    try:
        return set(WebobRequest({"HTTP_COOKIE": cookies.decode("latin-1")}).cookies)
    except UnicodeDecodeError:  # one that is not UTF-8: the application sees none
        return set()


def by_litestar(cookies: bytes) -> set[str]:
    return set(parse_cookie_string(cookies.decode("latin-1")))


def by_falcon(cookies: bytes) -> set[str]:
    environ = create_environ(headers={"Cookie": cookies.decode("latin-1")})
    return set(FalconRequest(environ).cookies)


def by_a_parser_that_decodes(cookies: bytes) -> set[str]:
    return {
        unquote(pair.partition("=")[0].strip()) for pair in cookies.decode("latin-1").split(";")
    }


PARSERS = [
    by_starlette,
    by_werkzeug,
    by_django,
    by_django_async,
    by_python,
    by_webob,
    by_litestar,
    by_falcon,
    by_a_parser_that_decodes,
]


def seen_by_wsgi(cookies: bytes, gate: Gate | None = None) -> bytes:
    """Return the Cookie header that an application sees where `_ga` and `_fbp` are hidden."""
    seen, _ = by_wsgi(gate or HIDING, [(b"cookie", cookies)])
    return b"; ".join(seen)


HIDING = gate_for(shop(HIDE))


@pytest.mark.parametrize(
    "cookies",
    [
        b"_ga",
        b"\xa0_ga=1",
        b"_ga\xa0=1",
        b"\x1f_ga\x85=1",
        b"\x0b\x0c_ga=1",
        b"\xc2\xa0_ga=1",
        b"\xe2\x80\x83_ga\xe3\x80\x80=1",
        b"sid=1 _ga=2",
        b"sid=1\t_ga =2",
        b"sid=1, _ga=2",
        b'sid="1"_ga=2',
        b"%5Fga=1",
        b"%5f%67%61=1",
        b"_ga=1; sid=2; _ga=3",
        b"; ;_ga=1",
        b"k%C3%BCche=1",
        "\u2003küche\xa0=1".encode(),
        "küche=1=2".encode(),
    ],
)
def test_a_cookie_that_some_parser_reads_as_a_hidden_one_is_hidden(cookies: bytes) -> None:
    hidden = {"_ga", "_fbp", "k\xfcche"}
    assert not any(read(seen_by_wsgi(cookies)) & hidden for read in PARSERS)
    assert any(read(cookies) & hidden for read in PARSERS)
    assert seen_by_wsgi(cookies + b"; who=2").endswith(b"who=2")


# Pieces of which Cookie headers consist, and bytes between them.
PIECES = st.sampled_from(
    [
        *(b"_ga", b"_fbp", b"sid", b"x", b"%5Fga", b"=", b"=1", b";", b"; ", b" ", b",", b'"'),
        *(b"\xa0", b"\xc2\xa0", b"\x85", b"\x0b", b"\x1f", b"\0", b"\xe2\x80\x83", b"\\"),
        *(b"$", b"@", b"{"),
    ]
)


@given(st.lists(PIECES, max_size=14).map(b"".join))
@example(b"_ga_ga=\\\xe2\x80\x83")
def test_no_parser_sees_a_hidden_cookie(cookies: bytes) -> None:
    seen = seen_by_wsgi(cookies)
    assert not any(read(seen) & {"_ga", "_fbp"} for read in PARSERS)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z.-]{1,6}", fullmatch=True),
            st.from_regex(r"[!#-+.-:<-\[\]-~]*", fullmatch=True),
        ),
        max_size=6,
    )
)
def test_every_other_cookie_as_browsers_write_it_stays(pairs: list[tuple[str, str]]) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in pairs).encode()
    assert seen_by_wsgi(cookies) == cookies
    assert seen_by_wsgi(b"_ga=1; " + cookies) == cookies


def test_cookies_beyond_those_that_are_judged_are_hidden() -> None:
    for count in (255, 256, 300):
        sent = [b"c%d=1" % index for index in range(count)]
        assert seen_by_wsgi(b"; ".join([*sent, b"_ga=1"])) == b"; ".join(sent[:256])
    two = [(b"cookie", b"; ".join([b"x=1"] * 200)), (b"cookie", b"; ".join([b"y=1"] * 200))]
    first, second = by_asgi(HIDING, two)[0]
    assert (first.count(b"x"), second.count(b"y")) == (200, 56)
    assert (
        len(by_asgi(HIDING, [(b"cookie", b"; ".join([b"x=1"] * 300)), (b"cookie", b"y=1")])[0]) == 1
    )


def test_if_cookies_cannot_be_judged_all_are_hidden() -> None:
    def fails() -> float:
        raise OSError("no clock")

    errors: list[Exception] = []
    gate = gate_for(shop(HIDE), clock=fails, on_error=errors.append)
    request = [(b"host", b"shop.example"), (b"cookie", b"_ga=1; sid=2"), (b"cookie", b"_fbp=1")]
    assert by_asgi(gate, request)[0] == []
    assert by_wsgi(gate, request[:2])[0] == []
    assert {type(error) for error in errors} == {OSError}


@pytest.mark.parametrize("headers", [[(None, b"1"), (b"cookie", b"_ga=1")], ["x"], [(b"a",)]])
def test_headers_that_cannot_be_read_show_no_cookie_and_break_no_response(headers: Any) -> None:
    errors: list[Exception] = []
    gate = gate_for(shop(HIDE), on_error=errors.append)
    seen, result = by_asgi(gate, headers)
    assert (seen, result) == ([], [])
    assert errors


def test_a_hook_that_fails_shows_no_cookie_and_one_that_keeps_shows_it() -> None:
    def fails(verdict: Verdict) -> None:
        raise OSError("no hook")

    errors: list[Exception] = []
    gate = gate_for(shop(HIDE), hook=fails, on_error=errors.append)
    assert seen_by_wsgi(b"_ga=1; who=2", gate) == b"who=2"
    assert {type(error) for error in errors} == {OSError}
    gate = gate_for(shop(HIDE), hook=lambda verdict: "essential" if verdict.name == "_ga" else None)
    assert seen_by_wsgi(b"_ga=1; _fbp=2", gate) == b"_ga=1"


def test_cookiegates_own_cookies_are_shown_whatever_a_pattern_says() -> None:
    everything = '[[cookies]]\nname = "*"\ncategory = "analysis"\n'
    gate = gate_for(Registry.parse(SHOP.format(policy=HIDE, analysis="") + everything))
    own = f"{gate.cookie_name}=1; {gate.cookie_name}-form=2".encode()
    assert seen_by_wsgi(b"x=1; " + own, gate) == own
