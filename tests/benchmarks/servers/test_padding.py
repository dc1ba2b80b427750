"""A response has the same size with the gate and without."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from benchmarks.servers.client import refused_lengths
from benchmarks.servers.lineup import check
from benchmarks.servers.sites import BARE, CACHE_HEADERS, GATE, SITES
from benchmarks.servers.traffic import fill, templates
from benchmarks.subjects import STRIPPED

Pair = tuple[str, str]


def request(kind: str, cookies: int) -> list[Pair]:
    text = fill(templates(kind, cookies)[0], 1).decode()
    lines = text.removesuffix("\r\n\r\n").split("\r\n")[1:]
    return [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]


def ask_asgi(app: Any, headers: list[Pair]) -> bytes:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    asyncio.run(app(scope, receive, send))
    start, *bodies = sent
    lines = [name + b": " + value for name, value in start["headers"]]
    body = b"".join(message["body"] for message in bodies)
    return b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", body])


def ask_wsgi(app: Any, headers: list[Pair]) -> bytes:
    lines = ["HTTP/1.1 200 OK"]

    def start(status: str, headers: list[Pair], exc_info: Any = None) -> None:
        lines.extend(f"{name}: {value}" for name, value in headers)

    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "SERVER_NAME": "billogram.com",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers},
    }
    answer = app(environ, start)
    body = b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer_of(site: str, around: str, stripped: Sequence[int] = (), cookies: int = 6) -> bytes:
    one = SITES[site]
    ask: Callable[[Any, list[Pair]], bytes] = ask_asgi if one.is_asgi else ask_wsgi
    return ask(one.application(around, stripped), request(one.kind, cookies))


# Django has its settings once for a process.
@pytest.mark.parametrize("site", sorted(SITES.keys() - {"Django page"}))
@pytest.mark.parametrize("sent", [6, 30])
def test_the_gate_strips_what_is_refused_and_the_size_stays(site: str, sent: int) -> None:
    cookies = SITES[site].cookies
    plain = answer_of(site, BARE, cookies=sent)
    assert plain.lower().count(b"\r\nset-cookie: ") == cookies
    stripped = refused_lengths(plain, STRIPPED)
    assert len(stripped) == cookies // 2
    gated = answer_of(site, GATE, stripped, cookies=sent)
    check(plain, gated)
    # Also, the gate deletes none of the cookies that were sent.
    assert gated.lower().count(b"\r\nset-cookie: ") == cookies - len(stripped)
    assert gated.count(b"\r\nx-stripped: ") == len(stripped)


def test_a_response_without_the_filling_does_not_pass() -> None:
    plain = answer_of("bare", BARE)
    with pytest.raises(RuntimeError, match="sends less"):
        check(plain, answer_of("bare", GATE))


def test_a_gate_that_strips_nothing_does_not_pass() -> None:
    plain = answer_of("bare", BARE)
    with pytest.raises(RuntimeError, match="stripped nothing"):
        check(plain, plain)


@pytest.mark.parametrize("peer", ["SessionMiddleware", "CORSMiddleware", "GZipMiddleware"])
def test_other_middleware_answers_with_all_cookies(peer: str) -> None:
    answer = answer_of("Starlette JSON", peer)
    assert answer.lower().count(b"\r\nset-cookie: ") == 2


@pytest.mark.parametrize("site", ["bare", "bare WSGI"])
def test_the_headers_for_caches_are_those_of_the_gate(site: str) -> None:
    gated, other = (set(answer_of(site, one).split(b"\r\n")) for one in (GATE, CACHE_HEADERS))
    names = (b"cache-control: ", b"vary: ")
    assert {line for line in gated if line.startswith(names)} == {
        line for line in other if line.startswith(names)
    }
