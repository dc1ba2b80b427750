"""COOKIEGATE_RECORDER: a recorder, its dotted path, or the URL of a database."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, cast

import pytest
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings

from cookiegate.django import CookieGateMiddleware
from cookiegate.django.conf import read
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.database import open_engine
from cookiegate.ledger.storage.store import Store
from tests.registries import gate_for

KEEPER = object()


def test_a_dotted_path_names_a_recorder() -> None:
    with override_settings(COOKIEGATE_RECORDER="tests.django.test_recorder.KEEPER"):
        assert type(read("recorder")) is object


@pytest.mark.parametrize(
    "address", ["sqlite:///consent.db", "postgresql://u@h.example/db", "sqlite:////srv/a.b/c.db"]
)
def test_a_database_url_is_not_a_dotted_path(address: str) -> None:
    with override_settings(COOKIEGATE_RECORDER=address):
        assert read("recorder") == address


def request() -> HttpRequest:
    found = HttpRequest()
    found.method = "GET"
    found.META = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.77"}
    return found


def choose(given: HttpRequest) -> HttpResponse:
    cast(Any, given).cookiegate.choose({"analysis"})
    return HttpResponse(b"Thanks.")


async def choose_later(given: HttpRequest) -> HttpResponse:
    return choose(given)


@pytest.mark.parametrize("view", [choose, choose_later])
def test_a_choice_leaves_a_receipt_in_the_database_that_the_settings_name(
    tmp_path: Path, view: Any
) -> None:
    url = f"sqlite:///{tmp_path}/consent.db"
    with override_settings(COOKIEGATE_RECORDER=url, COOKIEGATE_GATE=gate_for()):
        middleware = CookieGateMiddleware(view)
        answer = middleware(request())
        if view is choose_later:
            answer = asyncio.run(_awaited(cast(Awaitable[Any], answer)))
    assert cast(HttpResponse, answer).cookies or cast(HttpResponse, answer).has_header("Set-Cookie")
    recorder: Any = middleware.setup.recorder
    getattr(recorder, "ledger", recorder).close()
    engine = open_engine(url)
    (body,) = Store(engine).bodies()
    engine.dispose()
    assert load_receipt(body).granted == ("analysis",)
    assert b"192.0.2" not in body


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer
