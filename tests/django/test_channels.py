"""Django with Channels: one gate around the protocols, and Django's middleware inside it."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.core.checks import CheckMessage
from django.http import HttpResponse
from django.test.utils import modify_settings, override_settings
from django.urls import path

from cookiegate.asgi import CookieGateMiddleware
from cookiegate.django.checks import check_settings
from tests.django import site
from tests.django.test_middleware import by_asgi, names
from tests.pages.support import AsyncMemoryRecorder, MemoryRecorder
from tests.registries import cookie_header, gate_for

Pair = tuple[bytes, bytes]
GATE = gate_for(secure=False)


async def accept(self: Any) -> None:
    granted = b"yes" if self.scope["cookiegate"].allows("analysis") else b"no"
    headers = [(b"set-cookie", b"_ga=1"), (b"set-cookie", b"sid=1"), (b"x-granted", granted)]
    await self.accept(headers=headers)


# Channels has no types.
ROUTING: Any = import_module("channels.routing")
WEBSOCKET: Any = import_module("channels.generic.websocket")
Consumer: Any = type("Consumer", (WEBSOCKET.AsyncWebsocketConsumer,), {"connect": accept})


def router() -> Any:
    sockets = ROUTING.URLRouter([path("ws", Consumer.as_asgi())])
    return ROUTING.ProtocolTypeRouter({"http": get_asgi_application(), "websocket": sockets})


def connect(app: Any, headers: list[Pair]) -> list[Pair]:
    sent: list[Any] = []
    incoming = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])

    async def receive() -> Any:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/ws", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    accepted: list[Pair] = sent[0]["headers"]
    return accepted


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    with override_settings(
        COOKIEGATE_GATE=GATE, MIDDLEWARE=site.MIDDLEWARE[:1], COOKIEGATE_SECURE=True
    ):
        yield


def test_a_handshake_passes_the_gate_around_the_protocols() -> None:
    app = CookieGateMiddleware(router(), GATE)
    result = connect(app, [(b"host", b"shop.example")])
    assert names(result) == [b"sid"]
    assert (b"x-granted", b"no") in result
    result = connect(app, [cookie_header(GATE.issue({"analysis"}))])
    assert names(result) == [b"_ga", b"sid"]


def test_the_gate_and_djangos_middleware_act_as_one() -> None:
    def answer(request: Any) -> HttpResponse:
        request.cookiegate.choose({"analysis"})
        response = HttpResponse("")
        response.set_cookie("_ga", "1")
        response.set_cookie("_fbp", "1")
        return response

    site.answer = answer
    kept = MemoryRecorder()
    recorder = AsyncMemoryRecorder(kept)
    with override_settings(COOKIEGATE_RECORDER=recorder):
        app = CookieGateMiddleware(router(), GATE, recorder=recorder)
        result = by_asgi(app, [(b"host", b"shop.example")])
    assert names(result) == [b"_ga", GATE.cookie_name.encode()]
    assert [choice.after.granted for choice in kept.choices] == [{"analysis"}]


def found(application: Any) -> list[CheckMessage]:
    globals()["application"] = application
    with override_settings(ASGI_APPLICATION=f"{__name__}.application"):
        return check_settings()


def test_the_check_finds_sockets_that_do_not_pass_the_gate() -> None:
    (warning,) = found(router())
    assert warning.id == "cookiegate.W004"
    assert f"{__name__}.application" in warning.msg
    inside = router()
    assert found(CookieGateMiddleware(inside, GATE)) == []
    protocols = inside.application_mapping
    protocols["websocket"] = CookieGateMiddleware(protocols["websocket"], GATE)
    assert found(inside) == []
    (warning,) = found(CookieGateMiddleware(router(), gate_for()))
    assert warning.id == "cookiegate.W005"


def test_the_check_says_nothing_about_an_application_without_sockets() -> None:
    assert found(get_asgi_application()) == []
    assert found(ROUTING.ProtocolTypeRouter({"http": get_asgi_application()})) == []
    with override_settings(ASGI_APPLICATION="tests.django.nowhere.application"):
        assert check_settings() == []


def test_channels_without_an_application_in_the_settings_is_found() -> None:
    with modify_settings(INSTALLED_APPS={"append": "channels"}):
        assert [one.id for one in check_settings()] == ["cookiegate.W004"]
