"""The switches of services in Chromium, with the script and without it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.pages import Pages
from serving import serve_asgi
from tests.registries import KEY, services

pytestmark = pytest.mark.needs("chromium")

COUNTER, MAPS, OWN = (f"analysis:{one}" for one in ("counter", "heat_maps", "-"))
FRAME = (
    '<!doctype html><title>t</title><iframe title="Film" width="500" height="300" '
    'data-cookiegate="marketing:videos" data-cookiegate-src="{src}"></iframe>{banner}'
)


async def shop(scope: Any, receive: Any, send: Any) -> None:
    """A page with a frame of one service."""
    from cookiegate.pages.asgi import request_of

    banner = scope["cookiegate.pages"].banner(request_of(scope), scope["cookiegate"])
    body = FRAME.format(src="/film", banner=banner) if scope["path"] == "/" else "A film."
    kind = (b"content-type", b"text/html")
    await send({"type": "http.response.start", "status": 200, "headers": [kind]})
    await send({"type": "http.response.body", "body": body.encode()})


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(services(), KEY, secure=False)


@pytest.fixture(scope="module")
def address(gate: Gate) -> Iterator[str]:
    with serve_asgi(CookieGateMiddleware(shop, gate, pages=Pages(gate))) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(locale="en") as context:
        yield context.new_page()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    with browser.new_context(locale="en", java_script_enabled=False) as context:
        yield context.new_page()


def switch(page: Page, id: str) -> Any:
    return page.locator(f'input[name="category"][value="{id}"]')


def granted(page: Page, gate: Gate) -> set[str]:
    cookies = "; ".join(f"{one.get('name')}={one.get('value')}" for one in page.context.cookies())
    return set(gate.read([(b"cookie", cookies.encode())]).granted)


def save(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save these settings").click()
    expect(page.locator(".cg-done")).to_be_visible()


def open_services(page: Page) -> None:
    page.get_by_text("Choose single services (3)").first.click()


def test_the_switches_of_a_category_and_of_its_services_follow_each_other(
    page: Page, address: str, gate: Gate
) -> None:
    page.goto(f"{address}/cookies")
    open_services(page)
    whole = switch(page, "analysis")
    whole.check()
    for id in (COUNTER, MAPS, OWN):
        expect(switch(page, id)).to_be_checked()
    switch(page, MAPS).uncheck()
    expect(whole).not_to_be_checked()
    expect(whole).to_be_checked(indeterminate=True)
    save(page)
    assert granted(page, gate) == {COUNTER, OWN}
    # The page shows what was chosen, and is open where it was chosen.
    expect(whole).to_be_checked(indeterminate=True)
    expect(switch(page, COUNTER)).to_be_visible()
    expect(switch(page, MAPS)).not_to_be_checked()
    switch(page, MAPS).check()
    expect(whole).to_be_checked(indeterminate=False)
    save(page)
    assert granted(page, gate) == {"analysis", COUNTER, MAPS, OWN}
    open_services(page)
    expect(switch(page, MAPS)).to_be_checked()
    whole.uncheck()
    expect(switch(page, MAPS)).not_to_be_checked()
    save(page)
    assert granted(page, gate) == set()


def test_without_script_what_is_seen_is_what_counts(plain: Page, address: str, gate: Gate) -> None:
    plain.goto(f"{address}/cookies")
    open_services(plain)
    covers = plain.get_by_text("While the category is switched on").first
    expect(covers).to_be_hidden()
    switch(plain, MAPS).check()
    save(plain)
    assert granted(plain, gate) == {MAPS}
    # The category covers its services: their switches are not shown.
    switch(plain, "analysis").check()
    expect(switch(plain, MAPS)).to_be_hidden()
    expect(covers).to_be_visible()
    save(plain)
    assert granted(plain, gate) == {"analysis", COUNTER, MAPS, OWN}
    # Switched off, nothing of it is left on beneath.
    switch(plain, "analysis").uncheck()
    save(plain)
    assert granted(plain, gate) == set()


def test_always_allow_grants_the_service_of_the_frame(page: Page, address: str, gate: Gate) -> None:
    page.goto(address)
    page.get_by_role("button", name="Always allow Videos").click()
    expect(page.frame_locator("iframe").get_by_text("A film.")).to_be_visible()
    assert granted(page, gate) == {"marketing:videos"}


def test_the_page_is_readable_at_320_pixels(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{address}/cookies")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
