"""The page of `cookiegate insights` in Chromium: accessible, nothing cut, light and dark."""

from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_pages import CUT
from tests.cli.runs import call
from tests.insights.sites import make_site

pytestmark = pytest.mark.needs("chromium")

# Boxes are those of HTML; of a drawing, whatever lies outside of it is cut.
CUT_BOXES = CUT.replace("body *", "body *:not(svg *)")
CUT_TEXTS = """[...document.querySelectorAll("svg text")].filter(one => {
    const [text, all] = [one, one.ownerSVGElement].map(part => part.getBoundingClientRect());
    return text.width && (text.left < all.left - 1 || text.right > all.right + 1
        || text.top < all.top - 1 || text.bottom > all.bottom + 1);
}).map(one => one.textContent)"""
# As what a browser draws them: 12 pixels and more can be read.
SMALLEST_TEXT = """Math.min(...[...document.querySelectorAll("svg text")]
    .map(one => one.getBoundingClientRect().height).filter(height => height > 0))"""


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
        assert page.evaluate(CUT_TEXTS) == []
        assert page.evaluate(SMALLEST_TEXT) >= 12
        expect(page.get_by_role("img", name="Grants by language")).to_be_visible()
        expect(page.get_by_role("img", name="Chosen and Ignored")).to_have_count(1)
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
            colours = """[...document.querySelectorAll("#languages svg text, #languages svg path")]
                .map(one => getComputedStyle(one).fill)"""
            seen.append(page.evaluate(colours))
    assert len(seen[0]) == len(seen[1]) > 0
    pairs = [pair for pair in zip(*seen, strict=True) if pair != ("none", "none")]
    assert pairs
    assert all(light != dark for light, dark in pairs)
