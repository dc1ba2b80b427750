"""Hand-written middleware, and well-known middleware for scale.

These need an event loop or a framework's objects. Each is compared with its framework without it,
so that a figure contains only what the middleware adds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from flask import Flask, Response, request
from itsdangerous import BadSignature
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response as StarletteResponse
from werkzeug.http import parse_cookie

from benchmarks.subjects import (
    KEY,
    ASGIApp,
    Handwritten,
    Pair,
    Requests,
    answer,
    discard,
    each_request,
    receive,
    serializer,
)
from cookiegate import Gate

__all__ = ["FlaskRequests", "InLoop", "after_request", "as_base_http", "flask_site", "well_known"]


class InLoop(Requests):
    """Requests to an application that needs an event loop."""

    def __init__(self, app: ASGIApp, headers: list[Pair], cookies: int) -> None:
        super().__init__(app, headers, cookies)
        self.loop = asyncio.new_event_loop()

    def run(self, scope: Any) -> None:
        self.loop.run_until_complete(self.app(scope, receive, discard))


def as_base_http(app: ASGIApp, gate: Gate) -> ASGIApp:
    """Return the handwritten filter as Starlette documents middleware: as a BaseHTTPMiddleware."""
    handwritten = Handwritten(app, gate)

    class Filter(BaseHTTPMiddleware):
        async def dispatch(
            self, request: Request, call_next: RequestResponseEndpoint
        ) -> StarletteResponse:
            response = await call_next(request)
            allowed = handwritten.allowed(request.scope["headers"])
            response.raw_headers[:] = [
                (name, value)
                for name, value in response.raw_headers
                if name.lower() != b"set-cookie"
                or handwritten.keeps(value.decode("latin-1"), allowed)
            ]
            return response

    return Filter(app)


def well_known(app: ASGIApp) -> dict[str, ASGIApp]:
    """Return middleware that many sites have, with the options of its documentation."""
    return {
        "Starlette SessionMiddleware": SessionMiddleware(app, secret_key=KEY),
        "Starlette CORSMiddleware": CORSMiddleware(app, allow_origins=["https://example.com"]),
        "Starlette GZipMiddleware": GZipMiddleware(app, minimum_size=500),
        "asgi-csrf": import_module("asgi_csrf").asgi_csrf(app, signing_secret=KEY),
    }


def flask_site() -> Flask:
    """Return a Flask application with one view, which sends the headers of the benchmark."""
    app = Flask(__name__)

    @app.get("/")
    def view() -> Response:
        response = Response("ok")
        for name, value in request.environ["answer"]:
            response.headers.add(name, value)
        return response

    return app


def after_request(app: Flask, gate: Gate) -> Flask:
    """Add the same filter as an `after_request` function with werkzeug's parsers."""
    loads = serializer().loads
    categories = {name: entry.category for entry in gate.registry.entries for name in entry.names}
    required = gate.registry.required

    @app.after_request
    def strip(response: Response) -> Response:
        allowed = required
        if token := request.cookies.get("consent"):
            with suppress(BadSignature):
                allowed = required.union(loads(token, max_age=90 * 86400)["granted"])
        kept = []
        for value in response.headers.getlist("Set-Cookie"):
            names = list(parse_cookie(value.partition(";")[0]))
            if names and categories.get(names[0]) in allowed:
                kept.append(value)
        response.headers.setlist("Set-Cookie", kept)
        return response

    return app


class FlaskRequests:
    """
    Requests of one visitor to a WSGI application.

    Args:
        app: The application, wrapped.
        headers: The requests' headers.
        cookies: The number of Set-Cookie headers of each response.
    """

    def __init__(self, app: Callable[..., Any], headers: list[Pair], cookies: int) -> None:
        self.app = app
        self.cookies = cookies
        self.headers = headers

    def prepare(self, number: int) -> list[dict[str, Any]]:
        return [
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
                "answer": answer(self.cookies, n),
            }
            for n, headers in enumerate(each_request(self.headers, number))
        ]

    def run(self, environ: dict[str, Any]) -> None:
        for _ in self.app(environ, _start):
            pass


def _start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    return None
