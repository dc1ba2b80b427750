"""WSGI middleware: `app.wsgi_app = CookieGateMiddleware(app.wsgi_app, gate)` (PEP 3333).

It must be the outermost middleware: it never sees cookies that a middleware around it sets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Any, Final, Self, Unpack, cast

from .consent.choice import NotKeptError
from .consent.recording import Recorder
from .enforcement.context import RequestContext
from .gate import Gate
from .http.request import WANTED_NAMES, RequestFacts, read_request
from .http.signals import SIGNAL_TABLE
from .http.urls import url_path
from .http.validators import CONDITIONS, is_ours
from .middleware.options import Gates, MiddlewareOptions, Setup, log_error, outer_visit
from .middleware.recording import unavailable
from .visit import ENVIRON_KEY, Visit

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = [
    "CookieGateMiddleware",
    "EnvironContext",
    "decode_headers",
    "encode_headers",
    "environ_with",
    "restored_environ",
]

# Against PEP 3333, but no server writes a Set-Cookie of these: it raises an error of its own.
_SCALARS: Final = (type(None), bool, int, float)
# What `bytes.strip` removes.
_BLANKS: Final = " \t\n\r\v\f"
_LINE_ENDS: Final = re.compile("[\r\n\0]")
# The headers that are read of a request, by their names in the environ.
_KEYS = tuple(("HTTP_" + n.decode().upper().replace("-", "_"), n) for n in WANTED_NAMES)
_SIGNAL_KEYS = tuple("HTTP_" + one.header.upper().replace("-", "_") for one in SIGNAL_TABLE)
_CONDITION_KEYS = {"HTTP_" + n.decode().upper().replace("-", "_"): n for n in CONDITIONS}
# The application may see others than what is around the gate.
_REPLACED_KEYS = frozenset(("HTTP_COOKIE", *_CONDITION_KEYS))


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

    def plain_cookies(self) -> tuple[bytes, ...] | None:
        """Return the Cookie header of a request without signals; None to read the facts."""
        environ: WSGIEnvironment = self.source
        if not environ.keys().isdisjoint(_SIGNAL_KEYS):
            return None
        cookie = environ.get("HTTP_COOKIE")
        return () if cookie is None else (cookie.encode("latin-1", "replace"),)

    def may_open_page(self) -> bool:
        """Return whether the request opens a page."""
        environ: WSGIEnvironment = self.source
        if environ.get("REQUEST_METHOD") != "GET":
            return False
        # As `opens_page` does it, without bytes: each response comes here.
        dest: str | None = environ.get("HTTP_SEC_FETCH_DEST")
        if dest is not None:
            return dest.strip(_BLANKS) == "document"
        return "text/html" in environ.get("HTTP_ACCEPT", "")

    def path(self) -> bytes:
        """Return the path that the browser asked for, with the path of a mount."""
        # PEP 3333: bytes, decoded as latin-1.
        text = self.source.get("SCRIPT_NAME", "") + self.source.get("PATH_INFO", "")
        return url_path(text.encode("latin-1", "replace")) or b"/"

    def address(self) -> str | None:
        """Return the client's address."""
        address: str | None = self.source.get("REMOTE_ADDR")
        return address


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
        visit = environ.get(ENVIRON_KEY)
        if visit is not None and outer_visit(visit, gate, self.recorder) is not None:
            return self.app(environ, start_response)
        pipeline = gate.pipeline
        # A copy: an environ that holds a visit that holds the environ would be a reference cycle.
        context = EnvironContext(gate, pipeline, {**environ}, log_error, self.recorder)
        outer = environ
        if pipeline.hides and (seen := pipeline.visible_cookies(context)) is not None:
            environ = environ_with(seen, environ)
        if (
            "HTTP_IF_NONE_MATCH" in environ
            or "HTTP_IF_MATCH" in environ
            or "HTTP_IF_RANGE" in environ
        ):
            environ = restored_environ(context, environ)
        environ[ENVIRON_KEY] = Visit(context)
        responder = _Responder(self.setup, context, environ, outer, start_response)
        try:
            body = self.app(environ, responder)
        except BaseException:
            # If this environ is dispatched again, it passes the gate again.
            context.has_ended = True
            raise
        finally:
            if environ is not outer:
                _share(environ, outer)
        if responder.replacement is not None:
            _close(body)
            return [responder.replacement]
        # Most applications have started their response by now. One that has not may still fail.
        if not context.is_in_progress:
            return body
        late = _SizedLateBody if hasattr(body, "__len__") else _LateBody
        return late(body, context, responder)


def environ_with(seen: Iterable[bytes], environ: WSGIEnvironment) -> WSGIEnvironment:
    """
    Return an environ with other cookies.

    Args:
        seen: The values of the Cookie headers; one that is empty is left out.
        environ: The environ, which stays as it is.
    """
    return {**environ, "HTTP_COOKIE": b"; ".join(filter(None, seen)).decode("latin-1")}


def restored_environ(context: RequestContext, environ: WSGIEnvironment) -> WSGIEnvironment:
    """
    Return an environ with the application's own entity tags in place of those that browsers send.

    Args:
        context: The request.
        environ: The environ. It stays as it is, and is returned if there is nothing to replace.
    """
    conditions = [
        (name, environ[key].encode("latin-1", "replace"))
        for key, name in _CONDITION_KEYS.items()
        if key in environ
    ]
    if not (context.pipeline.changes_responses and any(is_ours(value) for _, value in conditions)):
        return environ
    restored = dict(context.restore(conditions))
    others = {key: value for key, value in environ.items() if key not in _CONDITION_KEYS}
    return others | {
        key: restored[name].decode("latin-1")
        for key, name in _CONDITION_KEYS.items()
        if name in restored
    }


def _share(environ: WSGIEnvironment, outer: WSGIEnvironment) -> None:
    # What is around the gate may look for what the application writes to its environ.
    outer.update({key: value for key, value in environ.items() if key not in _REPLACED_KEYS})


class _LateBody:
    # The body of an application that has not started its response yet, such as a generator.

    def __init__(
        self, body: Iterable[bytes], context: RequestContext, responder: _Responder
    ) -> None:
        self._body = body
        self._rest: Iterator[bytes] | None = None
        self._context = context
        self._responder = responder

    def __iter__(self) -> Self:
        # Not earlier: if this fails, the server closes the body.
        self._rest = iter(self._body)
        return self

    def __next__(self) -> bytes:
        if self._responder.replacement is not None:
            raise StopIteration
        try:
            if self._rest is None:
                self._rest = iter(self._body)
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


class _SizedLateBody(_LateBody):
    # One with a length, from which servers compute the Content-Length.

    def __len__(self) -> int:
        return len(cast("Sized", self._body))


def _close(body: Iterable[bytes]) -> None:
    if (close := getattr(body, "close", None)) is not None:
        close()


class _Responder:
    # The start_response of one request, as the application gets it.

    __slots__ = ("_context", "_environ", "_outer", "_setup", "_start_response", "replacement")

    def __init__(
        self,
        setup: Setup,
        context: EnvironContext,
        environ: WSGIEnvironment,
        outer: WSGIEnvironment,
        start_response: StartResponse,
    ) -> None:
        self._setup = setup
        self._context = context
        self._environ = environ
        self._outer = outer
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
        if self._environ is not self._outer:
            _share(self._environ, self._outer)
        if context.recorder is not None and context.close():
            try:
                context.commit()
            except NotKeptError:
                self._start_unavailable()
        if self.replacement is not None:
            return _ignore
        if type(status) is not str or not status.isprintable():
            status = _one_line(status)
            context.status = _number(status)
        elif context.restored_state or status[:3] == "304":
            context.status = _number(status)  # most responses need none
        filtered = context.pipeline.respond_in_text(headers, context)
        if filtered is None:
            context.status = _number(status)
            filtered = decode_headers(context.pipeline.respond(encode_headers(headers), context))
        if exc_info is None:
            return self._start_response(status, filtered)
        return self._start_response(status, filtered, exc_info)

    def _start_unavailable(self) -> None:
        headers, body = unavailable(self._setup.pages, self._page_request, self._context)
        filtered = self._context.pipeline.respond(headers, self._context)
        self._start_response("503 Service Unavailable", decode_headers(filtered))
        self.replacement = b"" if self._environ["REQUEST_METHOD"] == "HEAD" else body

    def _page_request(self) -> Any:
        # Imported lazily: it is in the extra `pages`.
        from .pages.wsgi import request_of

        return request_of(self._environ)


def _number(status: Any) -> int | None:
    # A status that is not text is the server's affair.
    code = status[:3] if type(status) is str else ""
    return int(code) if code.isdecimal() else None


def _ignore(part: bytes) -> None:
    # The write callable of a response that was replaced.
    pass


def encode_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """
    Return a WSGI response's headers in the form that the pipeline takes.

    Args:
        headers: The headers. Against PEP 3333, they may hold anything.
    """
    headers = list(headers)
    try:
        # Nearly all are text.
        return [
            (name.encode("latin-1"), value.encode("latin-1"))
            if type(name) is type(value) is str
            else (_encoded(name), _encoded(value))
            for name, value in headers
        ]
    except UnicodeEncodeError:
        return [(_encoded(name), _encoded(value)) for name, value in headers]


def decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """
    Return headers from the pipeline in the form that WSGI has.

    Args:
        headers: The headers. What the server may refuse is among them as it was given.
    """
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        if type(name) is type(value) is bytes
        else (_decoded(name), _decoded(value))
        for name, value in headers
    ]


def _encoded(part: Any) -> Any:
    if type(part) is not str:
        if type(part) in _SCALARS or isinstance(part, bytes):
            return part
        part = str.__str__(str(part))  # some servers write any object, as this text
    try:
        return part.encode("latin-1")
    except UnicodeEncodeError:
        return part  # the gate and the server decide whether it may leave


def _decoded(part: Any) -> Any:
    return part.decode("latin-1") if isinstance(part, bytes) else part


def _one_line(status: Any) -> Any:
    # A server that does not check the status writes its line ends: what follows is a header.
    return _LINE_ENDS.split(str.__str__(status), 1)[0] if isinstance(status, str) else status
