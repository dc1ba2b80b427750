"""The measured subjects: the gate, a forwarding wrapper, a minimal filter, and hand-written code.

Every response has new bytes objects with new values: reused objects would favour code with memos.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware

KEY = "a key for the benchmarks, of some length"
GRANTED = ("analysis",)
ASGIApp = Callable[[Any, Any, Any], Any]
Pair = tuple[bytes, bytes]

# Names of the registry's entries, in two halves: what the visitor allows, and what not.
KEPT = ["csrftoken", "access_token", "language", "efaktura", "__stripe_mid", "__stripe_sid"]
KEPT += ["_ga", "_gid", "_hjIncludedInSample", "demouuid"]
STRIPPED = [
    "_fbp",
    "_fbc",
    "fr",
    "HSID",
    "NID",
    "SID",
    "li_sugr",
    "UserMatchHistory",
    "iztid",
    "pardot",
]
ATTRIBUTES = [
    "; Path=/",
    "; Path=/; Max-Age=2592000; Secure; SameSite=Lax",
    "; Path=/; HttpOnly; SameSite=Lax",
    "; Domain=billogram.com; Path=/; Max-Age=86400; Secure",
]
COMMON = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-length", "5120"),
    ("cache-control", "max-age=0"),
    ("x-frame-options", "DENY"),
    ("etag", '"5b1d-{n}"'),
    ("server-timing", "app;dur={n}"),
]


def answer(cookies: int, n: int) -> list[tuple[str, str]]:
    """Return the headers of the n-th response with so many cookies, half of them not allowed."""
    headers = [(name, value.format(n=n)) for name, value in COMMON]
    for index in range(cookies):
        names = STRIPPED if index % 2 else KEPT
        name = names[index // 2 % len(names)]
        attributes = ATTRIBUTES[(n + index) % len(ATTRIBUTES)]
        headers.append(("set-cookie", f"{name}={n * 7919 % 1000003}.{index}{attributes}"))
    return headers


async def site(scope: Any, receive: Any, send: Any) -> None:
    """Answer "ok", with headers made for this response, as real applications do."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in scope["answer"]]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


class Forward:
    """A wrapper that only forwards: the cost of any middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def forward(message: Any) -> None:
            await send(message)

        await self.app(scope, receive, forward)


class MinimalFilter:
    """
    The least that a filter by name can do: find Set-Cookie, cut the name, look it up.

    It finds the header in any case, since applications write it in any case.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.categories = {
            name.encode(): entry.category for entry in gate.registry.entries for name in entry.names
        }
        self.allowed = gate.registry.required | set(GRANTED)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def filtered(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = []
                categories, allowed = self.categories, self.allowed
                for pair in message["headers"]:
                    name, value = pair
                    if name.lower() == b"set-cookie":
                        if categories.get(value.split(b"=", 1)[0]) in allowed:
                            headers.append(pair)
                    else:
                        headers.append(pair)
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, filtered)


class Handwritten:
    """Typical hand-written code: http.cookies both ways, and itsdangerous for the consent."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.serializer = serializer()
        self.categories = {
            name: entry.category for entry in gate.registry.entries for name in entry.names
        }
        self.required = gate.registry.required

    def allowed(self, headers: list[Pair]) -> frozenset[str]:
        for name, value in headers:
            if name == b"cookie":
                jar = SimpleCookie(value.decode("latin-1"))
                if "consent" in jar:
                    try:
                        data = self.serializer.loads(jar["consent"].value, max_age=90 * 86400)
                    except BadSignature:
                        break
                    return self.required.union(data["granted"])
        return self.required

    def keeps(self, value: str, allowed: frozenset[str]) -> bool:
        """Return whether one Set-Cookie value is kept."""
        try:
            names = list(SimpleCookie(value))
        except CookieError:
            return False
        return bool(names) and self.categories.get(names[0]) in allowed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def filtered(message: Any) -> None:
            if message["type"] == "http.response.start":
                allowed = self.allowed(scope["headers"])
                headers = [
                    (name, value)
                    for name, value in message["headers"]
                    if name.lower() != b"set-cookie" or self.keeps(value.decode("latin-1"), allowed)
                ]
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, filtered)


def serializer() -> URLSafeTimedSerializer:
    """Return itsdangerous' serializer as documented, with the gate's HMAC-SHA256."""
    return URLSafeTimedSerializer(
        KEY, salt="consent", signer_kwargs={"digest_method": hashlib.sha256}
    )


def registry(lifetime: str = "off", sweep: str = "on") -> Registry:
    """Return billogram.toml with these rules for lifetimes and the sweep."""
    path = Path(__file__).parent.parent / "registry" / "billogram.toml"
    text = path.read_text(encoding="utf-8")
    policy = f'[policy]\nlifetime = "{lifetime}"\nsweep = "{sweep}"'
    return Registry.parse(text.replace("[policy]", policy))


def request_headers(gate: Gate) -> list[Pair]:
    """Return the headers of a returning visitor, with both consent cookies among others."""
    token = serializer().dumps({"granted": list(GRANTED), "version": 1})
    own = gate.issue(GRANTED).partition(";")[0]
    cookie = f"csrftoken=8fRk2; _ga=GA1.1.12; {own}; consent={token}; theme=dark"
    return [
        (b"host", b"billogram.com"),
        (b"accept", b"text/html,application/xhtml+xml"),
        (b"accept-language", b"sv,en;q=0.8"),
        (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
        (b"cookie", cookie.encode()),
    ]


def visitor_headers(gate: Gate, visitor: str) -> list[Pair]:
    """
    Return a visitor's request headers.

    Args:
        gate: The gate, which issues the consent.
        visitor: "returning", "first sight" (a new consent cookie with each request: see
            `each_request`), "no cookie" or "forged cookie".
    """
    headers = request_headers(gate)
    if visitor == "no cookie":
        return [pair for pair in headers if pair[0] != b"cookie"]
    if visitor == "forged cookie":
        stranger = Gate(gate.registry, "another key, and not a short one")
        return request_headers(stranger)
    if visitor == "first sight":
        return [*headers, _FIRST_SIGHT]
    return headers


# Marks the headers of a visitor who is new with each request. It is not sent.
_FIRST_SIGHT = (b"x-first-sight", b"1")


def each_request(headers: list[Pair], number: int) -> Iterator[list[Pair]]:
    """Yield the headers of so many requests of a visitor."""
    if _FIRST_SIGHT not in headers:
        yield from [headers] * number
        return
    issuer = Gate(registry(), KEY)
    for _ in range(number):
        yield request_headers(issuer)


async def discard(message: Any) -> None:
    """Discard a message."""


async def receive() -> Any:
    """Return an empty request body."""
    return {"type": "http.request", "body": b"", "more_body": False}


class Requests:
    """
    Requests of one visitor to an application, without an event loop.

    Args:
        app: The application, wrapped.
        headers: The requests' headers.
        cookies: The number of Set-Cookie headers of each response.
    """

    def __init__(self, app: ASGIApp, headers: list[Pair], cookies: int) -> None:
        self.app = app
        self.headers = headers
        self.cookies = cookies

    def prepare(self, number: int) -> list[Any]:
        return [
            {
                "type": "http",
                "method": "GET",
                "path": "/",
                "headers": headers,
                "answer": answer(self.cookies, n),
            }
            for n, headers in enumerate(each_request(self.headers, number))
        ]

    def run(self, scope: Any) -> None:
        try:
            self.app(scope, receive, discard).send(None)
        except StopIteration:
            return
        raise RuntimeError("the application waited for something")


class Reads:
    """The gate reads consent cookies that it has not seen before."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def prepare(self, number: int) -> list[list[Pair]]:
        issued = (self.gate.issue(GRANTED).partition(";")[0] for _ in range(number))
        return [[(b"cookie", value.encode())] for value in issued]

    def run(self, headers: list[Pair]) -> None:
        if self.gate.read(headers).status != "given":
            raise RuntimeError("the consent cookie was not read")


class Loads:
    """itsdangerous loads tokens that it has not seen before."""

    def __init__(self) -> None:
        self.serializer = serializer()

    def prepare(self, number: int) -> list[str]:
        payload = {"site": "billogram", "version": 1, "granted": list(GRANTED), "signals": ""}
        return [str(self.serializer.dumps(payload | {"receipt": str(n)})) for n in range(number)]

    def run(self, token: str) -> None:
        self.serializer.loads(token, max_age=90 * 86400)


def gated(app: ASGIApp, gate: Gate) -> ASGIApp:
    """Return the application, wrapped in the gate's middleware."""
    return CookieGateMiddleware(app, gate)
