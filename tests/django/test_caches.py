"""Django's caches and conditional requests behind the gate."""

import asyncio
import pickle
from collections.abc import Callable, Iterator
from copy import copy, deepcopy
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.template import Context, Template, engines
from django.template.response import TemplateResponse
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import override_settings
from django.views.decorators.cache import cache_page
from django.views.decorators.http import condition

from cookiegate import AskedTooLateError, Gate
from cookiegate.django.caching import keep_uncached
from cookiegate.django.cookies import ExactMorsel
from tests.django import site
from tests.registries import cookie_header, gate_for, shop

GATE = site.GATE_MIDDLEWARE
UPDATE = "django.middleware.cache.UpdateCacheMiddleware"
FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
CONDITIONAL = "django.middleware.http.ConditionalGetMiddleware"
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EARLY = f"{__name__}.ask_early"
View = Callable[[Any], Any]


def ask_early(get_response: View) -> View:
    """Ask for each request, as a middleware of a site may."""

    def middleware(request: Any) -> Any:
        request.may_count = request.cookiegate.allows("analysis")
        return get_response(request)

    return middleware


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    with override_settings(COOKIEGATE_GATE=gate_for(), CACHES=LOCAL):
        cache.clear()
        yield
        cache.clear()


def cookie(*granted: str) -> str:
    return cookie_header(gate_for().issue(granted))[1].decode()


class Views:
    """Views that count how often they run."""

    def __init__(self) -> None:
        self.runs = 0

    def asking(self, request: Any) -> HttpResponse:
        self.runs += 1
        return HttpResponse("live" if request.cookiegate.allows("analysis") else "held")

    def rendered_later(self, request: Any) -> TemplateResponse:
        self.runs += 1
        text = (
            "{% load cookiegate %}{% cookie_allows 'analysis' as ok %}"
            "{% if ok %}live{% else %}held{% endif %}"
        )
        return TemplateResponse(request, engines["django"].from_string(text))

    def asking_before(self, request: Any) -> HttpResponse:
        self.runs += 1
        return HttpResponse("live" if request.may_count else "held")

    def plain(self, request: Any) -> HttpResponse:
        self.runs += 1
        return HttpResponse("the same")


def get(cookies: str = "", path: str = "/any", **headers: str) -> HttpResponse:
    named = {"Cookie": cookies} if cookies else {}
    response: Any = Client(headers={**named, **headers}).get(path)
    found: HttpResponse = response
    return found


def per_site(*others: str) -> Any:
    return override_settings(MIDDLEWARE=[site.GATE_MIDDLEWARE, UPDATE, *others, FETCH])


ORDER = [("analysis",), (), None, ("analysis",), (), None]


def shown(who: tuple[str, ...] | None) -> str:
    text: str = get("" if who is None else cookie(*who)).content.decode()
    return text


@pytest.mark.parametrize("name", ["asking", "rendered_later"])
@pytest.mark.parametrize("order", [ORDER, ORDER[::-1]])
def test_the_per_site_cache_stores_no_page_that_asked(
    name: str, order: list[tuple[str, ...] | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    views = Views()
    monkeypatch.setattr(site, "answer", getattr(views, name), raising=False)
    with per_site():
        for who in order:
            assert shown(who) == ("live" if who else "held")
    assert views.runs == len(order)


@pytest.mark.parametrize("name", ["asking", "rendered_later"])
@pytest.mark.parametrize("order", [ORDER, ORDER[::-1]])
def test_cache_page_stores_no_page_that_asked(
    name: str, order: list[tuple[str, ...] | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    views = Views()
    monkeypatch.setattr(site, "answer", cache_page(600)(getattr(views, name)), raising=False)
    for who in order:
        assert shown(who) == ("live" if who else "held")
    assert views.runs == len(order)


@pytest.mark.parametrize(
    "order", [[UPDATE, GATE, FETCH], [UPDATE, FETCH, GATE], [GATE, UPDATE, FETCH]]
)
def test_a_page_with_a_cookie_that_the_gate_rewrote_comes_from_the_cache(
    order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Any) -> HttpResponse:
        response = HttpResponse("the same")
        response.set_cookie("cart", "1", max_age=10**9)
        return response

    monkeypatch.setattr(site, "answer", answer, raising=False)
    gate = gate_for(shop('lifetime = "clamp"'))
    with override_settings(MIDDLEWARE=order, COOKIEGATE_GATE=gate):
        seen = [get().cookies["cart"].OutputString() for _ in range(2)]
    assert seen[0] == seen[1]
    assert "Max-Age=2592000" in seen[0]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("duplicate", [copy, deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_cookie_of_the_gate_can_be_copied_and_pickled(
    duplicate: Callable[[ExactMorsel], ExactMorsel], is_async: bool
) -> None:
    text = "n=\xe9; Path=/; Max-Age=0"
    found = duplicate(ExactMorsel(text, is_async=is_async))
    assert found.OutputString() == text
    line = found.output(header="")
    assert type(line) is type(ExactMorsel(text, is_async=is_async).output(header=""))


@pytest.mark.parametrize("decorate", [lambda view: view, cache_page(600)])
def test_a_page_is_not_stored_if_a_middleware_has_asked_for_it(
    decorate: Callable[[View], View], monkeypatch: pytest.MonkeyPatch
) -> None:
    views = Views()
    monkeypatch.setattr(site, "answer", decorate(views.asking_before), raising=False)
    with per_site(EARLY):
        for who in ORDER:
            assert shown(who) == ("live" if who else "held")
    assert views.runs == len(ORDER)


def test_a_page_that_asks_nothing_is_stored_for_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    views = Views()
    monkeypatch.setattr(site, "answer", views.plain, raising=False)
    with per_site():
        for who in ORDER:
            assert shown(who) == "the same"
    assert views.runs == 1
    cache.clear()
    monkeypatch.setattr(site, "answer", cache_page(600)(views.plain), raising=False)
    for who in ORDER:
        assert shown(who) == "the same"
    assert views.runs == 2


def test_in_report_mode_pages_are_stored_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    views = Views()
    monkeypatch.setattr(site, "answer", views.asking, raising=False)
    with override_settings(COOKIEGATE_GATE=gate_for(shop('mode = "report"'))), per_site():
        get()
        get()
    assert views.runs == 1


def test_the_cache_stores_no_page_that_asked_asynchronously(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    views = Views()
    monkeypatch.setattr(site, "answer", views.asking, raising=False)

    async def ask() -> list[str]:
        found = []
        for who in ORDER:
            client = AsyncClient()
            client.cookies.load("" if who is None else cookie(*who))
            response: Any = await client.get("/any-async")
            found.append(response.content.decode())
        return found

    with per_site():
        assert asyncio.run(ask()) == ["live" if who else "held" for who in ORDER]
    assert views.runs == len(ORDER)


def test_a_fragment_with_the_cache_key_is_stored_for_each_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[bool] = []
    template = Template(
        "{% load cache cookiegate %}{% cache 600 side request.cookiegate.cache_key %}"
        "{% cookie_allows 'analysis' as ok %}{{ note }}{{ ok }}{% endcache %}"
    )

    def answer(request: Any) -> HttpResponse:
        def note() -> str:
            runs.append(request.cookiegate.allows("analysis"))
            return ""

        return HttpResponse(template.render(Context({"request": request, "note": note})))

    monkeypatch.setattr(site, "answer", answer, raising=False)
    for who in ORDER:
        assert shown(who) == str(bool(who))
    assert runs == [True, False, False]


def test_a_request_stays_of_its_class_and_has_the_attribute_only_once_it_is_set() -> None:
    request: Any = RequestFactory().get("/")
    kind = type(request)
    keep_uncached(request)
    changed = type(request)
    keep_uncached(request)
    assert isinstance(request, kind)
    assert type(request) is changed
    assert repr(request) == "<WSGIRequest: GET '/'>"
    assert not hasattr(request, "_cache_update_cache")


def test_a_request_can_be_copied_and_pickled() -> None:
    request: Any = RequestFactory().get("/a?b=c")
    kind = type(request)
    vars(request)["cookiegate"] = gate_for().visit([])
    keep_uncached(request)
    request._cache_update_cache = True
    for other in (copy(request), deepcopy(request), pickle.loads(pickle.dumps(request))):
        assert isinstance(other, kind)
        assert (other.path, other.GET["b"]) == ("/a", "c")
        assert other._cache_update_cache
    request.cookiegate.vary()
    assert not request._cache_update_cache
    assert not copy(request)._cache_update_cache


# Conditional requests.


def by_middleware(view: View) -> Any:
    site.answer = view
    return override_settings(MIDDLEWARE=[site.GATE_MIDDLEWARE, CONDITIONAL])


def by_condition(view: View) -> Any:
    site.answer = condition(etag_func=lambda request: '"v1"')(view)
    return override_settings(MIDDLEWARE=[site.GATE_MIDDLEWARE])


def same_bytes(request: Any) -> HttpResponse:
    # The held-back tag is in the page whatever is allowed, as a policy may be.
    request.cookiegate.allows("analysis")
    return HttpResponse("always")


@pytest.mark.parametrize("by", [by_middleware, by_condition])
def test_djangos_etags_depend_on_the_visitor(
    by: Callable[[View], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "answer", None, raising=False)
    with by(same_bytes):
        first = get(cookie("analysis"))
        tag = first["ETag"]
        again = get(cookie("analysis"), **{"If-None-Match": tag})
        assert (again.status_code, again["ETag"]) == (304, tag)
        assert again["Cache-Control"] == "private"
        for who in ("", cookie(), cookie("marketing")):
            assert get(who, **{"If-None-Match": tag}).status_code == 200


def test_djangos_etags_depend_on_the_visitor_asynchronously(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(site, "answer", None, raising=False)

    async def ask(granted: tuple[str, ...], tag: str) -> Any:
        client = AsyncClient()
        client.cookies.load(cookie(*granted))
        return await client.get("/any-async", headers={"If-None-Match": tag})

    with by_middleware(same_bytes):
        tag = get(cookie("analysis"), path="/any-async")["ETag"]
        assert asyncio.run(ask(("analysis",), tag)).status_code == 304
        assert asyncio.run(ask((), tag)).status_code == 200


@pytest.mark.parametrize("by", [by_middleware, by_condition])
def test_djangos_etags_of_other_pages_stay(
    by: Callable[[View], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "answer", None, raising=False)
    with by(Views().plain):
        tag = get(cookie("analysis"))["ETag"]
        assert "~cg-" not in tag
        assert get(cookie(), **{"If-None-Match": tag}).status_code == 304


# Streamed responses.


def streaming(request: Any) -> StreamingHttpResponse:
    def body() -> Iterator[str]:
        yield "a"
        yield "live" if request.cookiegate.allows("analysis") else "held"

    return StreamingHttpResponse(body(), headers={"Cache-Control": "public, max-age=600"})


def announced(request: Any) -> StreamingHttpResponse:
    request.cookiegate.vary()
    return streaming(request)


@pytest.mark.parametrize(
    ("view", "control", "reported"),
    [
        (streaming, "public, max-age=600", [AskedTooLateError]),
        (announced, "private, max-age=600", []),
    ],
)
def test_a_streamed_response_that_asks_in_its_body_is_announced_or_reported(
    view: View, control: str, reported: list[type], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = []
    monkeypatch.setattr(site, "answer", view, raising=False)
    gate: Gate = gate_for(on_error=errors.append)
    with override_settings(COOKIEGATE_GATE=gate):
        for _ in range(2):
            response: Any = get()
            assert b"".join(response.streaming_content) == b"aheld"
            assert response["Cache-Control"] == control
    assert [type(error) for error in errors] == reported
