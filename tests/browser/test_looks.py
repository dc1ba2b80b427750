"""Settings and policy in Chromium: no broken words, forced colours, right to left, print."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.pages import Pages
from serving import serve_asgi
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

LANGUAGES = ["sv", "en", "fi", "nb", "de"]
PATHS = ["/cookies", "/cookies/policy"]
# Words that go on in the next line without a hyphen. Parts of names are texts of their own.
BROKEN = r"""() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!node.parentElement.checkVisibility()) continue;
        if (node.parentElement.closest("caption, thead")?.offsetWidth <= 1) continue;
        for (const match of node.data.matchAll(/[^\s\-–—\/…]+/g)) {
            const range = new Range();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            const boxes = [...range.getClientRects()];
            const lines = new Set(boxes.map((box) => Math.round(box.top)));
            // What is longer than a line has to be broken.
            const width = boxes.reduce((sum, box) => sum + box.width, 0);
            const block = node.parentElement.closest("p, li, th, td, dd, dt, h1, h2, h3, h4");
            if (lines.size > 1 && width <= block?.clientWidth) found.push(match[0]);
        }
    }
    return found;
}"""
CUT = """[...document.querySelectorAll("body *")].filter(one =>
    one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).display !== "inline").map(one => one.outerHTML.slice(0, 80))"""
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    gate = Gate(Registry.load("cookiegate:billogram"), KEY, secure=False)
    app = CookieGateMiddleware(nothing, gate, pages=Pages(gate))
    with serve_asgi(app) as port:
        yield f"http://127.0.0.1:{port}"


MANY = """[site]
name = "Shop"
languages = ["en"]
[categories.essential]
required = true
[categories.marketing]
title.en = "Marketing"
""" + "".join(
    f"""[services.s{company}]
provider = "Company {company}"
category = "marketing"
[[cookies]]
name = "c{company}_*"
service = "s{company}"
"""
    + "".join(
        f'[[cookies]]\nname = "c{company}n{number}"\nservice = "s{company}"\n'
        for number in range(12)
    )
    for company in range(8)
)


@pytest.fixture(scope="module")
def crowded() -> Iterator[str]:
    gate = Gate(Registry.parse(MANY), KEY, secure=False)
    with serve_asgi(CookieGateMiddleware(nothing, gate, pages=Pages(gate))) as port:
        yield f"http://127.0.0.1:{port}/cookies"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(locale="en") as context:
        yield context.new_page()


@pytest.mark.parametrize("path", PATHS)
def test_no_word_is_broken_at_any_width(page: Page, address: str, path: str) -> None:
    for language in LANGUAGES:
        page.goto(f"{address}{path}?lang={language}")
        page.evaluate(OPEN)
        for width in (320, 768, 1440):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate(BROKEN) == [], (language, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("path", PATHS)
def test_from_right_to_left_nothing_is_cut_off_and_names_stay_as_they_are(
    page: Page, address: str, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(address + path)
    page.evaluate(OPEN)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT) == []
    heading: Any = page.get_by_role("heading", level=1).bounding_box()
    assert heading["x"] + heading["width"] == page.evaluate(
        "document.querySelector('main').getBoundingClientRect().right"
    )
    name = page.locator("code").first
    assert name.evaluate("one => getComputedStyle(one).direction") == "ltr"


def test_a_switch_shows_its_state_from_right_to_left_and_in_forced_colours(
    browser: Browser, address: str
) -> None:
    # Whether the knob can be seen, and how far it has moved.
    knob = """one => {
        const style = getComputedStyle(one, "::before");
        const moved = new DOMMatrix(style.transform).m41;
        return [style.backgroundColor !== getComputedStyle(one).backgroundColor, moved];
    }"""
    for forced in ("none", "active"):
        options: Any = {"forced_colors": forced, "reduced_motion": "reduce"}
        with browser.new_context(**options, locale="en") as context:
            page = context.new_page()
            page.goto(f"{address}/cookies")
            switch = page.get_by_role("switch", name="Allow: Analysis")
            assert switch.evaluate(knob) == [True, 0]
            switch.check()
            assert switch.evaluate(knob) == [True, 20]
            page.evaluate("document.documentElement.dir = 'rtl'")
            assert switch.evaluate(knob) == [True, -20]


def test_what_is_allowed_and_the_withdrawal_stand_before_everything_else(
    page: Page, address: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/cookies")
    state = page.get_by_role("region", name="Your current choice")
    assert state.get_by_role("listitem").all_inner_texts() == [
        *("Essential\nAlways on", "Analysis\nOff", "Marketing\nOff"),
    ]
    assert state.get_by_role("button").count() == 0
    page.get_by_role("switch", name="Allow: Analysis").check()
    page.get_by_role("button", name="Save these settings").click()
    page.goto(f"{address}/cookies")
    assert "Analysis\nAllowed" in state.get_by_role("listitem").all_inner_texts()
    box: Any = state.get_by_role("button", name="Withdraw consent").bounding_box()
    assert box["y"] + box["height"] < 844
    state.get_by_role("button", name="Withdraw consent").click()
    assert "Analysis\nOff" in state.get_by_role("listitem").all_inner_texts()


def test_all_buttons_of_the_settings_are_alike(page: Page, address: str) -> None:
    page.goto(f"{address}/cookies")
    for width in (320, 768, 1440):
        page.set_viewport_size({"width": width, "height": 700})
        looks = page.evaluate(
            """[...document.querySelectorAll(".cg-actions button")].map(one => {
                const style = getComputedStyle(one);
                return [one.offsetWidth, one.offsetHeight, style.color, style.backgroundColor,
                    style.borderColor, style.fontWeight, style.fontSize].join()})"""
        )
        assert len(looks) == 3
        assert len(set(looks)) == 1


def test_each_entry_of_the_contents_leads_to_its_heading(page: Page, address: str) -> None:
    page.goto(f"{address}/cookies/policy")
    links = page.get_by_role("navigation", name="Contents").get_by_role("link").all()
    assert len(links) == 13
    for link in links:
        link.click()
        target = page.locator(":target")
        assert target.inner_text().startswith(link.inner_text())
        expect(target).to_be_in_viewport()


def test_on_paper_everything_is_shown_and_nothing_can_be_pressed(page: Page, address: str) -> None:
    page.goto(f"{address}/cookies")
    page.emulate_media(media="print")
    for name in page.get_by_text("csrftoken").all():
        assert name.evaluate("one => one.checkVisibility({ contentVisibilityAuto: true })")
    assert page.locator("button:visible, input:visible, nav:visible").count() == 0
    assert page.locator(".cg-now:visible, h1:visible").count() == 2


def test_a_hundred_cookies_are_folded_by_company_and_found_by_name(
    page: Page, crowded: str
) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(crowded)
    page.get_by_text("Show details (104)").click()
    groups = page.locator("details.cg-group")
    assert groups.count() == 8
    assert page.locator("tbody tr:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight") < 3000
    field = page.get_by_role("searchbox", name="Find a cookie")
    # The names of cookies and of companies.
    for text, rows in (("C3N7", 1), ("company 5", 13), ("c1n1", 3), ("", 0)):
        field.fill(text)
        assert page.locator("tbody tr:visible").count() == rows, text
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    field.fill("nothing")
    expect(page.get_by_text("No cookie in this list matches.")).to_be_visible()
    assert page.locator("details.cg-group:visible").count() == 0
    # Enter would send the form.
    field.press("Enter")
    field.fill("")
    expect(page.get_by_text("No cookie in this list matches.")).to_be_hidden()
    assert page.locator("details.cg-group:visible").count() == 8
    assert page.get_by_text("Your choice is saved.").count() == 0


def test_without_javascript_there_is_no_field_and_every_cookie_is_there(
    browser: Browser, crowded: str
) -> None:
    with browser.new_context(locale="en", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(crowded)
        page.get_by_text("Show details (104)").click()
        page.locator("summary", has_text="Company 3").click()
        assert page.locator("tbody tr:visible").count() == 13
        assert page.get_by_role("searchbox").count() == 0


def test_a_short_list_has_no_field(page: Page, address: str) -> None:
    page.goto(f"{address}/cookies")
    page.evaluate(OPEN)
    analysis = page.get_by_role("region", name="Analysis")
    assert analysis.get_by_role("row").count() > 0
    assert analysis.get_by_role("searchbox").count() == 0
