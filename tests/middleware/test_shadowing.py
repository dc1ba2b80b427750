"""A page of the application at the path of the pages is reported once it can be known."""

import logging
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from flask import Blueprint, Flask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from cookiegate import Gate, Registry
from cookiegate.flask import CookieGate
from cookiegate.middleware.shadowing import shadowed
from cookiegate.pages import Pages
from cookiegate.starlette import install
from tests.registries import KEY


def starter_gate() -> Gate:
    return Gate(Registry.load("cookiegate:starter"), KEY, mode="enforce")


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]


EXPECTED = (
    "The application's own page {} is never shown: Cookiegate's pages are there. "
    "Serve them elsewhere, as with pages='/cookies-consent'"
)


@pytest.mark.parametrize(
    ("route", "is_shadowed"),
    [
        ("/cookies", True),
        ("/cookies/", True),
        ("/cookies/policy", True),
        ("/cookies/recipes", False),
        ("/cookiess", False),
        ("/<path:name>", False),
        ("/cookies/<name>", False),
        ("/", False),
    ],
)
def test_a_route_is_shadowed_where_the_pages_answer(route: str, is_shadowed: bool) -> None:
    assert shadowed(Pages(starter_gate(), "/cookies"), [route]) == [route] * is_shadowed


@pytest.mark.parametrize("rule", ["/cookies", "/cookies/policy"])
def test_flask_reports_a_route_at_the_first_request_and_only_then(
    caplog: pytest.LogCaptureFixture, rule: str
) -> None:
    app = Flask("shop")
    CookieGate(app, starter_gate(), pages="/cookies")
    # Routes are usually added after the gate.
    parts = Blueprint("parts", __name__)
    parts.add_url_rule(rule, "own", lambda: "own")
    app.register_blueprint(parts)
    app.add_url_rule("/", "home", lambda: "home")
    assert warnings(caplog) == []
    for _ in range(2):
        assert app.test_client().get("/").text == "home"
        assert warnings(caplog) == [EXPECTED.format(rule)]


def test_flask_is_silent_if_no_route_is_shadowed(caplog: pytest.LogCaptureFixture) -> None:
    for pages in ("/cookies", None):
        app = Flask("shop")
        CookieGate(app, starter_gate(), pages=pages)
        app.add_url_rule("/<path:name>", "any", lambda name: name)
        assert app.test_client().get("/home").text == "home"
    assert warnings(caplog) == []


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse("own")


@pytest.mark.parametrize(
    "route",
    [
        Route("/cookies", answer),
        Mount("/cookies", routes=[Route("/", answer)]),
        Mount("", routes=[Route("/cookies", answer)]),
    ],
    ids=["route", "mount", "nested"],
)
def test_starlette_reports_a_route_when_it_starts(
    caplog: pytest.LogCaptureFixture, route: Any
) -> None:
    app = Starlette()
    install(app, starter_gate(), pages="/cookies")
    app.router.routes.append(route)
    TestClient(app).get("/")
    assert EXPECTED.format("/cookies") in warnings(caplog)


def test_fastapi_reports_a_route_of_an_included_router(caplog: pytest.LogCaptureFixture) -> None:
    router = APIRouter()
    router.add_api_route("/policy", lambda: "own")
    app = FastAPI()
    install(app, starter_gate(), pages="/cookies")
    app.include_router(router, prefix="/cookies")
    TestClient(app).get("/")
    assert warnings(caplog) == [EXPECTED.format("/cookies/policy")]


def test_starlette_is_silent_if_no_route_is_shadowed(caplog: pytest.LogCaptureFixture) -> None:
    for pages in ("/cookies", None):
        app = Starlette(routes=[Route("/{path:path}", answer), Mount("/other", routes=[])])
        install(app, starter_gate(), pages=pages)
        assert TestClient(app).get("/home").text == "own"
    assert warnings(caplog) == []
