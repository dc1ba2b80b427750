"""The page of `cookiegate insights` in Chromium: accessible, nothing cut off, light and dark."""

from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_pages import CUT
from tests.cli.runs import call
from tests.insights.sites import make_site

pytestmark = pytest.mark.needs("chromium")

# The contents of an SVG have no boxes of their own.
CUT_BOXES = CUT.replace("body *", "body *:not(svg *)")
SMALLEST_TEXT = """Math.min(...[...document.querySelectorAll("figure span")]
    .map(span => parseFloat(getComputedStyle(span).fontSize)))"""
COLORS = """[...document.querySelectorAll("#languages svg rect, #days svg path")]
    .map(shape => Object.values(["fill", "stroke"].map(name => getComputedStyle(shape)[name])))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("insights")
    url, report = make_site(folder)
    page = folder / "page.html"
    registry = ("--registry", "cookiegate:billogram")
    ended = call(
        "insights", "--ledger", url, "--report", str(report), "--html", str(page), *registry
    )
    assert ended.exit_code == 0
    return Path(page).as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_insights_are_accessible_and_nothing_is_cut(
    browser: Browser, address: str, scheme: Literal["light", "dark"], width: int
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    options: Any = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with browser.new_context(**options, bypass_csp=True) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT_BOXES) == []
        assert page.evaluate(SMALLEST_TEXT) >= 12
        expect(page.get_by_role("figure", name="Grants by language")).to_be_visible()
        expect(page.get_by_role("img", name="Chosen and Ignored by day")).to_be_visible()
        page.add_script_tag(content=axe)
        found: Any = page.evaluate(
            "axe.run().then(found => found.violations.map(v => v.id + ': ' + v.help))"
        )
        assert found == []
        assert asked == [address]


def test_the_charts_follow_light_and_dark(browser: Browser, address: str) -> None:
    seen = []
    for scheme in ("light", "dark"):
        options: Any = {"color_scheme": scheme}
        with browser.new_context(**options) as context:
            page = context.new_page()
            page.goto(address)
            seen.append(page.evaluate(COLORS))
    assert len(seen[0]) == len(seen[1]) > 0
    assert all(light != dark for light, dark in zip(*seen, strict=True))
