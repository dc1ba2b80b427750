"""Hand-written middleware, and well-known middleware for scale.

These need an event loop or a framework's objects. Each is compared with its framework without it,
so that a figure contains only what the middleware adds.
"""

from __future__ import annotations

import asyncio
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
    Requests,
    Visitor,
    discard,
    receive,
    serializer,
)
from cookiegate import Gate

__all__ = ["InLoop", "after_request", "as_base_http", "flask_site", "well_known"]


class InLoop(Requests):
    """Requests to an application that needs an event loop."""

    def __init__(self, app: ASGIApp, visitor: Visitor, cookies: int) -> None:
        super().__init__(app, visitor, cookies)
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
