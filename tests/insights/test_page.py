"""The page loads nothing, and every chart has a text and a table."""

import re
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from cookiegate.insights import BannerCounts, CookieCounts, Period
from cookiegate.insights.aggregate import count_receipts
from cookiegate.insights.page import render_page
from cookiegate.insights.sections import Insights, build_insights
from tests.insights.receipts import receipt
from tests.registries import DAY, NOON


@pytest.fixture
def insights() -> Insights:
    times = (NOON, NOON + DAY)
    receipts = [receipt("analysis", version="<3>", time=time) for time in times for _ in range(200)]
    receipts += [receipt(time=time) for time in times for _ in range(100)]
    receipts += [receipt(kind="withdrawal", time=time) for time in times for _ in range(60)]
    choices = count_receipts(receipts, lambda id: None, Period())
    banners = BannerCounts(days={"2026-11-24": 600, "2026-11-25": 600}, languages={"sv": 1200})
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


def test_each_chart_has_a_title_a_text_and_a_table(insights: Insights) -> None:
    page = render_page(insights)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    figures = re.findall(r"<figure[ >].*?</figure>", page, re.DOTALL)
    assert len(figures) == 3
    for figure in figures:
        root = ElementTree.fromstring(figure)
        assert root[0].tag == "figcaption"
        assert "".join(root[0].itertext()).strip()
        (chart,) = root.iter("svg")
        title, text = chart[0], chart[1]
        assert (chart.get("role"), title.tag, text.tag) == ("img", "title", "desc")
        assert chart.get("aria-labelledby") == title.get("id")
        assert chart.get("aria-describedby") == text.get("id")
        assert title.text
        assert "The table below has every number." in (text.text or "")
    # Every other picture only repeats the number beside it.
    for other in re.findall(r"<svg class=[^>]+>", page):
        assert 'aria-hidden="true"' in other
    shown = [section for section in insights.all_sections if not section.is_empty]
    assert page.count("<table>") == len(shown)


def test_shares_are_written_beside_their_bars(insights: Insights) -> None:
    page = render_page(insights)
    assert re.search(r'<dt class="key granted">Granted</dt><dd>\d+%</dd>', page)
    assert re.search(r'<h3>Banners shown <span class="of">1,200</span></h3>', page)
    assert re.search(r"Analysis &amp; &lt;more&gt;<svg.*?</th>\s*<td>400</td>\s*<td>100%", page)
    assert re.search(r"functional<svg.*?</th>\s*<td>under 10</td>\s*<td></td>", page)


def test_no_line_ends_inside_a_date() -> None:
    choices = count_receipts([receipt("analysis")] * 40, lambda id: None, Period())
    period = Period(since=date(2026, 11, 1), until=date(2026, 11, 30))
    page = render_page(build_insights(choices, None, None, period=period, threshold=10))
    assert "From <time>2026-11-01</time> to <time>2026-11-30</time> (UTC)." in page


def test_charts_take_every_color_from_the_style_sheet(insights: Insights) -> None:
    page = render_page(insights)
    assert not re.search(r' (?:style|fill|stroke)="', page)
    for name in re.findall(r"(?:fill|stroke): ([^;]+);", page):
        assert name in ("none", "CanvasText") or name.startswith("var(--")


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
    assert page.count("Ana\N{REPLACEMENT CHARACTER}lysis") == 1


@pytest.mark.parametrize(
    ("has_choices", "has_banners", "keys"),
    [
        (True, True, ["Granted", "Refused", "Ignored"]),
        (True, False, ["Granted", "Refused"]),
        (False, True, ["Shown"]),
    ],
)
def test_what_is_known_is_drawn(has_choices: bool, has_banners: bool, keys: list[str]) -> None:
    receipts = [
        one
        for time in (NOON, NOON + DAY)
        for one in [receipt("analysis", time=time)] * 200 + [receipt(time=time)] * 50
    ]
    choices = count_receipts(receipts, lambda id: None, Period())
    banners = BannerCounts(days={"2026-11-24": 600, "2026-11-25": 600}, languages={"sv": 1200})
    insights = build_insights(
        choices if has_choices else None,
        banners if has_banners else None,
        None,
        period=Period(),
        threshold=10,
    )
    page = render_page(insights)
    found = re.findall(r'<span class="key \w+">(\w+)</span>', page)
    assert found == ([*keys, "Granted", "Refused"] if has_choices else keys)


def test_a_site_with_little_sees_what_it_needs_and_no_empty_box() -> None:
    choices = count_receipts([receipt("analysis")], lambda id: None, Period())
    page = render_page(build_insights(choices, None, None, period=Period(), threshold=10))
    assert "Not enough yet" in page
    assert "A count is shown once it reaches 10, a share once it rests on 200." in page
    assert "<section" not in page


def test_a_single_step_is_a_table_without_a_chart() -> None:
    choices = count_receipts([receipt("analysis")] * 300, lambda id: None, Period())
    page = render_page(build_insights(choices, None, None, period=Period(), threshold=10))
    assert "<figure" not in page
    assert page.count("<details open>") == 2


def test_many_steps_have_no_gaps_between_them() -> None:
    banners = BannerCounts(
        days={str(date(2026, 1, 1) + timedelta(days=n)): 60 for n in range(60)}, languages={}
    )
    options: Any = {"period": Period(), "threshold": 10}
    page = render_page(build_insights(None, banners, None, **options, unit="day"))
    assert '<figure aria-labelledby="banners_over_time-title" class="dense">' in page
    assert "h1v60z" in page


def test_the_page_says_how_many_rows_are_not_listed() -> None:
    stripped = {f"c{number}": 20 for number in range(23)}
    cookies = CookieCounts(stripped=stripped, unknown={}, first=None, last=None)
    shown = build_insights(None, None, cookies, period=Period(), threshold=10, site="Shop")
    page = render_page(shown)
    assert "And 3 more that are not listed." in page
    assert "<title>Consent in numbers · Shop</title>" in page
