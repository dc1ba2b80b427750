"""The banner's template tag in Flask and Starlette."""

import pytest
from flask import Flask, render_template_string
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from cookiegate import Gate
from cookiegate.flask import CookieGate
from cookiegate.pages import Pages
from cookiegate.starlette import cookie_banner, install
from tests.pages.support import registry
from tests.registries import KEY


def flask_page(has_pages: bool, options: str) -> str:
    app = Flask("shop")
    gate = Gate(registry(), KEY, secure=False)

    @app.get("/page")
    def page() -> str:
        return render_template_string("<p>{{ cookie_banner(" + options + ") }}</p>")

    CookieGate(app, gate, pages=Pages(gate) if has_pages else None)
    app.testing = True
    return app.test_client().get("/page").text


def starlette_page(has_pages: bool, options: str) -> str:
    gate = Gate(registry(), KEY, secure=False)

    async def page(request: Request) -> Response:
        lang = "sv" if "lang" in options else None
        return HTMLResponse("<p>" + cookie_banner(request, lang=lang) + "</p>")

    app = Starlette(routes=[Route("/page", page)])
    install(app, gate, pages=Pages(gate) if has_pages else None)
    with TestClient(app) as client:
        return client.get("/page").text


@pytest.mark.parametrize("show", [flask_page, starlette_page])
def test_the_tag_renders_the_banner_unescaped(show: object) -> None:
    assert callable(show)
    assert '<section id="cookiegate"' in show(True, "")
    assert "ber om ditt samtycke" in show(True, "lang='sv'")


@pytest.mark.parametrize("show", [flask_page, starlette_page])
def test_without_pages_the_tag_says_what_to_do(show: object) -> None:
    assert callable(show)
    with pytest.raises(RuntimeError, match=r"the gate has no pages; give "):
        show(False, "")
