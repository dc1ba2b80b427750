"""The page of `cookiegate insights` in Chromium: accessible, nothing cut off, light and dark."""

import re
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
SMALLEST_TEXT = """Math.min(...[...document.querySelectorAll("figure span, th, td, dd")]
    .map(span => parseFloat(getComputedStyle(span).fontSize)))"""
COLORS = """[...document.querySelectorAll(".bar rect, svg path")]
    .map(shape => Object.values(["fill", "stroke"].map(name => getComputedStyle(shape)[name])))"""


# What differs from the page's background by less than 3 to 1, of all that shows a count.
FAINT = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  const light = color => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(
      one => one / 255 <= 0.03928 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  return [...document.querySelectorAll(".part, .bar rect:not(.track)")].filter(one => {
    const [a, b] = [getComputedStyle(one).fill,
      getComputedStyle(one.closest("section")).backgroundColor].map(light);
    return Math.max(a, b) / Math.min(a, b) < 3;
  }).map(one => one.outerHTML.slice(0, 80));
})()"""
# The colours of series that touch each other.
SERIES = """["granted", "refused", "ignored"].map(
    id => getComputedStyle(document.querySelector(`.part.${id}`)).fill)"""


def write_page(folder: Path, *options: str) -> str:
    url, report = make_site(folder)
    page = folder / "page.html"
    sources = ("--ledger", url, "--report", str(report), "--registry", "cookiegate:billogram")
    assert call("insights", *sources, "--html", str(page), *options).exit_code == 0
    return page.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(tmp_path_factory.mktemp("insights"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(tmp_path_factory.mktemp("small"), "--threshold", "100000")


@pytest.mark.parametrize("name", ["address", "small"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_insights_are_accessible_and_nothing_is_cut(
    browser: Browser,
    request: pytest.FixtureRequest,
    scheme: Literal["light", "dark"],
    width: int,
    name: str,
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    options: Any = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    address: str = request.getfixturevalue(name)
    with browser.new_context(**options, bypass_csp=True) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT_BOXES) == []
        assert page.evaluate(FAINT) == []
        page.add_script_tag(content=axe)
        found: Any = page.evaluate(
            "axe.run().then(found => found.violations.map(v => v.id + ': ' + v.help))"
        )
        assert found == []
        assert asked == [address]


@pytest.mark.parametrize("width", [320, 1280])
def test_charts_have_a_name_a_description_and_text_that_can_be_read(
    browser: Browser, address: str, width: int
) -> None:
    size: Any = {"viewport": {"width": width, "height": 800}}
    with browser.new_context(**size) as context:
        page = context.new_page()
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate(SMALLEST_TEXT) >= 12
        chart = page.get_by_role("img", name="Shares of banners over time")
        expect(chart).to_be_visible()
        expect(chart).to_have_accessible_description(re.compile("^From .* has every number.$"))
        expect(page.get_by_role("table", name="Grants by language")).to_be_visible()
        expect(page.get_by_role("table", name="Choices over time")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colors_keep_the_series_apart(
    browser: Browser, address: str, scheme: Literal["light", "dark"]
) -> None:
    options: Any = {"forced_colors": "active", "color_scheme": scheme}
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.goto(address)
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        assert len(set(page.evaluate(SERIES))) == 3
        outline = page.evaluate("getComputedStyle(document.querySelector('.part.ignored')).stroke")
        assert outline != page.evaluate(SERIES)[2]


def test_print_has_the_tables_that_are_closed(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        table = page.get_by_role("table", name="Choices over time")
        expect(table).to_be_hidden()
        page.emulate_media(media="print")
        expect(table).to_be_visible()


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
