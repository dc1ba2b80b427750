"""The page loads nothing, and every chart has a text and a table."""

import re
from xml.etree import ElementTree

import pytest

from cookiegate.insights import BannerCounts, CookieCounts, Period
from cookiegate.insights.aggregate import count_receipts
from cookiegate.insights.page import render_page
from cookiegate.insights.sections import Insights, build_insights
from cookiegate.insights.wording import NOTHING
from tests.insights.receipts import receipt


@pytest.fixture
def insights() -> Insights:
    receipts = [receipt("analysis", version="<3>") for _ in range(40)] + [receipt()] * 25
    choices = count_receipts(receipts, lambda id: None, Period())
    banners = BannerCounts(days={"2026-11-24": 168}, languages={"sv": 168})
    titles = {"analysis": "Analysis & <more>"}
    return build_insights(choices, banners, None, period=Period(), threshold=10, titles=titles)


def test_the_page_loads_nothing_and_runs_nothing(insights: Insights) -> None:
    page = render_page(insights)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert not re.search(r"<script|<link|<img|<iframe| src=| href=|url\(|@import", page)
    assert set(re.findall(r"https?://[^\"' ]+", page)) <= {"http://www.w3.org/2000/svg"}


def test_texts_are_escaped(insights: Insights) -> None:
    page = render_page(insights)
    assert "Analysis &amp; &lt;more&gt;" in page
    assert "<more>" not in page
    assert "version &lt;3&gt;" in page


def test_each_chart_has_a_caption_a_text_and_a_table(insights: Insights) -> None:
    page = render_page(insights)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert figures
    for figure in figures:
        root = ElementTree.fromstring(figure)
        assert root[0].tag == "figcaption"
        assert "".join(root[0].itertext()).strip()
        for chart in root.iter("svg"):
            assert chart.get("aria-hidden") == "true" or chart.get("aria-label")
    shown = [section for section in insights.sections if not section.is_empty]
    assert page.count("<table>") == len(shown)
    assert "<span>Analysis &amp; &lt;more&gt;</span> <span>40</span>" in page
    assert "<span>functional</span> <span>under 10</span>" in page


def test_charts_take_every_color_from_the_style_sheet(insights: Insights) -> None:
    page = render_page(insights)
    assert not re.search(r' (?:style|fill|stroke)="', page)
    for name in re.findall(r"(?:fill|stroke): ([^;]+);", page):
        assert name == "none" or name.startswith("var(--")


def test_all_counts_under_the_threshold_look_the_same(insights: Insights) -> None:
    def page(count: int) -> str:
        receipts = [receipt("analysis")] * 40 + [receipt("analysis", language="en")] * count
        choices = count_receipts(receipts, lambda id: None, Period())
        return render_page(build_insights(choices, None, None, period=Period(), threshold=10))

    assert page(1) == page(9)


@pytest.mark.parametrize("control", ["\x01", "\x1b", "\ufffe", "\u202e"])
def test_a_control_character_in_a_title_is_replaced(control: str) -> None:
    choices = count_receipts([receipt("analysis")] * 40, lambda id: None, Period())
    titles = {"analysis": f"Ana{control}lysis"}
    shown = build_insights(choices, None, None, period=Period(), threshold=10, titles=titles)
    page = render_page(shown)
    assert control not in page
    assert page.count("Ana\N{REPLACEMENT CHARACTER}lysis") == 2


@pytest.mark.parametrize(
    ("has_choices", "has_banners", "keys"),
    [
        (True, True, ["Chosen", "Ignored", "Withdrawn"]),
        (True, False, ["Chosen", "Withdrawn"]),
        (False, True, ["Shown"]),
        (False, False, []),
    ],
)
def test_the_known_columns_of_days_are_drawn(
    has_choices: bool, has_banners: bool, keys: list[str]
) -> None:
    choices = count_receipts([receipt("analysis")] * 30, lambda id: None, Period())
    banners = BannerCounts(days={"2026-11-24": 68}, languages={"sv": 68})
    insights = build_insights(
        choices if has_choices else None,
        banners if has_banners else None,
        None,
        period=Period(),
        threshold=10,
    )
    page = render_page(insights)
    assert re.findall(r'<span class="key \w+">(\w+)</span>', page) == keys
    assert (NOTHING in page) is (not keys)


def test_the_page_says_how_many_rows_are_not_listed() -> None:
    stripped = {f"c{number}": 20 for number in range(23)}
    cookies = CookieCounts(stripped=stripped, unknown={}, first=None, last=None)
    shown = build_insights(None, None, cookies, period=Period(), threshold=10, site="Shop")
    page = render_page(shown)
    assert "And 3 more that are not listed." in page
    assert "<title>Consent in numbers · Shop</title>" in page
