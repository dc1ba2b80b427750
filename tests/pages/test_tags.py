"""The banner's template tag in Flask and Starlette."""

import re
import sys
from types import ModuleType
from typing import Any

import pytest
from babel.core import Locale
from flask import Flask, g, render_template, render_template_string, request
from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.flask import CookieGate
from cookiegate.pages import Pages
from cookiegate.starlette import add_tags, cookie_banner, install
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
    assert '<section id="cookiegate-banner"' in show(True, "")
    assert ": ditt val</h2>" in show(True, "lang='sv'")


@pytest.mark.parametrize("show", [flask_page, starlette_page])
def test_without_pages_the_tag_says_what_to_do(show: object) -> None:
    assert callable(show)
    with pytest.raises(RuntimeError, match=r"the gate has no pages; give "):
        show(False, "")


# Macros that are imported without the context, error pages, and nonces.

CALLS = (
    "{{ cookie_banner(%s) }}{{ gated_script(%s'analysis', src='/a.js') }}"
    "{{ consent_mode_script(%s) }}{{ google_tag(%s'G-1', category='analysis') }}"
)
FLASK = CALLS.replace("%s", "")
STARLETTE = CALLS.replace("(%s)", "(request)").replace("%s", "request, ")
TEMPLATES = {
    "page.html": "{% from 'macros.html' import foot %}<p>{{ foot() }}</p>",
    "macros.html": "{% macro foot() %}" + FLASK + "{% endmacro %}",
    "passed.html": "{% from 'passing.html' import foot %}<p>{{ foot(request) }}</p>",
    "passing.html": "{% macro foot(request) %}" + STARLETTE + "{% endmacro %}",
    "plain.html": "<p>" + STARLETTE + "</p>",
}


def flask_shop() -> Flask:
    app = Flask("shop")
    gate = Gate(registry(), KEY, secure=False)
    CookieGate(app, gate, pages=Pages(gate))
    # Later than the extension: it has not made the environment yet.
    app.jinja_options = {"loader": DictLoader(TEMPLATES), "trim_blocks": True}
    return app


def count_tags(page: str) -> tuple[int, int, int]:
    return page.count('id="cookiegate-banner"'), page.count('src="/a.js"'), page.count('"default"')


def test_macros_of_flask_have_the_tags_without_the_context() -> None:
    app = flask_shop()

    @app.get("/page")
    def page() -> str:
        return render_template("page.html")

    assert count_tags(app.test_client().get("/page").text) == (1, 1, 2)
    assert app.jinja_env.trim_blocks is True


def test_an_environment_that_exists_already_gets_the_tags_too() -> None:
    app = Flask("shop")
    app.jinja_env.globals["mine"] = 1
    CookieGate(app, Gate(registry(), KEY, secure=False))
    assert {"mine", "cookie_banner", "gated_script"} <= app.jinja_env.globals.keys()


def test_outside_of_a_request_flasks_tags_render_nothing_and_deny_everything() -> None:
    app = flask_shop()
    with app.app_context():
        text = render_template("page.html")
    # A request that has not passed the gate, as in a task.
    with app.test_request_context("/page"):
        assert render_template("page.html") == text
    assert count_tags(text) == (0, 0, 1)
    assert "granted" not in text.replace('?"granted"', "")


def test_an_error_page_of_flask_has_the_banner() -> None:
    app = flask_shop()

    @app.errorhandler(500)
    def sorry(error: object) -> tuple[str, int]:
        return render_template("page.html"), 500

    @app.get("/fail")
    def fail() -> str:
        raise LookupError("boom")

    response = app.test_client().get("/fail")
    assert response.status_code == 500
    assert count_tags(response.text) == (1, 1, 2)


@pytest.fixture
def starlette_templates() -> Jinja2Templates:
    templates = Jinja2Templates(env=Environment(loader=DictLoader(TEMPLATES), autoescape=True))
    add_tags(templates)
    return templates


def starlette_shop(templates: Jinja2Templates, **handlers: Any) -> Starlette:
    async def page(request: Request) -> Response:
        return templates.TemplateResponse(request, request.query_params["name"])

    async def fail(request: Request) -> Response:
        raise LookupError("boom")

    routes = [Route("/page", page), Route("/fail", fail)]
    return Starlette(routes=routes, **handlers)


@pytest.mark.parametrize("name", ["passed.html", "plain.html"])
def test_macros_of_starlette_have_the_tags(starlette_templates: Jinja2Templates, name: str) -> None:
    app = starlette_shop(starlette_templates)
    gate = Gate(registry(), KEY, secure=False)
    install(app, gate, pages=Pages(gate))
    with TestClient(app) as client:
        assert count_tags(client.get(f"/page?name={name}").text) == (1, 1, 2)


@pytest.mark.parametrize("is_outside", [False, True])
def test_an_error_page_of_starlette_is_never_replaced_by_another_error(
    starlette_templates: Jinja2Templates, is_outside: bool
) -> None:
    async def sorry(request: Request, error: Exception) -> Response:
        return starlette_templates.TemplateResponse(request, "plain.html", status_code=500)

    app = starlette_shop(starlette_templates, exception_handlers={500: sorry})
    gate = Gate(registry(), KEY, secure=False)
    if is_outside:
        # Starlette answers errors outside of the middleware that is added to it.
        app.add_middleware(CookieGateMiddleware, gate=gate, pages=Pages(gate))
    else:
        install(app, gate, pages=Pages(gate))
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/fail")
    assert response.status_code == 500
    assert response.text.startswith("<p>")
    if not is_outside:
        assert count_tags(response.text) == (1, 1, 2)


def test_without_a_request_starlettes_tags_render_nothing_and_deny_everything(
    starlette_templates: Jinja2Templates,
) -> None:
    text = starlette_templates.get_template("plain.html").render()
    assert count_tags(text) == (0, 0, 1)
    assert "granted" not in text.replace('?"granted"', "")
    scope: Any = {"type": "http", "headers": []}
    assert count_tags(
        starlette_templates.get_template("plain.html").render(request=Request(scope))
    ) == (0, 0, 1)


@pytest.mark.parametrize("place", ["request", "g"])
def test_flasks_tags_bear_the_pages_nonce(place: str) -> None:
    app = flask_shop()

    @app.get("/page")
    def page() -> str:
        holder: Any = request if place == "request" else g
        holder.csp_nonce = "n1"
        return render_template("page.html")

    text = app.test_client().get("/page").text
    assert text.count("<script") + text.count("<link") == text.count('nonce="n1"') == 7


def test_starlettes_tags_bear_the_pages_nonce(starlette_templates: Jinja2Templates) -> None:
    async def page(request: Request) -> Response:
        request.state.csp_nonce = "n1"
        return starlette_templates.TemplateResponse(request, "plain.html")

    app = Starlette(routes=[Route("/page", page)])
    gate = Gate(registry(), KEY, secure=False)
    install(app, gate, pages=Pages(gate))
    with TestClient(app) as client:
        text = client.get("/page").text
    assert text.count("<script") + text.count("<link") == text.count('nonce="n1"') == 7


# The page's language, before the visitor's.

GERMAN = {"accept-language": "de"}


def lang_of(page: str) -> str:
    (found,) = re.findall(r'<section id="cookiegate-banner" class="cookiegate" lang="(\w+)"', page)
    return str(found)


@pytest.mark.parametrize(
    ("locale", "options", "language"),
    [
        ("sv_SE", "", "sv"),
        ("sv", "lang='en'", "en"),
        ("da", "", "en"),
        (None, "", "en"),
        ("sv", "cacheable=True", "en"),
        ("en", "cacheable=True, lang='sv'", "sv"),
    ],
)
def test_flasks_banner_has_the_locale_of_flask_babel(
    monkeypatch: pytest.MonkeyPatch, locale: str | None, options: str, language: str
) -> None:
    app = flask_shop()

    @app.get("/page")
    def page() -> str:
        return render_template_string("{{ cookie_banner(" + options + ") }}")

    babel = ModuleType("flask_babel")
    vars(babel)["get_locale"] = lambda: locale and Locale.parse(locale)
    monkeypatch.setitem(sys.modules, "flask_babel", babel)
    # Another application of the process may use it.
    assert lang_of(app.test_client().get("/page", headers={"accept-language": "en"}).text) in (
        "en",
        "sv" if "lang='sv'" in options else "en",
    )
    app.extensions["babel"] = object()
    assert lang_of(app.test_client().get("/page", headers=GERMAN).text) == language


@pytest.mark.parametrize(
    ("locale", "options", "language"),
    [
        ("sv", {}, "sv"),
        (Locale("sv", "SE"), {}, "sv"),
        ("sv", {"lang": "en"}, "en"),
        (None, {}, "en"),
        ("sv", {"cacheable": True}, "en"),
    ],
)
def test_starlettes_banner_has_the_locale_of_the_requests_state(
    locale: object, options: dict[str, Any], language: str
) -> None:
    async def page(request: Request) -> Response:
        if locale is not None:
            request.state.locale = locale
        return HTMLResponse(cookie_banner(request, **options))

    app = Starlette(routes=[Route("/page", page)])
    gate = Gate(registry(), KEY, secure=False)
    install(app, gate, pages=Pages(gate))
    with TestClient(app) as client:
        assert lang_of(client.get("/page", headers=GERMAN).text) == language


def test_the_tags_take_the_layout_and_the_settings_button(
    starlette_templates: Jinja2Templates,
) -> None:
    options = "layout='bar', settings_button=True"

    async def page(request: Request) -> Response:
        return HTMLResponse(cookie_banner(request, layout="bar", settings_button=True))

    app = Starlette(routes=[Route("/page", page)])
    gate = Gate(registry(), KEY, secure=False)
    install(app, gate, pages={"path": "/choices", "layout": "page"})
    with TestClient(app) as client:
        html = client.get("/page").text
    for one in (html, flask_page(True, options)):
        assert "/banner-bar-" in one
        assert "cookiegate-corner" in one
    assert 'action="/choices"' in html
