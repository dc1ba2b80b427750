"""The pages in Chromium: accessible, nothing cut off, and usable with and without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.pages import Pages
from cookiegate.pages.asgi import request_of
from serving import serve_asgi
from tests.pages.support import registry
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

LANGUAGES = ["sv", "en", "fi", "nb", "de"]
HOME = """<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Shop</title></head><body><main><h1>Shop</h1>
{banner}
<iframe title="Film" data-cookiegate="marketing" data-cookiegate-src="/film"></iframe>
<script type="text/plain" data-cookiegate="analysis">document.title = "counted"</script>
</main></body></html>"""
# Visible elements that are wider than their boxes.
CUT = """[...document.querySelectorAll("body *")].filter(one =>
    one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).display !== "inline").map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(Registry.load("cookiegate:billogram")) as found:
        yield found


@pytest.fixture(scope="module")
def partly() -> Iterator[str]:
    """A site of which Do Not Track blocks a part."""
    with served(registry(more='[[cookies]]\nname = "size"\ncategory = "functional"\n')) as found:
        yield found


@contextmanager
def served(loaded: Registry) -> Iterator[str]:
    gate = Gate(loaded, KEY, secure=False)
    pages = Pages(gate)

    async def home(request: Request) -> HTMLResponse:
        visit = request.scope["cookiegate"]
        cacheable = request.url.path == "/cached"
        # What is the same for everyone has the language that is given.
        language = "en" if cacheable else None
        call = request_of(request.scope)
        banner = pages.banner(call, visit, language=language, cacheable=cacheable)
        return HTMLResponse(HOME.format(banner=banner))

    async def film(request: Request) -> HTMLResponse:
        return HTMLResponse("<p>Film</p>")

    async def framing(request: Request) -> HTMLResponse:
        return HTMLResponse(f'<iframe src="{request.url.query}"></iframe>')

    routes = [
        Route("/", home),
        Route("/framing", framing),
        Route("/cached", home),
        Route("/film", film),
    ]
    app = CookieGateMiddleware(Starlette(routes=routes), gate, pages=pages)
    with serve_asgi(app) as port:
        yield f"http://127.0.0.1:{port}"


def jar(context: BrowserContext) -> set[str]:
    return {str(cookie.get("name")) for cookie in context.cookies()}


def open_page(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/cookies", "/cookies/policy"])
def test_axe_finds_nothing_to_fix(
    browser: Browser, address: str, path: str, language: str, scheme: Literal["light", "dark"]
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    with browser.new_context(color_scheme=scheme, locale=language, bypass_csp=True) as context:
        page = open_page(context, address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.add_script_tag(content=axe)
        found: Any = page.evaluate(
            "axe.run().then(found => found.violations.map(v => v.id + ': ' + v.help))"
        )
        assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_error_page_is_accessible_too(
    browser: Browser, address: str, scheme: Literal["light", "dark"]
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    options: Any = {"color_scheme": scheme, "viewport": {"width": 320, "height": 700}}
    with browser.new_context(**options, locale="en", bypass_csp=True) as context:
        page = open_page(context, f"{address}/cookies")
        page.evaluate("document.querySelectorAll('button').forEach(one => one.value = 'x')")
        page.get_by_role("button", name="Accept all").click()
        expect(page.get_by_role("heading", name="Nothing was changed")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(CUT) == []
        page.add_script_tag(content=axe)
        found: Any = page.evaluate("axe.run().then(found => found.violations.map(v => v.id))")
        assert found == []
        assert jar(context) == set()
        page.get_by_role("link", name="Open the cookie settings").click()
        expect(page.get_by_role("heading", name="Cookie settings", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/cookies", "/cookies/policy"])
def test_nothing_is_cut_off_at_any_width(
    browser: Browser, address: str, path: str, language: str, width: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": 700}, locale=language) as context:
        page = open_page(context, address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/cookies", "/cookies/policy"])
def test_nothing_is_cut_off_at_twice_the_size(
    browser: Browser, address: str, path: str, language: str
) -> None:
    # A window of 1280 pixels at a zoom of 200 %; and text alone at 200 %.
    window: Any = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
    for zoom in ("100%", "200%"):
        with browser.new_context(**window, locale=language) as context:
            page = open_page(context, address + path)
            page.evaluate("size => { document.documentElement.style.fontSize = size }", zoom)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 640
            assert page.evaluate(CUT) == []


def test_in_a_frame_of_another_site_there_is_no_banner(browser: Browser, address: str) -> None:
    port = address.rpartition(":")[2]
    for path in ("/", "/cached"):
        with browser.new_context(locale="en") as context:
            # To a browser, two names of the loopback are two sites.
            page = open_page(context, f"http://localhost:{port}/framing?{address}{path}")
            frame = page.frame_locator("iframe")
            expect(frame.get_by_role("heading", name="Shop")).to_be_visible()
            page.frames[1].wait_for_load_state("networkidle")
            expect(
                frame.locator("#cookiegate-banner:visible, #cookiegate-link:visible")
            ).to_have_count(0)


def test_both_answers_look_alike_and_stand_side_by_side_for_the_keyboard(
    browser: Browser, address: str
) -> None:
    with browser.new_context(locale="en") as context:
        page = open_page(context, address)
        looks = page.evaluate(
            """[...document.querySelectorAll("#cookiegate-banner button")].map(one => {
                const style = getComputedStyle(one);
                return [one.offsetWidth, one.offsetHeight, one.offsetTop, one.tabIndex,
                    style.color, style.backgroundColor, style.borderColor, style.fontWeight,
                    style.fontSize].join()})"""
        )
        assert len(looks) == 2
        assert looks[0] == looks[1]


def test_without_javascript_the_banner_posts_and_returns(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False, locale="en") as context:
        page = open_page(context, f"{address}/?a=1")
        assert jar(context) == set()
        page.get_by_role("button", name="Essential only").click()
        assert page.url == f"{address}/?a=1"
        assert jar(context) == {"cookiegate"}
        assert page.get_by_role("button").count() == 0
        page.get_by_role("link", name="Cookie settings").click()
        expect(page.get_by_role("switch", name="Allow: Analysis")).not_to_be_checked()


def test_with_javascript_the_banner_answers_without_a_reload(
    browser: Browser, address: str
) -> None:
    with browser.new_context(locale="en") as context:
        page = open_page(context, address)
        page.evaluate(
            "window.changes = []; document.addEventListener('cookiegate', "
            "event => window.changes.push(event.detail.allowed))"
        )
        assert page.evaluate("cookiegate.allows('analysis')") is False
        assert page.title() == "Shop"
        held = page.locator(".cookiegate-held")
        assert held.inner_text().startswith("Content from 127.0.0.1")
        page.get_by_role("button", name="Accept all").click()
        page.wait_for_function("window.changes.length === 1")
        expect(page.locator("#cookiegate-banner")).to_be_hidden()
        expect(page.get_by_role("link", name="Cookie settings")).to_be_focused()
        assert page.evaluate("cookiegate.allows('analysis')") is True
        assert page.title() == "counted"
        expect(held).to_have_count(0)
        expect(page.frame_locator("iframe").get_by_text("Film")).to_be_visible()
        page.evaluate("cookiegate.withdraw()")
        page.wait_for_function("window.changes.length === 2")
        assert page.evaluate("cookiegate.allows('analysis')") is False


def test_a_cached_banner_stays_hidden_where_a_signal_blocks_what_it_offers(
    browser: Browser, partly: str
) -> None:
    for headers, is_due in (({}, True), ({"DNT": "1"}, False)):
        with browser.new_context(locale="en", extra_http_headers=headers) as context:
            page = context.new_page()
            with page.expect_response("**/cookies/api*"):
                page.goto(f"{partly}/cached")
            shown, hidden = ("#cookiegate-banner", "#cookiegate-link")[:: 1 if is_due else -1]
            expect(page.locator(shown)).to_be_visible()
            expect(page.locator(hidden)).to_be_hidden()


def test_a_banner_under_a_signal_grants_what_it_offers(browser: Browser, partly: str) -> None:
    headers = {"DNT": "1"}
    with browser.new_context(locale="en", extra_http_headers=headers) as context:
        page = context.new_page()
        page.goto(f"{partly}/")
        expect(page.get_by_role("button", name="Accept all")).to_have_count(0)
        page.get_by_role("button", name="Allow these").click()
        expect(page.locator("#cookiegate-link")).to_be_visible()
        page.wait_for_function("cookiegate.allows('functional')")
        assert page.evaluate("cookiegate.allows('analysis')") is False


def test_a_cached_page_asks_by_script_only_without_a_choice(browser: Browser, address: str) -> None:
    with browser.new_context(locale="en") as context:
        page = open_page(context, f"{address}/cached")
        page.get_by_role("button", name="Essential only").click()
        expect(page.locator("#cookiegate-banner")).to_be_hidden()
        page = open_page(context, f"{address}/cached")
        expect(page.locator("#cookiegate-link")).to_be_visible()
        expect(page.locator("#cookiegate-banner")).to_be_hidden()
