"""The pages in Django: served by the middleware, and a tag for templates."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.template import Context, Template
from django.test import AsyncClient, Client
from django.test.utils import override_settings

from cookiegate import Gate
from cookiegate.pages import Pages
from tests.django import site
from tests.django.test_middleware import by_asgi
from tests.pages.support import AsyncMemoryRecorder, MemoryRecorder, registry
from tests.registries import KEY

FORM = "application/x-www-form-urlencoded"
SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def gate() -> Iterator[Gate]:
    gate = Gate(registry(), KEY, secure=False)
    with override_settings(COOKIEGATE_GATE=gate, COOKIEGATE_PAGES="/cookies"):
        yield gate


def test_a_choice_is_made_and_holds() -> None:
    client = Client(headers=SAME, enforce_csrf_checks=True)
    page = client.get("/cookies")
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert b"Cookie settings" in page.content
    assert client.post("/cookies", {"answer": "all"}).status_code == 415
    answer = client.post("/cookies", "answer=all", content_type=FORM)
    assert (answer.status_code, "Location" in answer) == (200, False)
    assert b"Your choice is saved." in answer.content
    assert client.get("/users/7").cookies["_ga"].value == "1"


def test_a_body_that_is_too_long_is_refused_and_heads_have_no_body() -> None:
    client = Client(headers=SAME)
    assert client.post("/cookies", "x" * 20_000, content_type=FORM).status_code == 413
    assert client.head("/cookies").content == b""


def test_pages_work_asynchronously_too() -> None:
    async def ask() -> Any:
        return await AsyncClient(headers=SAME).get("/cookies/policy")

    assert b"Cookie policy" in asyncio.run(ask()).content
    site.answer = lambda request: HttpResponse("mine")
    assert by_asgi(ASGIHandler(), [])


@pytest.mark.parametrize("arguments", ["", " lang='sv'", " cacheable=True"])
def test_the_tag_renders_the_banner_unescaped(arguments: str) -> None:
    def show(request: Any) -> HttpResponse:
        template = Template("{% load cookiegate %}{% cookie_banner" + arguments + " %}")
        return HttpResponse(template.render(Context({"request": request})))

    site.answer = show
    page = Client(headers=SAME).get("/any?a=1").content.decode()
    assert '<section id="cookiegate-banner"' in page
    back = re.search(r'name="back" value="([^"]+)"', page)
    assert back is not None
    client = Client(headers=SAME)
    answer = client.post("/cookies", f"answer=none&back={back[1]}", content_type=FORM)
    # What is the same for all visitors holds nothing of the query.
    assert answer["Location"] == ("/any" if "cacheable" in arguments else "/any?a=1")


@pytest.mark.parametrize("is_async", [False, True])
def test_a_choice_is_committed_once_and_before_its_response_is_rendered(
    monkeypatch: pytest.MonkeyPatch, is_async: bool
) -> None:
    recorder = MemoryRecorder()
    rendered: list[int] = []
    respond = Pages.respond

    def counted(self: Pages, request: Any, visit: Any, submission: Any) -> Any:
        rendered.append(len(recorder.choices))
        return respond(self, request, visit, submission)

    monkeypatch.setattr(Pages, "respond", counted)

    def post(fields: str) -> Any:
        if is_async:
            client = AsyncClient()
            return asyncio.run(client.post("/cookies", fields, content_type=FORM, headers=SAME))
        return Client(headers=SAME).post("/cookies", fields, content_type=FORM)

    used = AsyncMemoryRecorder(recorder) if is_async else recorder
    with override_settings(COOKIEGATE_RECORDER=used):
        assert post("answer=all").status_code == 200
        assert rendered == [1]
        assert len(recorder.choices) == 1
        recorder.is_down = True
        response = post("answer=all")
    assert response.status_code == 503
    assert b"Nothing was changed" in response.content
    assert rendered == [1]


def test_without_pages_the_tag_says_what_to_do() -> None:
    def show(request: Any) -> HttpResponse:
        template = Template("{% load cookiegate %}{% cookie_banner %}")
        return HttpResponse(template.render(Context({"request": request})))

    site.answer = show
    with (
        override_settings(COOKIEGATE_PAGES=None),
        pytest.raises(ImproperlyConfigured, match='write COOKIEGATE_PAGES = "/cookies"'),
    ):
        Client().get("/any")
