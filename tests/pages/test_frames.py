"""`gated_frame`: an iframe, or what stands for it, in each framework."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from cookiegate import Gate
from cookiegate.flask import CookieGate
from cookiegate.flask import gated_frame as flask_frame
from cookiegate.pages import Pages
from cookiegate.pages.messages import PageRequest
from cookiegate.starlette import gated_frame, install
from tests.pages.support import registry
from tests.registries import KEY

FILM: dict[str, Any] = {"src": "https://films.example/1?a=1&b=2", "title": "The <film>"}
HERE = PageRequest(method="GET", path="/page")


def frame(*granted: str, policy: str = "", **options: Any) -> str:
    """Return the marketing frame of a visitor who has granted this."""
    gate = Gate(registry(policy=policy), KEY, secure=False)
    visit = gate.visit([(b"cookie", gate.issue(set(granted)).encode())] if granted else [])
    return Pages(gate).frame(HERE, visit, "marketing", **{**FILM, **options})


def attributes(html: str) -> dict[str, str]:
    (element,) = re.findall(r"<iframe ([^>]*)></iframe>", html)
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', element)}


def test_a_frame_that_is_not_allowed_has_no_address_and_says_why_without_a_script() -> None:
    html = frame(service="google", picture="/still.jpg")
    assert attributes(html) == {
        "title": "The <film>",
        "data-cookiegate": "marketing",
        "data-cookiegate-src": "https://films.example/1?a=1&b=2",
        "data-cookiegate-provider": "Google",
        "data-cookiegate-purpose": "Advertises.",
        "data-cookiegate-picture": "/still.jpg",
    }
    assert "<noscript>" in html
    plain = html.partition("<noscript>")[2]
    assert "Content from Google (films.example) is shown here once you allow marketing." in plain
    assert 'href="https://films.example/1?a=1&amp;b=2"' in plain
    assert ">The &lt;film&gt;</a>" in plain
    assert '<a href="/cookies">Cookie settings</a>' in plain


def test_a_frame_that_is_allowed_is_loaded_and_can_be_held_again() -> None:
    html = frame("marketing")
    found = attributes(html)
    assert found["src"] == found["data-cookiegate-src"] == "https://films.example/1?a=1&b=2"
    assert "data-cookiegate-provider" not in found
    assert "noscript" not in html


def test_a_site_in_report_mode_loads_the_frame() -> None:
    assert "src" in attributes(frame(policy='mode = "report"'))


def test_a_cacheable_frame_is_the_same_for_everyone() -> None:
    one, other = frame("marketing", cacheable=True), frame(cacheable=True)
    assert one == other
    assert "src" not in attributes(one)


def test_a_frame_has_more_attributes_and_the_pages_language() -> None:
    gate = Gate(registry(), KEY, secure=False)
    more: dict[str, str | bool | None] = {"width": "560", "allowfullscreen": True}
    more |= {"class_": "wide", "loading": None, "id": False}
    own: dict[str, Any] = {"src": "/films/1", "title": "Film", "language": "sv"}
    html = Pages(gate).frame(HERE, gate.visit([]), "analysis", attributes=more, **own)
    found = attributes(html)
    assert (found["width"], found["allowfullscreen"], found["class"]) == ("560", "", "wide")
    assert not {"loading", "id"} & found.keys()
    # A frame of the site itself, and a service without a provider, have the site's name.
    assert "Innehåll från Shop &amp; Co visas här när du har tillåtit Analys." in html
    assert '<a href="/cookies?lang=sv">' in html
    assert "data-cookiegate-provider" not in attributes(frame(service="plain"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"service": "gogle"},
            "unknown service 'gogle'; write 'google'",
        ),
        ({"src": "javascript:alert(1)"}, "give an address that begins with https://"),
        ({"src": "data:text/html,x"}, "give an address that begins with https://"),
    ],
)
def test_a_frame_that_cannot_be_shown_is_an_error(options: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        frame(**options)


def test_an_unknown_category_is_an_error() -> None:
    gate = Gate(registry(), KEY, secure=False)
    with pytest.raises(ValueError, match="marketing"):
        Pages(gate).frame(HERE, gate.visit([]), "marketin", **FILM)


# The frameworks' tags.

CALL = "'marketing', src='https://films.example/1', title='Film', width='560'"


def flask_page(has_pages: bool) -> str:
    app = Flask("shop")
    gate = Gate(registry(), KEY, secure=False)

    @app.get("/page")
    def page() -> str:
        return render_template_string("{{ gated_frame(" + CALL + ") }}")

    CookieGate(app, gate, pages=Pages(gate) if has_pages else None)
    app.testing = True
    return app.test_client().get("/page").text


def starlette_page(has_pages: bool) -> str:
    gate = Gate(registry(), KEY, secure=False)

    async def page(request: Request) -> Response:
        return HTMLResponse(
            gated_frame(
                request, "marketing", src="https://films.example/1", title="Film", width="560"
            )
        )

    app = Starlette(routes=[Route("/page", page)])
    install(app, gate, pages=Pages(gate) if has_pages else None)
    with TestClient(app) as client:
        return client.get("/page").text


Show = Callable[[bool], str]


@pytest.mark.parametrize("show", [flask_page, starlette_page])
def test_the_tag_renders_the_frame(show: Show) -> None:
    assert attributes(show(True))["width"] == "560"
    with pytest.raises(RuntimeError, match="the gate has no pages; give "):
        show(False)


def test_outside_of_the_gate_there_is_no_frame() -> None:
    assert flask_frame("marketing", **FILM) == Markup()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    assert gated_frame(Request(scope), "marketing", **FILM) == Markup()


@pytest.mark.parametrize(
    "name", ["src", "SRC", "srcdoc", "data_cookiegate", "data-cookiegate-src", "data_cookiegate_"]
)
def test_no_more_attribute_can_load_what_is_held_back(name: str) -> None:
    with pytest.raises(ValueError, match="leave it out"):
        frame(attributes={name: "https://film.example/"})
