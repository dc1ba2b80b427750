"""The banner as a bar in Chromium: small, and in nobody's way; and the settings button."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.pages import Pages
from cookiegate.pages.asgi import request_of
from cookiegate.pages.catalogs import languages
from serving import serve_asgi
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

LANGUAGES = sorted({"en", *languages()})
TEXT = Path(__file__).parents[2] / "registry" / "billogram.toml"
PHONE: Any = {"width": 320, "height": 568}
MOST = 0.4 * 568

HOME = """<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width">
<title>Shop</title><style>.foot {{ position: fixed; inset: auto 0 0; height: 48px }}
{style}</style></head><body><main><h1>Shop</h1>{first}
{paragraphs}<p><a href="/end">The last link</a></p></main>{last}
<nav class="foot"><a href="/menu">Menu</a></nav></body></html>"""
PARAGRAPHS = "".join(f"<p><a href='/{n}'>Link {n}</a>" + " text" * 60 + "</p>" for n in range(8))
# Whether nothing lies over the middle of an element, and it is in the window.
IS_CLEAR = """one => {
    const { left, top, width, height } = one.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    return hit !== null && (one === hit || one.contains(hit) || hit.contains(one));
}"""
# Whether an element is wholly within the window, and within what scrolls around it.
IS_SHOWN = """one => {
    const { top, bottom, left, right } = one.getBoundingClientRect();
    const box = one.closest(".cookiegate-text")?.getBoundingClientRect();
    return top >= (box?.top ?? 0) && bottom <= (box?.bottom ?? innerHeight) + 1
        && left >= 0 && right <= innerWidth;
}"""
CUT = """[...document.querySelectorAll("#cookiegate-banner *")].filter(one =>
    one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
    .map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    text = re.sub(
        r"^languages = .*$",
        f"languages = {LANGUAGES}",
        TEXT.read_text(encoding="utf-8"),
        flags=re.M,
    )
    gate = Gate(Registry.parse(text), KEY, secure=False)
    pages = Pages(gate)

    async def home(request: Request) -> HTMLResponse:
        query: dict[str, Any] = dict(request.query_params)
        style, is_first = query.pop("style", ""), query.pop("first", "")
        query["settings_button"] = "settings_button" in query
        visit = request.scope["cookiegate"]
        banner = pages.banner(request_of(request.scope), visit, **query)
        first, last = (banner, "") if is_first else ("", banner)
        return HTMLResponse(HOME.format(style=style, first=first, last=last, paragraphs=PARAGRAPHS))

    app = CookieGateMiddleware(Starlette(routes=[Route("/", home)]), gate, pages=pages)
    with serve_asgi(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, locale="en") as context:
        yield context.new_page()


def test_on_a_phone_the_banner_takes_at_most_two_fifths_in_every_language(
    page: Page, address: str
) -> None:
    for language in LANGUAGES:
        page.goto(f"{address}/?language={language}")
        banner = page.locator("#cookiegate-banner")
        assert banner.get_attribute("lang") == language
        box: Any = banner.bounding_box()
        assert box["height"] <= MOST + 1
        assert box["y"] + box["height"] == 568
        # The question, what it is about, and every answer, without scrolling.
        for part in banner.locator("h2, li, button, .cookiegate-answers a").all():
            assert part.evaluate(IS_SHOWN), (language, part.inner_text())
        assert page.evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_both_answers_of_the_bar_look_alike_in_every_language(page: Page, address: str) -> None:
    for language in LANGUAGES:
        for width in (320, 568, 1440):
            page.set_viewport_size({"width": width, "height": 568})
            page.goto(f"{address}/?layout=bar&language={language}")
            one, other = page.evaluate(
                """[...document.querySelectorAll("#cookiegate-banner button")].map(one => {
                    const style = getComputedStyle(one);
                    return [one.offsetWidth, one.offsetHeight, style.color, style.backgroundColor,
                        style.borderColor, style.fontWeight, style.fontSize].join()})"""
            )
            assert one == other, (language, width)


@pytest.mark.parametrize(
    ("layout", "width", "is_bar"),
    [("auto", 640, True), ("auto", 641, False), ("bar", 1440, True), ("page", 320, False)],
)
def test_the_layout_and_the_width_decide_whether_the_banner_is_a_bar(
    page: Page, address: str, layout: str, width: int, is_bar: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 568})
    page.goto(f"{address}/?first=1&layout={layout}")
    position = "getComputedStyle(document.getElementById('cookiegate-banner')).position"
    assert page.evaluate(position) == ("fixed" if is_bar else "static")
    assert page.evaluate("document.getElementById('cookiegate-banner').offsetHeight") > 100


def test_the_bar_covers_nothing_that_is_focused_or_at_the_end_of_the_page(
    page: Page, address: str
) -> None:
    page.goto(address)
    for number in range(8):
        link = page.get_by_role("link", name=f"Link {number}")
        link.focus()
        assert link.evaluate(IS_CLEAR), number
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert page.get_by_role("link", name="The last link").evaluate(IS_CLEAR)
    # Once it is answered, the page has its own size again.
    room = "parseFloat(getComputedStyle(document.documentElement).paddingBottom)"
    assert page.evaluate(room) > 200
    page.get_by_role("button", name="Essential only").click()
    expect(page.locator("#cookiegate-banner")).to_be_hidden()
    assert page.evaluate(room) == 0


def test_the_bar_takes_no_focus_and_keeps_none(page: Page, address: str) -> None:
    page.goto(f"{address}/?first=1")
    assert page.evaluate("document.activeElement === document.body")
    page.mouse.move(160, 100)
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY > 0")
    page.evaluate("scrollTo(0, 0)")
    focused = []
    for _ in range(6):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("document.activeElement.textContent"))
    # First in the reading order, where the tag stands first.
    assert [text.strip() for text in focused[1:5]] == [
        *("Accept all", "Essential only", "Settings", "Link 0"),
    ]
    assert page.locator("#cookiegate-banner").get_attribute("role") is None
    assert page.locator("[aria-modal], dialog").count() == 0


def test_a_fixed_footer_of_the_site_stays_in_reach_below_the_bar(page: Page, address: str) -> None:
    page.goto(f"{address}/?style=:root{{--cookiegate-bottom:48px}}")
    box: Any = page.locator("#cookiegate-banner").bounding_box()
    assert box["y"] + box["height"] == 568 - 48
    assert page.get_by_role("link", name="Menu").evaluate(IS_CLEAR)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert page.get_by_role("link", name="The last link").evaluate(IS_CLEAR)


@pytest.mark.parametrize("language", ["de", "en", "fi"])
def test_at_twice_the_text_size_the_bar_scrolls_inside_and_leaves_a_quarter_of_the_page(
    page: Page, address: str, language: str
) -> None:
    page.goto(f"{address}/?language={language}")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    box: Any = page.locator("#cookiegate-banner").bounding_box()
    assert box["height"] <= 0.75 * 568
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(CUT) == []
    for part in page.locator(
        "#cookiegate-banner h2, #cookiegate-banner button, #cookiegate-banner a"
    ).all():
        part.scroll_into_view_if_needed()
        assert part.evaluate(IS_CLEAR), part.inner_text()
    for part in page.locator("#cookiegate-banner button").all():
        part.focus()
        assert part.evaluate(IS_SHOWN)


def test_without_javascript_the_bar_is_a_form(browser: Browser, address: str) -> None:
    options: Any = {"viewport": PHONE, "java_script_enabled": False}
    with browser.new_context(**options, locale="en") as context:
        page = context.new_page()
        page.goto(f"{address}/?style=")
        page.get_by_role("button", name="Essential only").click()
        assert page.url == f"{address}/?style="
        assert page.get_by_role("button").count() == 0
        expect(page.get_by_role("link", name="Cookie settings")).to_be_visible()


@pytest.mark.parametrize("layout", ["auto", "bar", "page"])
def test_on_paper_there_is_neither_banner_nor_link(page: Page, address: str, layout: str) -> None:
    page.emulate_media(media="print")
    page.goto(f"{address}/?settings_button=1&layout={layout}")
    room = "getComputedStyle(document.documentElement).paddingBottom"
    expect(page.locator("#cookiegate-banner")).to_be_hidden()
    assert page.evaluate(room) == "0px"
    page.evaluate("cookiegate.choose([])")
    page.wait_for_function("!document.getElementById('cookiegate-link').hidden")
    expect(page.locator("#cookiegate-link")).to_be_hidden()
    assert page.evaluate(room) == "0px"


def test_the_settings_button_is_small_and_covers_nothing_at_the_end(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/?settings_button=1&style=:root{{--cookiegate-bottom:48px}}")
    expect(page.locator("#cookiegate-link")).to_be_hidden()
    page.get_by_role("button", name="Essential only").click()
    button = page.get_by_role("link", name="Cookie settings")
    expect(button).to_be_visible()
    box: Any = button.bounding_box()
    assert box["height"] <= 48
    assert box["width"] <= 160
    assert box["y"] + box["height"] <= 568 - 48
    for number in range(8):
        link = page.get_by_role("link", name=f"Link {number}")
        link.focus()
        assert link.evaluate(IS_CLEAR), number
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert page.get_by_role("link", name="The last link").evaluate(IS_CLEAR)
    assert page.get_by_role("link", name="Menu").evaluate(IS_CLEAR)
    button.click()
    expect(page.get_by_role("heading", name="Cookie settings", exact=True)).to_be_visible()
