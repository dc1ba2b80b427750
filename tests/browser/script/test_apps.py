"""`cookiegate.js` beside what owns the page: React, Turbo, htmx, a router. In Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.script.support import FILM, RAN, Shop, accept, choose, held, logged
from tests.front_end.minify import FOLDER
from tests.front_end.packages import HERE, esbuild

pytestmark = pytest.mark.needs("chromium")

Bundle = Callable[[str], str]


@pytest.fixture
def bundle(shop: Shop, context: BrowserContext) -> Bundle:
    """Bundles an application for the shop, and returns its script element."""

    def make(app: str) -> str:
        path = f"/app/{app}.js"
        options = ["--bundle", "--jsx=automatic", '--define:process.env.NODE_ENV="test"']
        options = [f"--alias:cookiegate.mjs={FOLDER / 'cookiegate.mjs'}", *options]
        shop.scripts[path] = BUNDLES.get(app) or esbuild(*options, next(HERE.glob(f"apps/{app}.*")))
        BUNDLES[app] = shop.scripts[path]
        return f'<script src="{path}" defer></script>'

    return make


BUNDLES: dict[str, bytes] = {}


def film(page: Page, title: str = "Film") -> None:
    """Expect that a frame is loaded."""
    expect(page.frame_locator(f"[title='{title}']").locator("p")).to_be_visible()


# React.


def open_react(context: BrowserContext, shop: Shop, bundle: Bundle) -> tuple[Page, list[str]]:
    shop.bodies["/"] = RAN + "<div id='root'></div>{banner}" + bundle("react")
    page = context.new_page()
    lines = logged(page)
    page.goto(shop.address)
    expect(page.locator(".cookiegate-held")).to_have_count(2)
    return page, lines


def test_react_takes_away_what_it_made_whatever_was_released(
    context: BrowserContext, shop: Shop, bundle: Bundle
) -> None:
    page, lines = open_react(context, shop, bundle)
    toggle = page.get_by_role("button", name="Toggle")
    # Held, released, held again, loaded once.
    toggle.click()
    expect(page.locator("iframe, .cookiegate-held, img")).to_have_count(0)
    toggle.click()
    expect(page.locator(".cookiegate-held")).to_have_count(2)
    accept(page)
    film(page, "/film")
    expect(page.locator("img[src]")).to_have_count(1)
    page.wait_for_function("ran.length === 1")
    toggle.click()
    expect(page.locator("iframe, img")).to_have_count(0)
    toggle.click()
    film(page, "/sequel")
    choose(page)
    expect(page.locator(".cookiegate-held")).to_have_count(2)
    page.get_by_role("button", name="Load once").first.click()
    film(page, "/film")
    toggle.click()
    expect(page.locator("iframe, .cookiegate-held")).to_have_count(0)
    # The application is alive, and nothing was thrown.
    toggle.click()
    expect(page.locator(".cookiegate-held")).to_have_count(2)
    assert lines == []


def test_placeholders_follow_the_frames_that_react_moves_and_replaces(
    context: BrowserContext, shop: Shop, bundle: Bundle
) -> None:
    page, lines = open_react(context, shop, bundle)
    order = """() => [...document.querySelectorAll("iframe")].map(
      (one) => [one.title, one.nextElementSibling.ariaLabel])"""
    page.get_by_role("button", name="Reverse").click()
    page.wait_for_function(f"({order})()[0].join() === '/sequel,/sequel'")
    assert page.evaluate(order) == [["/sequel", "/sequel"], ["/film", "/film"]]
    page.get_by_role("button", name="Replace").click()
    expect(page.locator(".cookiegate-held")).to_have_count(1)
    assert page.evaluate(order) == [["/third", "/third"]]
    accept(page)
    film(page, "/third")
    page.get_by_role("button", name="Reverse").click()
    assert lines == []


def test_react_renders_what_is_allowed_by_the_module(
    context: BrowserContext, shop: Shop, bundle: Bundle
) -> None:
    page, lines = open_react(context, shop, bundle)
    output = page.locator("output")
    expect(output).to_have_text("marketing is off")
    accept(page)
    expect(output).to_have_text("marketing is allowed")
    choose(page, "analysis")
    expect(output).to_have_text("marketing is off")
    choose(page, "marketing")
    # The application may start before the banner's script.
    shop.bodies["/"] = shop.bodies["/"].replace("{banner}", "") + "{cacheable}"
    page.reload()
    expect(output).to_have_text("marketing is allowed")
    assert lines == []


# Routers, Turbo and htmx.


def test_what_a_router_renders_is_held_and_released(
    context: BrowserContext, shop: Shop, bundle: Bundle
) -> None:
    links = "<nav><a href='/'>Home</a><a href='/film'>Film</a></nav><div id='root'></div>"
    page = shop.open(context, RAN + links + "{banner}" + bundle("router"))
    lines = logged(page)
    page.get_by_role("link", name="Film").click()
    expect(page.locator(".cookiegate-held")).to_be_visible()
    accept(page)
    film(page)
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.go_back()
    film(page)
    page.wait_for_function("ran.length === 2")
    assert page.evaluate("ran") == ["/film", "/film"]
    assert lines == []


PARTS = held(text="ran.push('shop')") + FILM + "</iframe>"


def test_pages_that_turbo_swaps_show_what_holds_now(
    context: BrowserContext, shop: Shop, bundle: Bundle
) -> None:
    links = "<a href='/'>Home</a> <a href='/shop'>Shop</a>"
    shop.bodies["/shop"] = f"{links}<h1>Films</h1>{PARTS}{{banner}}"
    shop.head = RAN + bundle("turbo")
    page = shop.open(context, f"{links}<h1>Home</h1>{{banner}}")
    lines = logged(page)
    page.evaluate("window.isSame = true")
    page.get_by_role("link", name="Shop").click()
    expect(page.locator(".cookiegate-held")).to_be_visible()
    # A frame that is loaded once is held again where the page is shown again.
    page.get_by_role("button", name="Load once").click()
    film(page)
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    contacts: list[str] = []
    page.on("request", lambda one: contacts.append(one.url) if one.url.endswith("/film") else None)
    page.go_back()
    expect(page.get_by_role("heading", name="Films")).to_be_visible()
    expect(page.locator(".cookiegate-held")).to_have_count(1)
    assert contacts == []
    accept(page)
    film(page)
    page.wait_for_function("ran.length === 1")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    expect(page.locator("#cookiegate-banner")).to_be_hidden()
    page.go_back()
    film(page)
    page.wait_for_function("ran.length === 2")
    # Taken back, it is held in the pages that Turbo had kept.
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    choose(page)
    page.go_back()
    expect(page.locator(".cookiegate-held")).to_have_count(1)
    expect(page.locator("#film")).to_be_hidden()
    assert page.evaluate("[isSame, ran.length]") == [True, 2]
    assert lines == []


@pytest.mark.parametrize("version", ["htmx2", "htmx4"])
def test_parts_that_htmx_inserts_show_what_holds_now(
    context: BrowserContext, shop: Shop, bundle: Bundle, version: str
) -> None:
    buttons = "<button hx-get='/part' hx-target='#main'>Part</button>"
    buttons += "<button hx-get='/other' hx-target='#main'>Other</button>"
    shop.bodies["/part"] = PARTS
    shop.bodies["/other"] = "<h1>Other</h1>"
    page = shop.open(context, f"{RAN}{buttons}<div id='main'></div>{{banner}}{bundle(version)}")
    lines = logged(page)
    page.get_by_role("button", name="Part").click()
    expect(page.locator(".cookiegate-held")).to_be_visible()
    accept(page)
    film(page)
    page.wait_for_function("ran.length === 1")
    page.get_by_role("button", name="Other").click()
    expect(page.get_by_role("heading", name="Other")).to_be_visible()
    page.get_by_role("button", name="Part").click()
    film(page)
    page.wait_for_function("ran.length === 2")
    choose(page)
    expect(page.locator(".cookiegate-held")).to_be_visible()
    page.get_by_role("button", name="Other").click()
    expect(page.get_by_role("heading", name="Other")).to_be_visible()
    expect(page.locator(".cookiegate-held")).to_have_count(0)
    page.get_by_role("button", name="Part").click()
    expect(page.locator(".cookiegate-held")).to_be_visible()
    assert page.evaluate("ran.length") == 2
    assert lines == []
