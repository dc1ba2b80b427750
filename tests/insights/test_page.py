"""The page needs nothing else, and says in words what it draws."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from cookiegate.insights import Banners, Cookies, Period
from cookiegate.insights.aggregate import count_receipts
from cookiegate.insights.charts import NARROW, WIDE, draw_days
from cookiegate.insights.page import render_page
from cookiegate.insights.sections import Column, Insights, Line, Section, insights_of
from cookiegate.insights.wording import NOTHING
from tests.insights.receipts import receipt


@pytest.fixture
def insights() -> Insights:
    receipts = [receipt("analysis", version="<3>") for _ in range(40)] + [receipt()] * 25
    choices = count_receipts(receipts, lambda id: None, Period())
    banners = Banners(days={"2026-11-24": 168}, languages={"sv": 168})
    titles = {"analysis": "Analysis & <more>"}
    return insights_of(choices, banners, None, period=Period(), threshold=10, titles=titles)


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


def test_each_chart_has_a_title_a_description_and_a_table(insights: Insights) -> None:
    page = render_page(insights)
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert charts
    for chart in charts:
        root = ElementTree.fromstring(chart)
        title, text = root[0], root[1]
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {text.attrib['id']}"
        assert title.text
        assert text.text
        assert "aria-roledescription" not in chart
    drawn = [one for one in insights.sections if not one.is_empty]
    assert page.count("<table>") == len(drawn)
    assert "Analysis &amp; &lt;more&gt;: 40; functional: under 10; marketing: under 10" in page


def test_charts_take_every_colour_from_the_page(insights: Insights) -> None:
    for chart in re.findall(r"<svg.*?</svg>", render_page(insights), re.DOTALL):
        colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', chart))
        assert {one for one in colours if not one.startswith("var(--")} <= {"none", "currentColor"}


def test_a_small_count_is_drawn_like_none(insights: Insights) -> None:
    def page(count: int) -> str:
        receipts = [receipt("analysis")] * 40 + [receipt("analysis", language="en")] * count
        choices = count_receipts(receipts, lambda id: None, Period())
        return render_page(insights_of(choices, None, None, period=Period(), threshold=10))

    assert page(1) == page(9)


@pytest.mark.parametrize("unfit", ["\x01", "\x1b", "\ufffe", "\u202e"])
def test_a_title_with_a_control_character_is_drawn(unfit: str) -> None:
    choices = count_receipts([receipt("analysis")] * 40, lambda id: None, Period())
    titles = {"analysis": f"Ana{unfit}lysis"}
    shown = insights_of(choices, None, None, period=Period(), threshold=10, titles=titles)
    charts = re.findall(r"<svg.*?</svg>", render_page(shown), re.DOTALL)
    assert ">Ana\N{REPLACEMENT CHARACTER}lysis</text>" in "".join(charts)
    for chart in charts:
        ElementTree.fromstring(chart)


def days_section(days: int) -> Section:
    first = date(2025, 1, 1)
    return Section(
        id="days",
        title="Days",
        text="",
        row="Day",
        columns=(Column(id="shown", title="Shown"),),
        lines=tuple(
            Line(id=(first + timedelta(days=n)).isoformat(), title="", counts=(n,))
            for n in range(days)
        ),
    )


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("days", [1, 40, 700])
def test_days_have_as_many_names_as_there_is_room(width: int, days: int) -> None:
    chart = draw_days(days_section(days), ("shown",), 1, width=width)
    names = re.findall(r">(\d+ [A-Z][a-z]{2}|[A-Z][a-z]{2} 20\d\d)</text>", chart)
    assert 1 <= len(names) <= width // 65
    root = ElementTree.fromstring(chart)
    assert abs(float(root.attrib["viewBox"].split()[2]) - width) <= 1


@pytest.mark.parametrize(
    ("has_choices", "has_banners", "keys"),
    [
        (True, True, ["Chosen", "Ignored", "Withdrawn"]),
        (True, False, ["Chosen", "Withdrawn"]),
        (False, True, ["Shown"]),
        (False, False, []),
    ],
)
def test_what_is_known_of_days_is_drawn(
    has_choices: bool, has_banners: bool, keys: list[str]
) -> None:
    choices = count_receipts([receipt("analysis")] * 30, lambda id: None, Period())
    banners = Banners(days={"2026-11-24": 68}, languages={"sv": 68})
    insights = insights_of(
        choices if has_choices else None,
        banners if has_banners else None,
        None,
        period=Period(),
        threshold=10,
    )
    page = render_page(insights)
    assert re.findall(r'<span class="key \w+">(\w+)</span>', page) == keys
    assert (NOTHING in page) is (not keys)


def test_rows_that_are_not_listed_are_counted() -> None:
    stripped = {f"c{number}": 20 for number in range(23)}
    cookies = Cookies(stripped=stripped, unknown={}, first=None, last=None)
    shown = insights_of(None, None, cookies, period=Period(), threshold=10, site="Shop")
    page = render_page(shown)
    assert "And 3 more that are not listed." in page
    assert "<title>Consent in numbers · Shop</title>" in page
