"""The measured subjects: the gate, a forwarding wrapper, a minimal filter, and hand-written code.

Every request and every response has new objects with new values, for names as well: an object
remembers its hash, so reused ones would favour code with memos.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from http.cookies import CookieError, SimpleCookie
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any, Literal

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
# Patterns of the registry match these.
VARYING_KEPT = "_gat_UA-{n}-{i}"
VARYING_STRIPPED = "visitor_id{n}{i}"
# What else a visitor's Cookie header has: cookies that the visitor allows, and unknown ones.
SENT = [
    *("language", "efaktura", "__stripe_mid", "__stripe_sid", "_gid", "_hjIncludedInSample"),
    *("demouuid", "cookie-perms", "machine_identifier", "private_machine_identifier"),
    *(f"preference_{letter}" for letter in "abcdefghijkl"),
    *("_gat_UA-{n}-1", "cart_{n}"),
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


# The other headers of a request.
ORDINARY = [
    ("host", "billogram.com"),
    ("accept", "text/html,application/xhtml+xml"),
    ("accept-language", "sv,en;q=0.8"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
]


def answer(cookies: int, n: int, *, new_names: bool = False) -> list[tuple[str, str]]:
    """
    Return the headers of the n-th response, all of them new objects.

    Args:
        cookies: The number of Set-Cookie headers. The visitor allows every other one.
        n: The number of the response.
        new_names: Whether each response has cookies of other names, which patterns match.
    """
    headers = [(name, value.format(n=_digits(n))) for name, value in COMMON]
    for index in range(cookies):
        names = STRIPPED if index % 2 else KEPT
        name = names[index // 2 % len(names)]
        if new_names:
            name = (VARYING_STRIPPED if index % 2 else VARYING_KEPT).format(n=_digits(n), i=index)
        attributes = ATTRIBUTES[(n + index) % len(ATTRIBUTES)]
        headers.append(("set-cookie", f"{name}={_digits(n * 7919)}.{index}{attributes}"))
    # A str that was decoded is a new object.
    return [(name.encode().decode(), value.encode().decode()) for name, value in headers]


def _digits(n: int) -> str:
    # Always as many: the length of a value does not depend on how many requests are made.
    return f"{n % 1_000_000:06}"


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


@cache
def registry(lifetime: str = "off", sweep: str = "on") -> Registry:
    """Return billogram.toml with these rules for lifetimes and the sweep."""
    path = Path(__file__).parent.parent / "registry" / "billogram.toml"
    text = path.read_text(encoding="utf-8")
    policy = f'[policy]\nlifetime = "{lifetime}"\nsweep = "{sweep}"'
    return Registry.parse(text.replace("[policy]", policy))


#: "first sight": a visitor who is new with each request. "forged": signed with another key.
Kind = Literal["returning", "first sight", "no cookie", "forged cookie"]
# A script's request, or a page load.
Destination = Literal["empty", "document"]
# Visitors come again in this number, each with their own consent cookie.
CROWD = 8


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """
    Who sends the requests, and which requests.

    Args:
        kind: What the visitor has of a consent.
        destination: The Sec-Fetch-Dest header; None for a browser that sends none.
        cookies: The number of cookies in the Cookie header, 6 to 30.
        others: More headers of each request.
    """

    kind: Kind = "returning"
    destination: Destination | None = None
    cookies: int = 6
    others: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 6 <= self.cookies <= 6 + len(SENT):
            raise ValueError(f"cookies is {self.cookies}; write 6 to {6 + len(SENT)}")

    def requests(self) -> Iterator[list[Pair]]:
        """Yield the headers of request after request, all of them new objects."""
        consents = self._consents()
        crowd = cycle([next(consents) for _ in range(CROWD)])
        for n in count():
            yield self._headers(n, next(consents if self.kind == "first sight" else crowd))

    def _consents(self) -> Iterator[str]:
        gate = _issuer("another key, and not a short one" if self.kind == "forged cookie" else KEY)
        while True:
            yield _both_consents(gate)

    def _headers(self, n: int, consents: str) -> list[Pair]:
        digits = _digits(n * 7919)
        sent = [*ORDINARY, *self.others]
        if self.kind != "no cookie":
            others = (name.format(n=digits) for name in SENT[: self.cookies - 6])
            named = dict.fromkeys(("csrftoken", "_ga", "theme", "sessionid", *others), digits)
            pairs = [f"{name}={value}" for name, value in named.items()]
            # In the middle: neither the first nor the last.
            sent.append(("cookie", "; ".join([*pairs[:2], consents, *pairs[2:]])))
        if self.destination is not None:
            sent.append(("sec-fetch-dest", self.destination))
        if self.destination == "document":
            sent.append(("sec-fetch-site", "none"))
        return _encoded(sent)


def _both_consents(gate: Gate) -> str:
    """Return the gate's consent cookie, and that of the hand-written filter."""
    token = serializer().dumps({"granted": list(GRANTED), "version": 1})
    return f"{gate.issue(GRANTED).partition(';')[0]}; consent={token!s}"


def _encoded(headers: list[tuple[str, str]]) -> list[Pair]:
    # What is encoded is a new object.
    return [(name.encode(), value.encode()) for name, value in headers]


@cache
def _issuer(key: str) -> Gate:
    return Gate(registry(), key)


def request_headers(gate: Gate) -> list[Pair]:
    """Return the headers of a returning visitor, with both consent cookies among others."""
    cookie = f"csrftoken=8fRk2; _ga=GA1.1.12; {_both_consents(gate)}; theme=dark"
    return _encoded([*ORDINARY, ("cookie", cookie)])


async def discard(message: Any) -> None:
    """Discard a message."""


async def receive() -> Any:
    """Return an empty request body."""
    return {"type": "http.request", "body": b"", "more_body": False}


class Requests:
    """
    Requests to an ASGI application, without an event loop.

    Args:
        app: The application, wrapped.
        visitor: Who sends them.
        cookies: The number of Set-Cookie headers of each response.
        new_names: Whether each response has cookies of other names.
    """

    def __init__(
        self, app: ASGIApp, visitor: Visitor, cookies: int, *, new_names: bool = False
    ) -> None:
        self.app = app
        self.scopes = (
            {
                "type": "http",
                "method": "GET",
                "path": "/",
                "headers": headers,
                "answer": answer(cookies, n, new_names=new_names),
            }
            for n, headers in enumerate(visitor.requests())
        )

    def prepare(self, number: int) -> list[Any]:
        return list(islice(self.scopes, number))

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
