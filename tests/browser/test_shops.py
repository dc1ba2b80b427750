"""The example shops in a real browser: after each step, its jar holds what the choice allows."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

import serving
from tests.browser.shops import (
    CONSENT_COOKIE,
    DAY,
    Shop,
    allowed,
    open_shop,
    registry_with,
)
from visitors import PAGES

pytestmark = pytest.mark.needs("chromium")

EVERY_PAGE = [*PAGES, "/about", "/cookies", "/cookies/policy"]


@pytest.fixture(scope="module", params=sorted(serving.SITES))
def site(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def shop(site: str) -> Iterator[Shop]:
    with open_shop(site) as shop:
        yield shop


@pytest.fixture(scope="module")
def pages() -> Iterator[Shop]:
    """Open one shop, where only its pages count: both have the same templates."""
    with open_shop("flask") as shop:
        yield shop


def banner_answer(page: Page, name: str) -> None:
    """Press one of the banner's buttons, and wait until the banner disappears."""
    page.get_by_role("button", name=name).click()
    expect(page.locator("#cookiegate-banner")).not_to_be_visible()
    expect(page.get_by_role("link", name="Cookie settings")).to_be_visible()


def save(page: Page, *ticked: str, button: str) -> None:
    """On the settings page, switch on, and press a button."""
    for category in ticked:
        page.get_by_role("switch", name=f"Allow: {category}").check()
    page.get_by_role("button", name=button).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_without_a_choice_only_essential_cookies_are_stored_and_the_banner_asks(
    browser: Browser, shop: Shop, script: bool
) -> None:
    with browser.new_context(java_script_enabled=script, locale="en") as context:
        assert shop.jar(context) == allowed("no_consent")
        page = shop.visit(context)
        expect(page.get_by_role("region", name="Cookies on Billogram: your choice")).to_be_visible()
        page = shop.visit(context, "/cookies")
        for switch in page.locator("input[name=category]").all():
            expect(switch).not_to_be_checked()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize(
    ("button", "visitor"), [("Accept all", "all"), ("Essential only", "no_consent")]
)
def test_each_button_of_the_banner_decides_what_is_stored(
    browser: Browser, shop: Shop, script: bool, button: str, visitor: str
) -> None:
    with browser.new_context(java_script_enabled=script, locale="en") as context:
        banner_answer(shop.visit(context), button)
        assert shop.jar(context) == allowed(visitor) | {CONSENT_COOKIE}


@pytest.mark.parametrize(
    ("ticked", "button", "visitor"),
    [
        (["Analysis"], "Save these settings", "analysis"),
        (["Analysis", "Marketing"], "Save these settings", "all"),
        ([], "Save these settings", "no_consent"),
        ([], "Accept all", "all"),
        (["Marketing"], "Essential only", "no_consent"),
    ],
)
def test_each_button_of_the_settings_decides_what_is_stored(
    browser: Browser, shop: Shop, ticked: list[str], button: str, visitor: str
) -> None:
    with browser.new_context(java_script_enabled=False, locale="en") as context:
        page = shop.visit(context, "/cookies")
        save(page, *ticked, button=button)
        expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
        assert shop.jar(context) == allowed(visitor) | {CONSENT_COOKIE}


def test_a_withdrawal_takes_one_click_and_says_what_it_removed(
    browser: Browser, shop: Shop
) -> None:
    with browser.new_context(locale="en") as context:
        banner_answer(shop.visit(context), "Accept all")
        assert shop.jar(context) == allowed("all") | {CONSENT_COOKIE}
        page = shop.visit(context, "/cookies")
        page.get_by_role("button", name="Withdraw consent").click()
        status = page.get_by_role("status")
        expect(status).to_contain_text("Your consent is withdrawn.")
        for name in allowed("all") - allowed("no_consent"):
            expect(status).to_contain_text(name)
        assert shop.held(context) == allowed("no_consent") | {CONSENT_COOKIE}
        assert shop.jar(context) == allowed("no_consent") | {CONSENT_COOKIE}
        expect(page.get_by_role("button", name="Withdraw consent")).to_have_count(0)


def test_a_choice_expires_after_ninety_days(browser: Browser, site: str) -> None:
    with open_shop(site) as shop, browser.new_context(locale="en") as context:
        banner_answer(shop.visit(context), "Accept all")
        shop.ahead = 89.9 * DAY
        expect(shop.visit(context).locator("#cookiegate-banner")).to_have_count(0)
        shop.ahead = 90.1 * DAY
        expect(shop.visit(context).locator("#cookiegate-banner")).to_be_visible()
        page = shop.visit(context, "/cookies")
        expect(page.get_by_text("Your earlier choice has expired.")).to_be_visible()
        expect(page.get_by_role("switch", name="Allow: Analysis")).not_to_be_checked()
        assert shop.jar(context) == allowed("expired") | {CONSENT_COOKIE}


@pytest.mark.parametrize(("button", "asked"), [("Accept all", 1), ("Essential only", 0)])
def test_a_new_version_asks_only_visitors_who_granted(
    browser: Browser, shop: Shop, site: str, button: str, asked: int
) -> None:
    with browser.new_context(locale="en") as context:
        banner_answer(shop.visit(context), button)
        # Cookies ignore ports: the same browser visits the shop's next version.
        with open_shop(site, registry_with(("version = 1", "version = 2"))) as newer:
            expect(newer.visit(context).locator("#cookiegate-banner")).to_have_count(asked)
            assert newer.jar(context) == allowed("no_consent") | {CONSENT_COOKIE}


def test_the_language_is_switched_on_the_page_and_remembered_in_no_cookie(
    browser: Browser, shop: Shop
) -> None:
    with browser.new_context(locale="en") as context:
        page = shop.visit(context, "/cookies")
        page.get_by_role("link", name="Svenska").click()
        expect(page.locator("html")).to_have_attribute("lang", "sv")
        page.get_by_role("link", name="Cookiepolicy").click()
        expect(page.locator("html")).to_have_attribute("lang", "sv")
        page.get_by_role("link", name="Cookieinställningar").last.click()
        page.locator("button[value=none]").click()
        expect(page.locator("html")).to_have_attribute("lang", "sv")
        assert shop.jar(context) == allowed("no_consent") | {CONSENT_COOKIE}


@pytest.mark.parametrize(("header", "name"), [("DNT", "Do Not Track"), ("Sec-GPC", "Global")])
@pytest.mark.parametrize("rule", ["override", "confirm", "default", "ignore"])
def test_a_signal_does_what_its_rule_says(
    browser: Browser, site: str, rule: str, header: str, name: str
) -> None:
    blocked, chosen = allowed(f"all_{'dnt' if header == 'DNT' else 'gpc'}"), allowed("all")
    registry = registry_with(('signals = "override"', f'signals = "{rule}"'))
    with open_shop(site, registry) as shop, browser.new_context(locale="en") as context:
        # A choice made before the browser sent the signal.
        page = shop.visit(context)
        banner_answer(page, "Accept all")
        # The script that was held back sets a cookie.
        expect(page.locator("html[data-counted=yes]")).to_have_count(1)
        context.set_extra_http_headers({header: "1"})
        is_beaten = rule in ("override", "confirm")
        assert shop.jar(context) == (blocked if is_beaten else chosen) | {CONSENT_COOKIE}
        # A choice made while it sends the signal.
        context.clear_cookies()
        page = shop.visit(context)
        expect(page.locator("#cookiegate-banner")).to_have_count(0 if rule == "override" else 1)
        page = shop.visit(context, "/cookies")
        switch = page.get_by_role("switch", name="Allow: Analysis")
        if rule == "override":
            expect(switch).to_be_disabled()
            expect(switch).not_to_be_checked()
            expect(page.get_by_text("Off, because your browser sends").first).to_contain_text(name)
        else:
            save(page, button="Accept all")
            expect(switch).to_be_checked()
        held = shop.jar(context) - {CONSENT_COOKIE}
        assert held == (blocked if rule == "override" else chosen)


def test_scripts_and_frames_are_held_back_and_then_run(browser: Browser, shop: Shop) -> None:
    with browser.new_context(locale="en") as context:
        page = shop.visit(context, "/goods/notebook")
        frame = page.locator("iframe")
        expect(frame).to_be_hidden()
        note = page.locator(".cookiegate-held")
        expect(note).to_contain_text("Content from 127.0.0.1")
        assert page.evaluate("document.documentElement.dataset.counted") is None
        assert len(page.frames) == 1 or page.frames[1].url in ("", "about:blank")
        banner_answer(page, "Accept all")
        expect(page.frame_locator("iframe").get_by_text("Imagine a film")).to_be_visible()
        expect(page.locator("html[data-counted=yes]")).to_have_count(1)
        expect(note).to_have_count(0)


def test_a_choice_in_one_tab_holds_in_the_other(browser: Browser, shop: Shop) -> None:
    with browser.new_context(locale="en") as context:
        first, second = shop.visit(context), shop.visit(context)
        banner_answer(first, "Accept all")
        expect(first.locator("html[data-counted=yes]")).to_have_count(1)
        expect(second.locator("#cookiegate-banner")).to_be_hidden()
        assert second.evaluate("cookiegate.allows('analysis')") is True
        # The last answer counts.
        second.evaluate("cookiegate.withdraw().then(() => null)")
        first.wait_for_function("!cookiegate.allows('analysis')")
        first.reload()
        expect(first.locator("#cookiegate-banner")).to_have_count(0)
        assert first.evaluate("cookiegate.allows('analysis')") is False
        assert shop.jar(context) == allowed("no_consent") | {CONSENT_COOKIE}


def test_a_cached_page_is_the_same_for_every_visitor_and_asks_by_script(
    browser: Browser, shop: Shop
) -> None:
    bodies = []
    for button in ("Accept all", "Essential only"):
        with browser.new_context(locale="en") as context:
            page = shop.visit(context, "/about")
            banner_answer(page, button)
            answer = context.request.get(f"{shop.address}/about")
            assert answer.headers["cache-control"] == "public, max-age=300"
            assert "cookie" not in answer.headers.get("vary", "").lower()
            bodies.append(answer.text())
            page = shop.visit(context, "/about")
            expect(page.locator("#cookiegate-link")).to_be_visible()
            expect(page.locator("#cookiegate-banner")).to_be_hidden()
    assert bodies[0] == bodies[1]


def test_the_banner_is_answered_by_the_keyboard_alone(browser: Browser, shop: Shop) -> None:
    with browser.new_context(locale="en") as context:
        page = shop.visit(context)
        met = []
        for _ in range(30):
            page.keyboard.press("Tab")
            met.append(page.evaluate("document.activeElement.innerText"))
            if met[-1] == "Essential only":
                break
        # One after the other, each with a visible focus.
        assert met[-2:] == ["Accept all", "Essential only"]
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Cookie settings")).to_be_focused()
        assert shop.jar(context) == allowed("no_consent") | {CONSENT_COOKIE}


def test_the_settings_are_made_by_the_keyboard_alone(browser: Browser, shop: Shop) -> None:
    with browser.new_context(locale="en") as context:
        page = shop.visit(context, "/cookies")
        switch = page.get_by_role("switch", name="Allow: Analysis")
        button = page.get_by_role("button", name="Save these settings")
        for target, key in ((switch, "Space"), (button, "Enter")):
            for _ in range(60):
                page.keyboard.press("Tab")
                if target.evaluate("one => one === document.activeElement"):
                    break
            expect(target).to_be_focused()
            page.keyboard.press(key)
        expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
        assert shop.jar(context) == allowed("analysis") | {CONSENT_COOKIE}


@pytest.mark.parametrize(("wish", "time"), [("reduce", "0s"), ("no-preference", "0.15s")])
def test_nothing_moves_with_reduced_motion(
    browser: Browser, pages: Shop, wish: Literal["reduce", "no-preference"], time: str
) -> None:
    with browser.new_context(reduced_motion=wish) as context:
        page = pages.visit(context, "/cookies")
        style = "getComputedStyle(document.querySelector('.cg-switch input')).transitionDuration"
        assert page.evaluate(style) == time


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", EVERY_PAGE)
def test_no_page_is_wider_than_the_window(
    browser: Browser, pages: Shop, path: str, width: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": 700}) as context:
        page = pages.visit(context, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*EVERY_PAGE, "the answer to a choice"])
def test_axe_finds_nothing_to_fix(
    browser: Browser, pages: Shop, path: str, scheme: Literal["light", "dark"]
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    with browser.new_context(
        color_scheme=scheme, extra_http_headers={"Sec-GPC": "1"}, bypass_csp=True
    ) as context:
        if path in EVERY_PAGE:
            page = pages.visit(context, path)
        else:
            page = pages.visit(context, "/cookies")
            # Names that no site can delete are in the answer.
            page.evaluate("document.cookie = '_gat_UA-1-1é=1'")
            page.locator("button[value=none]").click()
            expect(page.locator(".cg-done")).to_be_visible()
        page.add_script_tag(content=axe)
        violations = page.evaluate(
            "axe.run().then(found => found.violations.map(v => v.id + ': ' + v.help))"
        )
        assert violations == []
