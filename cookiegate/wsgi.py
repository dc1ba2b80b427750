"""The WSGI door: `app.wsgi_app = CookieGateMiddleware(app.wsgi_app, gate)` (PEP 3333).

It must be the outermost middleware: what is wrapped around it sets cookies that it never sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from .consent.choice import NotKeptError
from .http.headers import OTHER_TEXT, is_watched_text
from .http.request import (
    WANTED_NAMES,
    Reader,
    RequestFacts,
    opens_page,
    read_request,
)
from .http.urls import url_path
from .middleware.options import (
    Gates,
    Recorder,
    keep_choice,
    not_kept,
    resolve_gates,
    resolve_pages,
    resolve_recorder,
    warn_unused_recorder,
)
from .visit import Visit

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["ENVIRON", "CookieGateMiddleware", "hide", "read_environ"]

# What is read of a request, by its name in the environ.
_KEYS = tuple(("HTTP_" + n.decode().upper().replace("-", "_"), n) for n in WANTED_NAMES)


class CookieGateMiddleware:
    """
    Puts a WSGI application behind the gate.

    Args:
        app: The application.
        gate: The gate; or several by host name, with "*" for every other host; or `registry` and
            `secret_key` to make one of.
        registry: A registry file's path, or "cookiegate:NAME" for one that is shipped.
        secret_key: See `Gate`.
        pages: Banner, settings and policy: `Pages(gate)`, or the path where they are to be
            ("/cookies"). They wrap the application, inside.
        recorder: Keeps proof of each choice before the response leaves: `Ledger(url)`, the url
            alone ("sqlite:///consent.db"), or a `Recorder`.
    """

    def __init__(
        self,
        app: WSGIApplication,
        gate: Gates | None = None,
        *,
        registry: str | PathLike[str] | None = None,
        secret_key: str | bytes | Sequence[str | bytes] | None = None,
        pages: Any = None,
        recorder: Any = None,
    ) -> None:
        #: The gate; of several by host, that of every other host.
        self.gate, self._by_host = resolve_gates(gate, registry, secret_key)
        self.pages = found = resolve_pages(pages, self.gate)
        self.app: WSGIApplication = app if found is None else found.wsgi(app)
        self.recorder: Recorder | None = resolve_recorder(recorder)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        gate = self.gate
        if self._by_host is not None:
            gate = self._by_host.find(environ.get("HTTP_HOST") or environ.get("SERVER_NAME"))
        outer = environ.get("cookiegate")
        if outer is not None and outer.gate is gate and outer.is_under_way:
            warn_unused_recorder(self.recorder, outer)
            return self.app(environ, start_response)
        # A copy: an environ that holds a visit that holds the environ would be garbage to collect.
        visit = Visit(gate, gate.snapshot, ENVIRON, {**environ})
        if gate.snapshot.hides:
            hide(visit, environ)
        if self.recorder is not None:
            visit.is_recorded = True
        environ["cookiegate"] = visit
        responder = _Responder(self, visit, environ, start_response)
        try:
            body = self.app(environ, responder)
        except BaseException:
            # Whoever dispatches this environ again goes through the gate again.
            visit.has_ended = True
            raise
        if responder.refusal is not None:
            _close(body)
            return [responder.refusal]
        # Most have started their response by now. One that starts it later may fail before.
        return _Late(body, visit, responder) if visit.is_under_way else body


def read_environ(environ: WSGIEnvironment) -> RequestFacts:
    """What the gate reads of a request that an environ describes."""
    # Text that is not latin-1 comes from no server; it is read as something else, and no error.
    return read_request(
        [(n, environ[key].encode("latin-1", "replace")) for key, n in _KEYS if key in environ],
        method=environ.get("REQUEST_METHOD", "GET"),
    )


def _path_of(environ: WSGIEnvironment) -> bytes:
    # PEP 3333: bytes in the shape of latin-1 text.
    text = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return url_path(text.encode("latin-1", "replace")) or b"/"


def _may_open_page(environ: WSGIEnvironment) -> bool:
    return environ.get("REQUEST_METHOD") == "GET" and opens_page(
        _sent(environ, "HTTP_SEC_FETCH_DEST"), _sent(environ, "HTTP_ACCEPT")
    )


def _sent(environ: WSGIEnvironment, key: str) -> bytes | None:
    value = environ.get(key)
    return None if value is None else value.encode("latin-1", "replace")


def _address_of(environ: WSGIEnvironment) -> str | None:
    return environ.get("REMOTE_ADDR")


#: How requests that an environ describes are read.
ENVIRON = Reader(read_environ, _may_open_page, _path_of, _address_of)


def hide(visit: Visit, environ: WSGIEnvironment) -> None:
    """Take out of the environ what the application is not to see."""
    seen = visit.visible_cookies()
    if seen is not None:
        environ["HTTP_COOKIE"] = b"; ".join(filter(None, seen)).decode("latin-1")


class _Late:
    # The body of an application that has not started its response yet, a generator say.

    def __init__(self, body: Iterable[bytes], visit: Visit, responder: _Responder) -> None:
        self._body = body
        self._rest = iter(body)
        self._visit = visit
        self._responder = responder

    def __iter__(self) -> _Late:
        return self

    def __next__(self) -> bytes:
        if self._responder.refusal is not None:
            raise StopIteration
        try:
            part = next(self._rest)
        except BaseException as error:
            self._visit.has_ended = True
            if self._responder.refusal is None or not isinstance(error, StopIteration):
                raise
            part = b""
        # What the application says of a choice that took no effect goes nowhere.
        return part if self._responder.refusal is None else self._responder.refusal

    def close(self) -> None:
        self._visit.has_ended = True
        _close(self._body)


def _close(body: Iterable[bytes]) -> None:
    if (close := getattr(body, "close", None)) is not None:
        close()


class _Responder:
    # One for each request: it is the start_response that the application gets.

    __slots__ = ("_door", "_environ", "_is_kept", "_start_response", "_visit", "refusal")

    def __init__(
        self,
        door: CookieGateMiddleware,
        visit: Visit,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> None:
        self._door = door
        self._visit = visit
        self._environ = environ
        self._start_response = start_response
        self._is_kept = False
        #: The body that takes the application's place where a choice could not be kept.
        self.refusal: bytes | None = None

    def __call__(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: OptExcInfo | None = None,
    ) -> Callable[[bytes], object]:
        visit = self._visit
        recorder = self._door.recorder
        if recorder is not None and (choice := visit.choice) is not None and not self._is_kept:
            try:
                keep_choice(recorder, choice, visit)
            except NotKeptError:
                self._say_so()
            # Once is enough, also when an error page takes this response's place.
            self._is_kept = True
        if self.refusal is not None:
            return _ignore
        # A list of the door's own: servers read it only when the body comes.
        own = [(name, value) for name, value in headers]
        is_plain = all(name in OTHER_TEXT or not is_watched_text(name) for name, _ in own)
        if not (visit.close() and is_plain):
            own = _as_text(visit.respond(_as_raw(own)))
        if exc_info is None:
            return self._start_response(status, own)
        return self._start_response(status, own, exc_info)

    def _say_so(self) -> None:
        headers, body = not_kept(self._door.pages, self._page_request, self._visit)
        headers.append((b"content-length", str(len(body)).encode()))
        self._start_response("503 Service Unavailable", _as_text(self._visit.respond(headers)))
        self.refusal = b"" if self._environ["REQUEST_METHOD"] == "HEAD" else body

    def _page_request(self) -> Any:
        # Here, not above: it is in the extra `pages`.
        from .pages.wsgi import request_of

        return request_of(self._environ)


def _ignore(part: bytes) -> None:
    # The write callable of a response that another took the place of.
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
        return text  # against PEP 3333; whether it may leave is for the gate and the server to say


def _text(raw: Any) -> Any:
    return raw.decode("latin-1") if isinstance(raw, bytes) else raw
