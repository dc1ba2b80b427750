"""The example shops in a real browser, without JavaScript: its jar is what the choice allows."""

import shutil
from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

import serving
import storefront
from demo import expected
from tests.browser.judges import CHROMIUM_OPTIONS
from visitors import PAGES

pytestmark = pytest.mark.needs("chromium")

CONSENT_COOKIE = "cookiegate"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=sorted(serving.SITES))
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    with serving.SITES[request.param](storefront.make_gate()) as (host, port):
        yield f"http://{host}:{port}"


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """One shop will do where pages are looked at: both have the same templates."""
    with serving.serve_flask(storefront.make_gate()) as (host, port):
        yield f"http://{host}:{port}"


def choose(context: BrowserContext, address: str, *ticked: str, button: str) -> None:
    """Find the settings page from the shop front, tick, and press a button."""
    page = context.new_page()
    page.goto(address)
    page.get_by_role("navigation").get_by_role("link", name="Cookie settings").click()
    for category in ticked:
        page.get_by_role("checkbox", name=category).check()
    page.get_by_role("button", name=button).click()
    assert page.get_by_role("status").inner_text() == "Your choice is saved."
    page.close()


def jar(context: BrowserContext, address: str) -> set[str]:
    """Walk through the shop; say which cookies the browser then holds."""
    page = context.new_page()
    for path in PAGES:
        response = page.goto(address + path)
        assert response is not None
        assert response.ok
    page.close()
    return {cookie["name"] for cookie in context.cookies() if "name" in cookie}


def allowed(visitor: str) -> set[str]:
    return {name for (name, who), arrives in expected().items() if who == visitor and arrives}


def test_a_browser_that_chose_nothing_holds_essential_cookies_only(
    browser: Browser, address: str
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        assert jar(context, address) == allowed("no_consent")


@pytest.mark.parametrize(
    ("ticked", "button", "visitor"),
    [
        (["Analysis"], "Save what is ticked", "analysis"),
        (["Analysis", "Marketing"], "Save what is ticked", "all"),
        ([], "Allow all", "all"),
        (["Marketing"], "Refuse all", "no_consent"),
    ],
)
def test_the_browsers_jar_is_exactly_what_the_choice_allows(
    browser: Browser, address: str, ticked: list[str], button: str, visitor: str
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        choose(context, address, *ticked, button=button)
        assert jar(context, address) == allowed(visitor) | {CONSENT_COOKIE}


@pytest.mark.parametrize(("header", "visitor"), [("DNT", "all_dnt"), ("Sec-GPC", "all_gpc")])
def test_the_browsers_signal_stands_above_its_choice(
    browser: Browser, address: str, header: str, visitor: str
) -> None:
    with browser.new_context(
        java_script_enabled=False, extra_http_headers={header: "1"}
    ) as context:
        choose(context, address, button="Allow all")
        assert jar(context, address) == allowed(visitor) | {CONSENT_COOKIE}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", [*PAGES, "/settings"])
def test_no_page_is_wider_than_the_window(
    browser: Browser, pages: str, path: str, width: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": 700}) as context:
        page = context.new_page()
        page.goto(pages + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "/settings?saved"])
def test_axe_finds_nothing_to_mend(
    browser: Browser, pages: str, path: str, scheme: Literal["light", "dark"]
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    with browser.new_context(
        color_scheme=scheme, extra_http_headers={"Sec-GPC": "1"}, bypass_csp=True
    ) as context:
        page = context.new_page()
        page.goto(pages + path)
        page.add_script_tag(content=axe)
        violations = page.evaluate(
            "axe.run().then(found => found.violations.map(v => v.id + ': ' + v.help))"
        )
        assert violations == []
