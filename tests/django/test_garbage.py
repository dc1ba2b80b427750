"""Requests through Django leave no reference cycles."""

import gc
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from weakref import ref

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings

from cookiegate import Gate, Verdict
from tests.django import site
from tests.registries import gate_for


class Canary:
    """An object that lives as long as its request."""


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ask(app: Any) -> Any:
    canary = Canary()
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/any",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "80",
        "HTTP_COOKIE": "_ga=1",
        "HTTP_ACCEPT": "text/html",
        "wsgi.input": BytesIO(),
        "tests.canary": canary,
    }
    started: list[Any] = []
    app(environ, lambda status, headers: started.append(headers)).close()
    assert not any("_ga=1" in value for _, value in started[0])
    return ref(canary)


def answer(request: Any) -> HttpResponse:
    assert request.cookiegate.allows("essential")
    response = HttpResponse("")
    response.set_cookie("_ga", "1")
    return response


@pytest.mark.parametrize("listens", [False, True])
def test_the_middleware_leaves_no_garbage(listens: bool) -> None:
    seen: list[Verdict] = []
    gate: Gate = gate_for(on_verdict=seen.append) if listens else gate_for()
    site.answer = answer
    with override_settings(COOKIEGATE_GATE=gate, MIDDLEWARE=site.MIDDLEWARE[:1]):
        app = WSGIHandler()
        # The first request makes objects that stay.
        ask(app)
        assert ask(app)() is None
    assert [verdict.route for verdict in seen] == (["any"] * 2 if listens else [])
