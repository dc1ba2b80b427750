"""WSGI middleware: `app.wsgi_app = CookieGateMiddleware(app.wsgi_app, gate)` (PEP 3333).

It must be the outermost middleware: it never sees cookies that a middleware around it sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Unpack, cast

from .consent.choice import NotKeptError
from .consent.recording import Recorder
from .enforcement.context import RequestContext
from .gate import Gate
from .http.headers import OTHER_TEXT, is_watched_text
from .http.request import WANTED_NAMES, RequestFacts, opens_page, read_request
from .http.urls import url_path
from .middleware.options import Gates, MiddlewareOptions, Setup, log_error, outer_visit
from .middleware.recording import unavailable
from .visit import ENVIRON_KEY, Visit

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["CookieGateMiddleware", "EnvironContext", "hide_cookies"]

# The headers that are read of a request, by their names in the environ.
_KEYS = tuple(("HTTP_" + n.decode().upper().replace("-", "_"), n) for n in WANTED_NAMES)


class EnvironContext(RequestContext, eq=False):
    """The context of a request that an environ describes."""

    def read_facts(self) -> RequestFacts:
        """Read the request's headers."""
        environ: WSGIEnvironment = self.source
        # No server sends text that is not latin-1; it is replaced, so that nothing is raised.
        return read_request(
            [(n, environ[key].encode("latin-1", "replace")) for key, n in _KEYS if key in environ],
            method=environ.get("REQUEST_METHOD", "GET"),
        )

    def may_open_page(self) -> bool:
        """Return whether the request opens a page."""
        return self.source.get("REQUEST_METHOD") == "GET" and opens_page(
            self._header("HTTP_SEC_FETCH_DEST"), self._header("HTTP_ACCEPT")
        )

    def path(self) -> bytes:
        """Return the path that the browser asked for, with the path of a mount."""
        # PEP 3333: bytes, decoded as latin-1.
        text = self.source.get("SCRIPT_NAME", "") + self.source.get("PATH_INFO", "")
        return url_path(text.encode("latin-1", "replace")) or b"/"

    def address(self) -> str | None:
        """Return the client's address."""
        address: str | None = self.source.get("REMOTE_ADDR")
        return address

    def _header(self, key: str) -> bytes | None:
        value = self.source.get(key)
        return None if value is None else value.encode("latin-1", "replace")


class CookieGateMiddleware:
    """
    Puts a WSGI application behind a gate.

    Args:
        app: The application.
        gate: The gate; or several by host name, with "*" for every other host; or None to make one
            of the options.
        options: See `cookiegate.middleware.options.MiddlewareOptions`. The pages wrap the
            application, inside the gate.

    Raises:
        TypeError: A gate and what makes one are both given, or neither; or there is no such
            option.
        ValueError: An option has a wrong value.
        RegistryError: The registry file has problems.
    """

    def __init__(
        self,
        app: WSGIApplication,
        gate: Gates | None = None,
        **options: Unpack[MiddlewareOptions],
    ) -> None:
        self.setup: Setup = Setup.resolve(gate, options)
        setup = self.setup
        #: The gate; of several by host, that of every other host.
        self.gate: Gate = setup.gate
        self.app: WSGIApplication = app if setup.pages is None else setup.pages.wsgi(app)
        self.recorder: Recorder | None = cast("Recorder | None", setup.recorder)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        gate = self.gate
        if self.setup.by_host is not None:
            gate = self.setup.find(environ.get("HTTP_HOST") or environ.get("SERVER_NAME"))
        outer = environ.get(ENVIRON_KEY)
        if outer is not None and outer_visit(outer, gate, self.recorder) is not None:
            return self.app(environ, start_response)
        pipeline = gate.pipeline
        # A copy: an environ that holds a visit that holds the environ would be a reference cycle.
        context = EnvironContext(gate, pipeline, {**environ}, log_error, self.recorder)
        if pipeline.hides:
            hide_cookies(context, environ)
        environ[ENVIRON_KEY] = Visit(context)
        responder = _Responder(self.setup, context, environ, start_response)
        try:
            body = self.app(environ, responder)
        except BaseException:
            # If this environ is dispatched again, it passes the gate again.
            context.has_ended = True
            raise
        if responder.replacement is not None:
            _close(body)
            return [responder.replacement]
        # Most applications have started their response by now. One that has not may still fail.
        return _LateBody(body, context, responder) if context.is_in_progress else body


def hide_cookies(context: EnvironContext, environ: WSGIEnvironment) -> None:
    """Remove from the environ the cookies that the application may not see."""
    seen = context.pipeline.visible_cookies(context)
    if seen is not None:
        environ["HTTP_COOKIE"] = b"; ".join(filter(None, seen)).decode("latin-1")


class _LateBody:
    # The body of an application that has not started its response yet, such as a generator.

    def __init__(
        self, body: Iterable[bytes], context: RequestContext, responder: _Responder
    ) -> None:
        self._body = body
        self._rest = iter(body)
        self._context = context
        self._responder = responder

    def __iter__(self) -> _LateBody:
        return self

    def __next__(self) -> bytes:
        if self._responder.replacement is not None:
            raise StopIteration
        try:
            part = next(self._rest)
        except BaseException as error:
            self._context.has_ended = True
            if self._responder.replacement is None or not isinstance(error, StopIteration):
                raise
            part = b""
        # The application's body speaks of a choice that took no effect: it is dropped.
        return part if self._responder.replacement is None else self._responder.replacement

    def close(self) -> None:
        self._context.has_ended = True
        _close(self._body)


def _close(body: Iterable[bytes]) -> None:
    if (close := getattr(body, "close", None)) is not None:
        close()


class _Responder:
    # The start_response of one request, as the application gets it.

    __slots__ = ("_context", "_environ", "_setup", "_start_response", "replacement")

    def __init__(
        self,
        setup: Setup,
        context: EnvironContext,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> None:
        self._setup = setup
        self._context = context
        self._environ = environ
        self._start_response = start_response
        #: The body that replaces the application's if a choice could not be recorded.
        self.replacement: bytes | None = None

    def __call__(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: OptExcInfo | None = None,
    ) -> Callable[[bytes], object]:
        context = self._context
        if context.recorder is not None and context.close():
            try:
                context.commit()
            except NotKeptError:
                self._start_unavailable()
        if self.replacement is not None:
            return _ignore
        # A copy: servers read the list only when the body arrives.
        copy = [(name, value) for name, value in headers]
        is_plain = all(name in OTHER_TEXT or not is_watched_text(name) for name, _ in copy)
        if not (context.start() and is_plain):
            copy = _as_text(context.pipeline.respond(_as_raw(copy), context))
        if exc_info is None:
            return self._start_response(status, copy)
        return self._start_response(status, copy, exc_info)

    def _start_unavailable(self) -> None:
        headers, body = unavailable(self._setup.pages, self._page_request, self._context)
        filtered = self._context.pipeline.respond(headers, self._context)
        self._start_response("503 Service Unavailable", _as_text(filtered))
        self.replacement = b"" if self._environ["REQUEST_METHOD"] == "HEAD" else body

    def _page_request(self) -> Any:
        # Imported lazily: it is in the extra `pages`.
        from .pages.wsgi import request_of

        return request_of(self._environ)


def _ignore(part: bytes) -> None:
    # The write callable of a response that was replaced.
    pass


def _as_raw(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    try:
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    except (UnicodeEncodeError, AttributeError):
        return [(_raw(name), _raw(value)) for name, value in headers]


def _as_text(headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    try:
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    except AttributeError:
        return [(_text(name), _text(value)) for name, value in headers]


def _raw(text: str) -> Any:
    try:
        return text.encode("latin-1")
    except (UnicodeEncodeError, AttributeError):
        return text  # against PEP 3333; the gate and the server decide whether it may leave


def _text(raw: Any) -> Any:
    return raw.decode("latin-1") if isinstance(raw, bytes) else raw
