"""The template tags: in error pages without a request, and under a Content-Security-Policy."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client
from django.test.utils import override_settings
from django.utils import translation
from django.views import defaults

from cookiegate import Gate
from tests.django import site
from tests.pages.support import registry
from tests.registries import KEY

TAGS = (
    "{% load cookiegate %}{% cookie_banner %}{% gated_script 'analysis' src='/a.js' %}"
    "{% gated_frame 'analysis' src='/film' title='Film' %}"
    "{% google_tag 'G-1' category='analysis' %}{% cookie_allows 'analysis' as ok %}"
    "{% cookie_should_ask as due %}{{ ok }} {{ due }}"
)


@pytest.fixture(autouse=True)
def gate() -> Iterator[Gate]:
    gate = Gate(registry(), KEY, secure=False)
    with override_settings(COOKIEGATE_GATE=gate, COOKIEGATE_PAGES="/cookies"):
        yield gate


def error_pages(**texts: str) -> Any:
    """Return settings with these error pages, such as `p500="…"`."""
    templates = {f"{name[1:]}.html": text for name, text in texts.items()}
    loaders = [("django.template.loaders.locmem.Loader", templates)]
    processors = ["django.template.context_processors.request"]
    options = {"loaders": loaders, "context_processors": processors}
    backend = "django.template.backends.django.DjangoTemplates"
    return override_settings(TEMPLATES=[{"BACKEND": backend, "OPTIONS": options}])


def test_tags_in_an_error_page_do_not_replace_it_by_another_error() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        # Django's own handler: a template without a context.
        return defaults.server_error(request)

    site.answer = fail
    with error_pages(p500="<h1>Sorry</h1>" + TAGS):
        response = Client().get("/any")
    assert (response.status_code, response.content) == (500, b"<h1>Sorry</h1>False False")


def test_an_error_page_with_a_request_has_the_banner() -> None:
    def lose(request: HttpRequest) -> HttpResponse:
        return defaults.page_not_found(request, LookupError())

    site.answer = lose
    with error_pages(p404="<h1>Lost</h1>" + TAGS):
        response = Client().get("/any")
    assert response.status_code == 404
    assert b'<section id="cookiegate-banner"' in response.content
    assert b'<iframe title="Film" data-cookiegate="analysis"' in response.content
    assert response.content.endswith(b"False True")


def test_without_a_request_everything_of_consent_mode_is_denied() -> None:
    text = Template("{% load cookiegate %}{% consent_mode_script %}").render(Context())
    assert '"ad_user_data":"denied"' in text
    assert "granted" not in text.replace('?"granted"', "")


def test_a_request_that_has_not_passed_the_gate_gets_nothing() -> None:
    # As an error page of a middleware that stands before the gate.
    context = Context({"request": HttpRequest()})
    assert Template(TAGS).render(context) == "False False"


class Lazy:
    """A nonce that is made when it is rendered, and false until then, as Django's."""

    made = 0

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        self.made += 1
        return "n1"


@pytest.mark.parametrize("place", ["context", "request", "argument"])
def test_the_tags_bear_the_pages_nonce(place: str) -> None:
    lazy = Lazy()
    nonce = " nonce='n1'" if place == "argument" else ""
    text = (
        "{% load cookiegate %}{% cookie_banner" + nonce + " %}"
        "{% gated_script 'analysis' src='/a.js'" + nonce + " %}"
        "{% consent_mode_script" + nonce + " %}"
        "{% google_tag 'G-1' category='analysis'" + nonce + " %}"
    )

    def show(request: Any) -> HttpResponse:
        values: dict[str, Any] = {"request": request}
        if place == "context":
            values["csp_nonce"] = lazy
        elif place == "request":
            request.csp_nonce = lazy
        return HttpResponse(Template(text).render(Context(values)))

    site.answer = show
    page = Client().get("/any").content.decode()
    assert page.count("<script") + page.count("<link") == page.count('nonce="n1"') == 7


@pytest.mark.parametrize(
    ("active", "options", "language"),
    [
        ("sv", "", "sv"),
        ("sv-se", "", "sv"),
        ("sv", " lang='en'", "en"),
        ("da", "", "en"),
        (None, "", "en"),
        ("sv", " cacheable=True", "en"),
    ],
)
def test_the_banner_has_djangos_active_language(
    active: str | None, options: str, language: str
) -> None:
    text = "{% load cookiegate %}{% cookie_banner layout='bar' settings_button=True" + options

    def show(request: Any) -> HttpResponse:
        with translation.override(active):
            page = Template(text + " %}").render(Context({"request": request}))
        return HttpResponse(page)

    site.answer = show
    page = Client(headers={"accept-language": "de"}).get("/any").content.decode()
    assert f'class="cookiegate" lang="{language}"' in page
    assert "/banner-bar-" in page
    assert "cookiegate-corner" in page


def test_what_is_cacheable_takes_no_nonce_of_one_response() -> None:
    text = (
        "{% load cookiegate %}{% cookie_banner cacheable=True %}"
        "{% gated_script 'analysis' src='/a.js' cacheable=True %}"
    )

    def show(request: Any) -> HttpResponse:
        request.csp_nonce = "n1"
        return HttpResponse(Template(text).render(Context({"request": request})))

    site.answer = show
    assert b"nonce" not in Client().get("/any").content


def test_a_nonce_is_not_made_for_a_page_without_tags() -> None:
    lazy = Lazy()
    context = Context({"csp_nonce": lazy, "request": HttpRequest()})
    Template("{% load cookiegate %}{% cookie_allows 'analysis' as ok %}").render(context)
    assert lazy.made == 0
