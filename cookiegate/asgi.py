"""The ASGI door: `CookieGateMiddleware(app, gate)`.

It must be the outermost middleware: what is wrapped around it sets cookies that it never sees.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from os import PathLike
from typing import Any

from .consent.choice import Choice, NotKeptError
from .http.headers import as_bytes
from .http.request import Reader, RequestFacts, opens_page, read_request
from .http.urls import url_path
from .middleware.hosts import host_of
from .middleware.options import (
    AsyncRecorder,
    Gates,
    keep_choice_async,
    not_kept,
    resolve_gates,
    resolve_pages,
    resolve_recorder,
    warn_unused_recorder,
)
from .visit import Visit

__all__ = ["READER", "CookieGateMiddleware"]

# As wide as frameworks' own types differ.
Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

# Each of these carries headers to the browser (ASGI's HTTP and WebSocket message formats).
_STARTS = frozenset(("http.response.start", "websocket.accept", "websocket.http.response.start"))


class CookieGateMiddleware:
    """
    Puts an ASGI application behind the gate.

    Args:
        app: The application.
        gate: The gate; or several by host name, with "*" for every other host; or `registry` and
            `secret_key` to make one of.
        registry: A registry file's path, or "cookiegate:NAME" for one that is shipped.
        secret_key: See `Gate`.
        pages: Banner, settings and policy: `Pages(gate)`, or the path where they are to be
            ("/cookies"). They wrap the application, inside.
        recorder: Keeps proof of each choice before the response leaves: `Ledger(url)`, the url
            alone ("sqlite:///consent.db"), or an `AsyncRecorder`.
    """

    def __init__(
        self,
        app: ASGIApp,
        gate: Gates | None = None,
        *,
        registry: str | PathLike[str] | None = None,
        secret_key: str | bytes | Sequence[str | bytes] | None = None,
        pages: Any = None,
        recorder: Any = None,
    ) -> None:
        #: The gate; of several by host, that of every other host.
        self.gate, self._by_host = resolve_gates(gate, registry, secret_key)
        found = resolve_pages(pages, self.gate)
        self._pages = found
        self.app: ASGIApp = app if found is None else found.asgi(app)
        self.recorder: AsyncRecorder | None = resolve_recorder(recorder, is_async=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        gate = self.gate
        if self._by_host is not None:
            gate = self._by_host.find(host_of(scope.get("headers") or ()))
        outer = scope.get("cookiegate")
        if outer is not None and outer.gate is gate and outer.is_under_way:
            warn_unused_recorder(self.recorder, outer)
            await self.app(scope, receive, send)
            return
        # A copy: a scope that holds a visit that holds the scope would be garbage to collect.
        source = {**scope}
        visit = Visit(gate, gate.snapshot, READER, source)
        if gate.snapshot.hides:
            _hide(visit, source, scope)
        recorder = self.recorder
        if recorder is not None:
            visit.is_recorded = True

        # Not a coroutine of its own: what the server's send returns is what is awaited.
        def gated(message: Message) -> Awaitable[None]:
            nonlocal send
            if message["type"] in _STARTS:
                if recorder is not None and (choice := visit.choice) is not None:
                    recorded = _Recorded(recorder, self._pages, visit, scope, send)
                    send = recorded.pass_on
                    return recorded.start(choice, message)
                # A message of the door's own: some servers read it only when the body comes.
                message = {**message, "headers": visit.respond(message.get("headers") or ())}
            return send(message)

        scope["cookiegate"] = visit
        try:
            await self.app(scope, receive, gated)
        finally:
            # Whoever dispatches this scope again goes through the gate again.
            visit.has_ended = True


def _read(scope: Scope) -> RequestFacts:
    return read_request(scope.get("headers") or (), method=scope.get("method", "GET"))


def _path_of(scope: Scope) -> bytes:
    raw: bytes | None = scope.get("raw_path")
    path = url_path(scope.get("path", "/")) if raw is None else raw.partition(b"?")[0]
    root = url_path(scope.get("root_path", "")).rstrip(b"/")
    # Servers differ in whether the path begins with the mount's; the browser's does.
    return path if path == root or path.startswith(root + b"/") else root + path


def _may_open_page(scope: Scope) -> bool:
    if scope.get("method") != "GET":
        return False
    headers = scope.get("headers")
    # What can be read only once is left to the one who reads it.
    if type(headers) is not list:
        return True
    accepted = None
    try:
        for name, value in headers:
            if name == b"sec-fetch-dest":
                return opens_page(value, None)
            if name == b"accept":
                accepted = value
        return opens_page(None, accepted)
    except (TypeError, ValueError):
        return True  # no pairs of bytes: whoever reads them tells


def _address_of(scope: Scope) -> str | None:
    client = scope.get("client")
    return client[0] if client else None


#: How requests that a scope describes are read.
READER = Reader(_read, _may_open_page, _path_of, _address_of)


def _hide(visit: Visit, source: Scope, scope: Scope) -> None:
    # A list: what can be read only once, the application could read no more.
    headers = source["headers"] = scope["headers"] = list(scope.get("headers") or ())
    seen = visit.visible_cookies()
    if seen is None:
        return
    left = iter(seen)
    shown = []
    for name, value in headers:
        if as_bytes(name).strip().lower() == b"cookie":
            value = next(left)
            if not value:
                continue
        shown.append((name, value))
    scope["headers"] = shown


class _Recorded:
    # A response that starts once its choice is kept, or that another takes the place of.

    __slots__ = ("_is_replaced", "_pages", "_recorder", "_scope", "_send", "_visit")

    def __init__(
        self, recorder: AsyncRecorder, pages: Any, visit: Visit, scope: Scope, send: Send
    ) -> None:
        self._recorder = recorder
        self._pages = pages
        self._visit = visit
        self._scope = scope
        self._send = send
        self._is_replaced = False

    async def start(self, choice: Choice, message: Message) -> None:
        try:
            await keep_choice_async(self._recorder, choice, self._visit)
        except NotKeptError:
            if message["type"] != "http.response.start":
                raise  # a WebSocket has no page to say it on
            self._is_replaced = True
            await self._say_so()
        else:
            headers = self._visit.respond(message.get("headers") or ())
            await self._send({**message, "headers": headers})

    async def pass_on(self, message: Message) -> None:
        # What the application says of a choice that took no effect goes nowhere.
        if not self._is_replaced:
            await self._send(message)

    async def _say_so(self) -> None:
        headers, body = not_kept(self._pages, self._page_request, self._visit)
        headers.append((b"content-length", str(len(body)).encode()))
        headers = self._visit.respond(headers)
        await self._send({"type": "http.response.start", "status": 503, "headers": headers})
        body = b"" if self._scope["method"] == "HEAD" else body
        await self._send({"type": "http.response.body", "body": body})

    def _page_request(self) -> Any:
        # Here, not above: it is in the extra `pages`.
        from .pages.asgi import request_of

        return request_of(self._scope)
