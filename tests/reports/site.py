"""A site that counts, for servers that are started as processes of their own."""

import os
from typing import Any

from flask import Flask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cookiegate import Gate
from cookiegate.asgi import ASGIApp, CookieGateMiddleware
from cookiegate.flask import CookieGate
from cookiegate.reports import Counts
from tests.registries import KEY, shop

__all__ = ["FILE", "flask_site", "make_asgi"]

#: The variable with the path of the file of counts.
FILE = "COOKIEGATE_TEST_COUNTS"


def make_gate(**options: Any) -> Gate:
    counts = Counts(os.environ[FILE], **options)
    return Gate(shop(), KEY, secure=False, on_verdict=counts)


def flask_site() -> Flask:
    """Return a WSGI application that sets a cookie at /cookie, and none at /."""
    app = Flask(__name__)

    @app.get("/")
    def home() -> str:
        return "none"

    @app.get("/cookie")
    def cookie() -> tuple[str, int, dict[str, str]]:
        return "one", 200, {"set-cookie": "who=1"}

    CookieGate(app, make_gate())
    return app


def make_asgi() -> ASGIApp:
    """Return the same as ASGI. It is written only at shutdown."""

    async def home(request: Request) -> Response:
        return PlainTextResponse("none")

    async def cookie(request: Request) -> Response:
        return PlainTextResponse("one", headers={"set-cookie": "who=1"})

    app = Starlette(routes=[Route("/", home), Route("/cookie", cookie)])
    return CookieGateMiddleware(app, make_gate(interval=1000))
