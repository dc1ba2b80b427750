"""Every button answers, whatever cookies the browser holds, in every adapter."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test.utils import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.pages import Pages
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.django import site
from tests.pages.support import FORM, JSON, Response, registry
from tests.registries import KEY, NOON

Pair = tuple[bytes, bytes]
#: (method, path, headers, body) -> the response.
Send = Callable[[str, str, list[Pair], bytes], Response]

GATE = Gate(registry(), KEY, clock=lambda: float(NOON))
PAGES = Pages(GATE, choices_at_once=10**6)
SITE = [(b"host", b"www.shop.example"), (b"sec-fetch-site", b"same-origin")]
PAGE_LOAD = [*SITE, (b"sec-fetch-dest", b"document")]
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
BACK = GATE.signer("path").sign("/page?a=1")
# The form's fields or the body's JSON, and what is granted afterwards.
BUTTONS: list[tuple[dict[str, Any], set[str]]] = [
    ({"answer": "all", "surface": "banner", "back": BACK}, {"analysis", "marketing"}),
    ({"answer": "none", "surface": "banner", "back": BACK}, set()),
    ({"answer": "all"}, {"analysis", "marketing"}),
    ({"answer": "none"}, set()),
    ({"answer": "these", "category": ["marketing"]}, {"marketing"}),
    ({"answer": "these"}, set()),
    ({"answer": "withdraw"}, set()),
    ({"granted": ["analysis", "marketing"]}, {"analysis", "marketing"}),
    ({"granted": ["marketing"]}, {"marketing"}),
    ({"granted": []}, set()),
]


def send_asgi(app: Any) -> Send:
    def send(method: str, path: str, headers: list[Pair], body: bytes) -> Response:
        sent: list[Any] = []
        incoming = iter([{"type": "http.request", "body": body}])

        async def receive() -> Any:
            for message in incoming:
                return message
            await asyncio.sleep(3600)

        async def keep(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "query_string": b""}
        asyncio.run(app({**scope, "headers": headers}, receive, keep))
        return Response(sent[0]["status"], sent[0]["headers"], sent[1].get("body", b""))

    return send


def send_wsgi(app: Any) -> Send:
    def send(method: str, path: str, headers: list[Pair], body: bytes) -> Response:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SERVER_NAME": "www.shop.example",
            "SERVER_PORT": "443",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        for name, value in headers:
            key = name.decode().upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.decode("latin-1")
        started: list[Any] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> None:
            started.extend((int(status.split()[0]), headers))

        answer = b"".join(app(environ, start))
        pairs = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in started[1]]
        return Response(started[0], pairs, answer)

    return send


async def asgi_page(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"b")]})
    await send({"type": "http.response.body", "body": b"page"})


def wsgi_page(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("X-A", "b")])
    return [b"page"]


@pytest.fixture(params=["asgi", "wsgi", "django-asgi", "django-wsgi"], scope="module")
def send(request: pytest.FixtureRequest) -> Iterator[Send]:
    is_django = request.param.startswith("django")
    options = override_settings(COOKIEGATE_GATE=GATE, COOKIEGATE_PAGES=PAGES)
    with options if is_django else nullcontext():
        site.answer = lambda request: HttpResponse("page")
        app: Any = {
            "asgi": lambda: AsgiGate(asgi_page, GATE, pages=PAGES),
            "wsgi": lambda: WsgiGate(wsgi_page, GATE, pages=PAGES),
            "django-asgi": ASGIHandler,
            "django-wsgi": WSGIHandler,
        }[request.param]()
        yield send_asgi(app) if request.param.endswith("asgi") else send_wsgi(app)


def check_headers(response: Response, names: list[bytes]) -> None:
    """Check that nothing of the visitor is in a header, but the deletions of registered names."""
    for header, written in response.headers:
        value = written.strip()  # Django begins it with a blank
        if header.lower() == b"set-cookie" and not value.startswith(b"__Host-cookiegate="):
            name, _, rest = value.partition(b"=")
            assert rest.startswith(b"; Max-Age=0; Path=/")
            assert name in names
            assert TOKEN.fullmatch(name)
            assert GATE.registry.find(name)
        else:
            assert not any(name in value for name in names)


def press(send: Send, button: dict[str, Any], headers: list[Pair]) -> Response:
    if "answer" in button:
        body = urlencode(button, doseq=True).encode()
        return send("POST", "/cookies", [*SITE, FORM, *headers], body)
    return send("PUT", "/cookies/api", [*SITE, JSON, *headers], json.dumps(button).encode())


def granted_after(response: Response, before: bytes) -> set[str]:
    issued = [value for value in response.all(b"set-cookie") if "__Host-cookiegate=" in value]
    pair = issued[0].partition(";")[0].strip().encode() if issued else before
    consent = GATE.read([(b"cookie", pair)])
    assert consent.status == "given"
    return set(consent.granted)


def check_every_button(send: Send, names: list[bytes]) -> None:
    cookies = [name + b"=a value of some length" for name in names]
    for chosen in (None, [], ["analysis", "marketing"]):
        consent = b"" if chosen is None else GATE.issue(chosen).partition(";")[0].encode()
        header = [(b"cookie", b"; ".join([*cookies, *([consent] if consent else [])]))]
        for button, granted in BUTTONS:
            response = press(send, button, header)
            assert response.status in (200, 303)
            check_headers(response, names)
            assert granted_after(response, consent) == granted
            assert response.all(b"location") in ([], ["/page?a=1"])
    # The next page of somebody who refused.
    refusal = GATE.issue([]).partition(";")[0].encode()
    sent = [(b"cookie", b"; ".join([*cookies, refusal]))]
    for path in ("/any", "/cookies", "/cookies/api"):
        response = send("GET", path, [*PAGE_LOAD, *sent], b"")
        assert response.status == 200
        check_headers(response, names)


NAME = st.binary(min_size=3, max_size=60).map(
    lambda raw: b"_ga_" + bytes(one for one in raw if one > 0x20 and one not in b";=") + b"..."
)


@settings(max_examples=15)
@given(st.lists(NAME, min_size=1, max_size=4, unique=True))
def test_every_button_answers_whatever_bytes_are_in_a_cookies_name(
    send: Send, names: list[bytes]
) -> None:
    check_every_button(send, names)


@pytest.mark.parametrize(
    "names",
    [
        ["_ga_é".encode(), b"_ga_\xe9\xff", b"_ga_\x80"],
        [b'_ga_"quoted"', b"_ga_,comma", b"_ga_(x)", b"_ga_[x]", b"_ga_\\x", b"_ga_@/:?"],
        [b"_ga_with blanks in it", b"_ga_tab\tinside", b"_ga_\x01control", b"_ga_\x7f"],
        [b"_ga_" + b"x" * 4000, b"_ga_" + b"y" * 1000, b"_ga_" + b"z" * 900],
        [b"_ga_%03d" % number for number in range(300)],
        [b"_ga_%03d%s" % (number, b"x" * 200) for number in range(100)],
        [b"_ga_Upper", b"_GA_Upper", b"_ga_upper"],
        [b"__Host-cookiegate2", b"__host-cookiegate", b"__Secure-cookiegate", b"cookiegate2"],
        [b"_ga_\r\n"[:4] + b"crlf%0d%0aSet-Cookie:", b"_ga_<script>"],
    ],
    ids=lambda names: names[0][:12].decode("ascii", "replace"),
)
def test_every_button_answers_whatever_cookies_there_are(send: Send, names: list[bytes]) -> None:
    check_every_button(send, names)


@pytest.mark.parametrize("junk", [b"_ga", b"=", b"=_ga_x", b";;;", b"_ga_x", b"=;=;_ga_"])
def test_every_button_answers_a_cookie_header_that_is_no_list_of_pairs(
    send: Send, junk: bytes
) -> None:
    for button, granted in BUTTONS:
        response = press(send, button, [(b"cookie", junk)])
        assert response.status in (200, 303)
        assert granted_after(response, b"") == granted


def test_a_banner_returns_to_its_page_unless_there_is_something_to_say(send: Send) -> None:
    button = {"answer": "none", "surface": "banner", "back": BACK}
    for cookies, status in ((b"sid=1", 303), (b"_ga_1=1", 303), ("_ga_é=1".encode(), 200)):
        response = press(send, button, [(b"cookie", cookies)])
        assert response.status == status
    assert '<a class="cg-button" href="/page?a=1">Back to the page</a>' in response.text
    assert "because of their names: _ga_é." in response.text
    unsigned = press(send, {**button, "back": "/evil"}, [])
    assert unsigned.status == 200
    assert "Back to the page" not in unsigned.text


def test_the_api_names_what_the_response_does_not_delete(send: Send) -> None:
    cookies = [(b"cookie", "_ga_1=1; _ga_é=1; sid=1".encode())]
    answer = json.loads(press(send, {"granted": []}, cookies).text)
    assert answer["still_sent"] == ["_ga_é"]
    refusal = GATE.issue([]).partition(";")[0].encode()
    sent = [(b"cookie", cookies[0][1] + b"; " + refusal)]
    state = json.loads(send("GET", "/cookies/api", [*SITE, *sent], b"").text)
    assert state["still_sent"] == ["_ga_1", "_ga_é"]
    assert json.loads(send("GET", "/cookies/api", [*SITE, *cookies], b"").text)["still_sent"] == []
