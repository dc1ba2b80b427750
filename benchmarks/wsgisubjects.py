"""WSGI subjects: a site, a forwarding wrapper, a minimal filter, and hand-written code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from benchmarks.subjects import GRANTED, Handwritten, Visitor, answer
from benchmarks.subjects import site as asgi_site
from cookiegate import Gate

__all__ = ["WsgiRequests", "forward", "handwritten", "minimal_filter", "site"]

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def site(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer "ok", with headers made for this response."""
    start_response("200 OK", list(environ["answer"]))
    return [b"ok"]


def forward(app: WSGIApp) -> WSGIApp:
    """Wrap an application and only forward."""

    def forwarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            return start_response(status, headers, exc_info)

        return app(environ, start)

    return forwarded


def minimal_filter(app: WSGIApp, gate: Gate) -> WSGIApp:
    """Filter by name, and do nothing else."""
    categories = {name: entry.category for entry in gate.registry.entries for name in entry.names}
    allowed = gate.registry.required | set(GRANTED)

    def filtered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            left = []
            for pair in headers:
                name, value = pair
                if name.lower() == "set-cookie":
                    if categories.get(value.split("=", 1)[0]) in allowed:
                        left.append(pair)
                else:
                    left.append(pair)
            return start_response(status, left, exc_info)

        return app(environ, start)

    return filtered


def handwritten(app: WSGIApp, gate: Gate) -> WSGIApp:
    """Filter with typical hand-written code: http.cookies, and itsdangerous for the consent."""
    by_hand = Handwritten(asgi_site, gate)

    def filtered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            sent = environ.get("HTTP_COOKIE", "").encode("latin-1")
            allowed = by_hand.allowed([(b"cookie", sent)])
            left = [
                (name, value)
                for name, value in headers
                if name.lower() != "set-cookie" or by_hand.keeps(value, allowed)
            ]
            return start_response(status, left, exc_info)

        return app(environ, start)

    return filtered


class WsgiRequests:
    """
    Requests to a WSGI application.

    Args:
        app: The application, wrapped.
        visitor: Who sends them.
        cookies: The number of Set-Cookie headers of each response.
        new_names: Whether each response has cookies of other names.
    """

    def __init__(
        self, app: WSGIApp, visitor: Visitor, cookies: int, *, new_names: bool = False
    ) -> None:
        self.app = app
        self.environs = (
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": "/",
                "SERVER_NAME": "billogram.com",
                "SERVER_PORT": "443",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.url_scheme": "https",
                **{
                    "HTTP_" + name.decode().upper().replace("-", "_"): value.decode("latin-1")
                    for name, value in headers
                },
                "answer": answer(cookies, n, new_names=new_names),
            }
            for n, headers in enumerate(visitor.requests())
        )

    def prepare(self, number: int) -> list[dict[str, Any]]:
        return list(islice(self.environs, number))

    def run(self, environ: dict[str, Any]) -> None:
        for _ in self.app(environ, _start):
            pass


def _start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    return None
