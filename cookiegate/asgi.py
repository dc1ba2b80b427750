"""ASGI middleware: `CookieGateMiddleware(app, gate)`.

It must be the outermost middleware: it never sees cookies that a middleware around it sets.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, Self, SupportsIndex, Unpack, cast

from .consent.choice import NotKeptError
from .consent.recording import AsyncRecorder
from .enforcement.context import RequestContext
from .gate import Gate
from .http.headers import stable_part
from .http.request import (
    RequestFacts,
    plain_cookies,
    read_request,
    read_scanned,
    scan_request,
)
from .http.urls import url_path
from .http.validators import is_ours
from .middleware.hosts import host_of
from .middleware.options import Gates, MiddlewareOptions, Setup, log_error, outer_visit
from .middleware.recording import unavailable
from .visit import SCOPE_KEY, Visit

__all__ = [
    "ASGIApp",
    "AsgiContext",
    "CookieGateMiddleware",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "headers_with",
]

# Frameworks' types differ: some use mappings, others their own TypedDicts.
Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

# Each of these carries headers to the browser (ASGI's HTTP and WebSocket message formats).
_STARTS: Final = frozenset(
    ("http.response.start", "websocket.accept", "websocket.http.response.start")
)
# Each of these carries the body, or the rest of it (ASGI's extensions).
_BODIES: Final = frozenset(
    ("http.response.body", "http.response.pathsend", "http.response.zerocopysend")
)
# The application has stopped.
_STOPS: Final = ("lifespan.shutdown.complete", "lifespan.shutdown.failed")
# A header that can be read more than once, as servers give it.
_PAIRS: Final = (tuple, list)


class AsgiContext(RequestContext, eq=False):
    """The context of a request that a scope describes."""

    #: What `scan_request` returned of its headers.
    scanned: dict[bytes, Any] | None = None

    def read_facts(self) -> RequestFacts:
        """Read the request's headers."""
        scope: Scope = self.source
        headers, method = scope.get("headers") or (), scope.get("method", "GET")
        facts = None
        if self.scanned is not None:
            facts = read_scanned(self.scanned, method)
        return facts or read_request(headers, method=method)

    def plain_cookies(self) -> tuple[bytes, ...] | None:
        """Return the Cookie headers of a request without signals; None to read the facts."""
        scanned = self.scanned
        return None if scanned is None else plain_cookies(scanned)

    def may_open_page(self) -> bool:
        """Return False only if the request certainly opens no page."""
        scope: Scope = self.source
        if scope.get("method") != "GET":
            return False
        scanned = self.scanned
        if scanned is None:
            return True
        # Not bytes: `read_facts` fails on them, and says so.
        if b"sec-fetch-dest" in scanned:
            dest = scanned[b"sec-fetch-dest"]
            return type(dest) is not bytes or dest.strip() == b"document"
        accept = scanned.get(b"accept", b"")
        return type(accept) is not bytes or b"text/html" in accept

    def may_be_stored(self) -> bool:
        """Return whether caches may store a response to this request."""
        return self.source["type"] == "http" and super().may_be_stored()

    def path(self) -> bytes:
        """Return the path that the browser asked for, with the path of a mount."""
        scope: Scope = self.source
        raw: bytes | None = scope.get("raw_path")
        path = url_path(scope.get("path", "/")) if raw is None else raw.partition(b"?")[0]
        root = url_path(scope.get("root_path", "")).rstrip(b"/")
        # In some servers the path begins with the mount's path, in others not; in browsers it does.
        return path if path == root or path.startswith(root + b"/") else root + path

    def address(self) -> str | None:
        """Return the client's address."""
        client = self.source.get("client")
        return client[0] if client else None


class CookieGateMiddleware:
    """
    Puts an ASGI application behind a gate.

    Args:
        app: The application.
        gate: The gate; or several by host name, with "*" for every other host; or None to make one
            of the options.
        options: See `cookiegate.middleware.options.MiddlewareOptions`. The pages wrap the
            application, inside the gate. The recorder is awaited.

    Raises:
        TypeError: A gate and what makes one are both given, or neither; or there is no such
            option.
        ValueError: An option has a wrong value.
        RegistryError: The registry file has problems.
    """

    def __init__(
        self,
        app: ASGIApp,
        gate: Gates | None = None,
        **options: Unpack[MiddlewareOptions],
    ) -> None:
        self._set_up(app, Setup.resolve(gate, options, is_async=True))

    @classmethod
    def from_setup(cls, app: ASGIApp, setup: Setup) -> Self:
        """Return the middleware for options that are resolved already."""
        middleware = cls.__new__(cls)
        middleware._set_up(app, setup)
        return middleware

    def _set_up(self, app: ASGIApp, setup: Setup) -> None:
        self.setup = setup
        #: The gate; of several by host, that of every other host.
        self.gate: Gate = setup.gate
        self.app: ASGIApp = app if setup.pages is None else setup.pages.asgi(app)
        self.recorder: AsyncRecorder | None = cast("AsyncRecorder | None", setup.recorder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] not in ("http", "websocket"):
            if scope["type"] == "lifespan" and (flushes := self.setup.flushes()):
                send = _flush_at_shutdown(send, flushes)
            await self.app(scope, receive, send)
            return
        gate, recorder, setup = self.gate, self.recorder, self.setup
        headers = scope.get("headers")
        if headers and (type(headers) is not list or type(headers[0]) not in _PAIRS):
            headers = scope["headers"] = _repeatable(headers)
        if setup.by_host is not None:
            gate = setup.find(host_of(headers or ()))
        outer = scope.get(SCOPE_KEY)
        if outer is not None and outer_visit(outer, gate, recorder) is not None:
            await self.app(scope, receive, send)
            return
        pipeline = gate.pipeline
        # A copy: a scope that holds a visit that holds the scope would be a reference cycle.
        source = {**scope}
        scanned = scan_request(headers)
        context = AsgiContext(gate, pipeline, source, log_error, recorder, scanned=scanned)
        if pipeline.hides:
            scope = _hide(context, scope)
        if pipeline.changes_responses and (
            scanned is None
            or b"if-none-match" in scanned
            or b"if-match" in scanned
            or b"if-range" in scanned
        ):
            scope = _restore(context, scope)

        # Not a coroutine: its caller awaits what the server's send returns.
        def gated(message: Message) -> Awaitable[None]:
            nonlocal send
            kind = message["type"]
            if type(message) is not dict or type(kind) is not str:
                message = _plain(message)
                kind = message["type"]
            if kind in _STARTS:
                if recorder is not None and context.close():
                    recorded = _Recorded(setup, context, scope, send)
                    send = recorded.send
                    return recorded.start(message)
                message = _respond(message, context)
            elif kind in _BODIES and not message.get("more_body"):
                context.has_ended = True
            return send(message)

        scope[SCOPE_KEY] = Visit(context)
        try:
            await self.app(scope, receive, gated)
        finally:
            # If this scope is dispatched again, it passes the gate again.
            context.has_ended = True


def _repeatable(headers: Any) -> Any:
    # Return headers that both the gate and the application can read: ASGI asks for no more than
    # iterables of iterables, and some can be read only once.
    if isinstance(headers, Iterator):
        headers = list(headers)
    try:
        if any(isinstance(pair, Iterator) for pair in headers):
            return [tuple(pair) if isinstance(pair, Iterator) else pair for pair in headers]
    except TypeError:
        pass  # not iterable, which is reported where it is read
    return headers


def _flush_at_shutdown(send: Send, flushes: Iterable[Callable[[], None]]) -> Send:
    # Some servers end the process by the signal that stopped them: nothing runs at its exit.
    async def flush_and_send(message: Message) -> None:
        if message.get("type") in _STOPS:
            for flush in flushes:
                flush()
        await send(message)

    return flush_and_send


def _plain(message: Message) -> Message:
    # Return a message of an unusual type, such as one with an enum's member, in plain objects: it
    # might read differently the second time, and a member's hash is not that of its text.
    kind = message["type"]
    return {**message, "type": str.__str__(kind) if isinstance(kind, str) else kind}


def _respond(message: Message, context: AsgiContext) -> Message:
    # Return the message with which a response starts, as it leaves.
    context.status = message.get("status")
    given = message.get("headers")
    headers = context.pipeline.respond(given or (), context)
    # A new message: some servers read a message only when the body arrives.
    if given is None and not headers:
        return {**message}
    return {**message, "headers": headers}


def headers_with(
    seen: Iterable[bytes], headers: Iterable[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """
    Return a request's headers with other cookies.

    Args:
        seen: The values of the Cookie headers, in their order; one that is empty or missing is left
            out.
        headers: The headers.
    """
    values = iter(seen)
    visible = []
    for name, value in headers:
        raw = stable_part(name)
        if isinstance(raw, bytes) and raw.strip().lower() == b"cookie":
            value = next(values, b"")
            if not value:
                continue
        visible.append((name, value))
    return visible


def _hide(context: AsgiContext, scope: Scope) -> Scope:
    # Return the scope with the cookies that the application may see.
    seen = context.pipeline.visible_cookies(context)
    if seen is None:
        return scope
    try:
        visible = headers_with(seen, scope.get("headers") or ())
    except (TypeError, ValueError):
        visible = []  # not pairs: there may be a cookie among them
    return _VisibleScope(scope, visible)


def _restore(context: AsgiContext, scope: Scope) -> Scope:
    # Return the scope with the application's own entity tags.
    headers = scope.get("headers") or ()
    with suppress(TypeError, ValueError):  # not pairs of bytes
        if any(is_ours(value) for _, value in headers):
            return _VisibleScope(scope, context.restore(headers))
    return scope


class _VisibleScope(dict[str, Any]):
    # A scope with other headers than the one around the gate. What the application writes to it,
    # such as the route, reaches that one, too: what is around the gate looks for it there.

    __slots__ = ("_outer",)

    def __init__(self, outer: Scope, headers: list[tuple[bytes, bytes]]) -> None:
        super().__init__(outer, headers=headers)
        self._outer = outer

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        if key != "headers":
            self._outer[key] = value

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        if key != "headers":
            self._outer.pop(key, None)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        # A copy is a scope of its own.
        return dict, (dict(self),)

    def update(self, *args: Any, **keys: Any) -> None:
        for key, value in dict(*args, **keys).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        if key not in self:
            return super().pop(key, *default)
        value = self[key]
        del self[key]
        return value


class _Recorded:
    # A response that starts once its choice is recorded, or that is replaced if that fails.

    __slots__ = ("_context", "_is_replaced", "_scope", "_send", "_setup")

    def __init__(self, setup: Setup, context: AsgiContext, scope: Scope, send: Send) -> None:
        self._setup = setup
        self._context = context
        self._scope = scope
        self._send = send
        self._is_replaced = False

    async def start(self, message: Message) -> None:
        try:
            await self._context.commit_async()
        except NotKeptError:
            if message["type"] != "http.response.start":
                raise  # a WebSocket has no page for the message
            self._is_replaced = True
            await self._send_unavailable()
        else:
            await self._send(_respond(message, self._context))

    async def send(self, message: Message) -> None:
        # The application's response speaks of a choice that took no effect: it is dropped.
        if not self._is_replaced:
            await self._send(message)

    async def _send_unavailable(self) -> None:
        headers, body = unavailable(self._setup.pages, self._page_request, self._context)
        start = {"type": "http.response.start", "status": 503, "headers": headers}
        await self._send(_respond(start, self._context))
        body = b"" if self._scope["method"] == "HEAD" else body
        await self._send({"type": "http.response.body", "body": body})

    def _page_request(self) -> Any:
        # Imported lazily: it is in the extra `pages`.
        from .pages.asgi import request_of

        return request_of(self._scope)
