"""Options that all middleware share."""

import asyncio
from typing import Any

import pytest

from cookiegate import Verdict, asgi, wsgi
from cookiegate.pages import Pages
from cookiegate.reports import Counts
from cookiegate.reports.tally import VerdictRow
from tests.registries import KEY, gate_for, shop


@pytest.mark.parametrize("middleware", [asgi.CookieGateMiddleware, wsgi.CookieGateMiddleware])
def test_an_unknown_option_is_an_error_that_lists_the_options(middleware: Any) -> None:
    with pytest.raises(TypeError, match="unknown option 'modus'; there are registry, secret_key"):
        middleware(None, gate_for(), modus="report")


@pytest.mark.parametrize("middleware", [asgi.CookieGateMiddleware, wsgi.CookieGateMiddleware])
def test_a_gate_and_an_option_that_makes_one_are_an_error(middleware: Any) -> None:
    with pytest.raises(TypeError, match="gate and mode are both given"):
        middleware(None, gate_for(), mode="report")


def shut_down(middleware: asgi.CookieGateMiddleware) -> list[str]:
    """Pass the end of an application through, and return the types of the sent messages."""
    sent: list[str] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any: ...

    asyncio.run(middleware({"type": "lifespan"}, receive, send))
    return sent


def stopping(*types: str) -> asgi.ASGIApp:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for one in types:
            await send({"type": one})

    return app


class Flushed:
    """A callback that notes when it is asked to write."""

    def __init__(self, name: str, log: list[str]) -> None:
        self._name = name
        self._log = log

    def __call__(self, fact: object) -> None: ...

    def flush(self) -> None:
        self._log.append(self._name)


@pytest.mark.parametrize("end", ["complete", "failed"])
def test_the_end_of_an_asgi_application_writes_all_counts_first(end: str) -> None:
    log: list[str] = []
    shop_gate, other = (gate_for(on_verdict=Flushed(name, log)) for name in ("shop", "other"))
    pages = Pages(other, on_banner=Flushed("banners", log))
    app = stopping("lifespan.startup.complete", f"lifespan.shutdown.{end}")
    middleware = asgi.CookieGateMiddleware(
        app, {"shop.example": shop_gate, "*": other}, pages=pages
    )
    sent = shut_down(middleware)
    assert sorted(log) == ["banners", "other", "shop"]
    assert sent == ["lifespan.startup.complete", f"lifespan.shutdown.{end}"]


def test_the_start_of_an_asgi_application_writes_nothing() -> None:
    log: list[str] = []
    gate = gate_for(on_verdict=Flushed("gate", log))
    shut_down(asgi.CookieGateMiddleware(stopping("lifespan.startup.complete"), gate))
    assert log == []


def test_a_report_beside_a_callback_is_written_at_the_end_too() -> None:
    received: list[VerdictRow] = []
    seen: list[Verdict] = []
    counts = Counts(callback=received.extend, interval=1000)
    app = stopping("lifespan.shutdown.complete")
    middleware = asgi.CookieGateMiddleware(
        app, registry=shop(), secret_key=KEY, report=counts, on_verdict=seen.append
    )
    middleware.gate.visit([]).respond([(b"set-cookie", b"who=1")])
    shut_down(middleware)
    assert [row.count for row in received] == [1]
    assert [verdict.name for verdict in seen] == ["who"]
    counts.close()
