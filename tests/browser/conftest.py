"""The browsers, one after the other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.judges import CHROMIUM_OPTIONS, JUDGES, Judge
from tests.browser.server import serve

HERE = Path(__file__).parent


# First: pytest-xdist reads the groups in this hook too.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One worker runs all tests of a module, which share a browser and a site.
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("chromium", marks=pytest.mark.needs("chromium")),
        pytest.param("firefox", marks=[pytest.mark.needs("firefox"), pytest.mark.long]),
    ],
)
def judge(request: pytest.FixtureRequest) -> Iterator[Judge]:
    with serve() as server, JUDGES[request.param](server) as judge:
        yield judge


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
        yield browser
        browser.close()
