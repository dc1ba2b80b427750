"""Hiding: applications do not see registered cookies that are not allowed."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.http.cookie_header import without_cookies
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.adapters import asgi_headers, wsgi_headers
from tests.enforcement.test_sweep import consent
from tests.registries import gate_for, shop

Pair = tuple[bytes, bytes]

HIDE = 'request_cookies = "hide"'
PRIVATE = [(b"cache-control", b"private"), (b"vary", b"Cookie, DNT, Sec-GPC")]


def by_asgi(gate: Gate, request: Iterable[Pair]) -> tuple[list[bytes], list[Pair]]:
    """Return the Cookie headers that an ASGI application sees, and the response's headers."""
    seen: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(value for name, value in scope["headers"] if name.lower() == b"cookie")
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
        (b"_ga; sid=1", b"_ga; sid=1"),
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


NAMES = st.sampled_from([b"a", b"b", b" a", b"c "])


@given(st.lists(st.tuples(NAMES, st.binary(max_size=5))), st.sets(st.sampled_from([b"a", b"b"])))
def test_only_the_named_cookies_are_removed_from_a_header(
    pairs: list[tuple[bytes, bytes]], names: set[bytes]
) -> None:
    pairs = [(name, value.replace(b";", b"")) for name, value in pairs]
    header = b";".join(b"=".join(pair) for pair in pairs)
    result = [b"=".join(pair) for pair in pairs if pair[0].strip() not in names]
    if len(result) == len(pairs):
        assert without_cookies(header, names) == header
    else:
        assert without_cookies(header, names) == b";".join(result).lstrip(b" \t")
