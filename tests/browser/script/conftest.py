"""A browser, and a site for it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from cookiegate import Gate
from tests.browser.judges import CHROMIUM_OPTIONS
from tests.browser.script.support import REGISTRY, Shop, serve
from tests.registries import KEY


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with serve(Gate(REGISTRY, KEY, secure=False), "127.0.0.1") as shop:
        yield shop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    rules = "--host-resolver-rules=MAP *.test 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*CHROMIUM_OPTIONS, rules]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, shop: Shop) -> Iterator[BrowserContext]:
    shop.bodies.clear()
    shop.policies.clear()
    shop.scripts.clear()
    shop.head = ""
    with browser.new_context(locale="en") as context:
        context.set_default_timeout(5_000)
        yield context
