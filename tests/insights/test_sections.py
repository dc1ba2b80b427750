"""Sections show published counts, and say which are missing."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.insights import BannerCounts, ChoiceCounts, CookieCounts, Period
from cookiegate.insights.aggregate import KINDS, SURFACES, count_receipts
from cookiegate.insights.sections import Insights, Section, build_insights, count_text
from cookiegate.insights.suppression import publish
from cookiegate.insights.tables import days_of, known_sums, tables_of
from cookiegate.insights.wording import more_text, period_text, rule_text, small_text
from cookiegate.ledger import Receipt
from tests.insights.receipts import OFFERED, receipt
from tests.registries import DAY, NOON


def choices_of(*receipts: Receipt) -> ChoiceCounts:
    return count_receipts(receipts, lambda id: None, Period())


def insights_of(
    choices: ChoiceCounts | None = None,
    banners: BannerCounts | None = None,
    cookies: CookieCounts | None = None,
    **options: Any,
) -> Insights:
    return build_insights(
        choices, banners, cookies, **{"period": Period(), "threshold": 10, **options}
    )


def section(insights: Insights, id: str) -> Section:
    (found,) = (one for one in insights.sections if one.id == id)
    return found


def rows(insights: Insights, id: str) -> dict[str, tuple[int | None, ...]]:
    return {line.id: line.counts for line in section(insights, id).rows}


def totals(insights: Insights) -> dict[str, int | None]:
    return {line.id: line.counts[0] for line in insights.totals.rows}


def test_ignored_is_shown_minus_chosen_and_never_below_zero() -> None:
    receipts = [receipt() for _ in range(25)]
    receipts += [receipt(time=NOON + DAY) for _ in range(42)]
    banners = BannerCounts(days={"2026-11-24": 68, "2026-11-25": 31}, languages={"sv": 99})
    insights = insights_of(choices_of(*receipts), banners)
    assert rows(insights, "days") == {
        "2026-11-24": (60, 20, 40, 0),
        "2026-11-25": (30, 40, 0, 0),
    }
    assert totals(insights)["ignored"] == 90 - 60


def test_days_without_a_count_are_shown_between_others() -> None:
    busy = [receipt(time=NOON + n * DAY) for n in (0, 2) for _ in range(10)]
    insights = insights_of(choices_of(*busy, receipt(time=NOON + DAY), receipt(time=NOON - DAY)))
    assert [*rows(insights, "days")] == ["2026-11-24", "2026-11-25", "2026-11-26"]


def test_a_period_with_limits_is_shown_whole() -> None:
    period = Period(since=date(2026, 11, 22), until=date(2026, 11, 25))
    insights = insights_of(choices_of(*(receipt() for _ in range(10))), period=period)
    assert [*rows(insights, "days")] == [f"2026-11-{day}" for day in range(22, 26)]


@pytest.mark.parametrize("time", [253_402_300_000, 10**15, 2**62, -(10**15)])
@pytest.mark.parametrize("count", [1, 30])
def test_receipts_of_any_time_are_counted(time: int, count: int) -> None:
    usual = [receipt() for _ in range(20)]
    insights = insights_of(choices_of(*usual, *(receipt(time=time) for _ in range(count))))
    assert len(rows(insights, "days")) <= 2
    assert totals(insights)["choices"] == 20 + count // 10 * 10


def test_a_row_that_is_missing_shows_no_more_than_a_suppressed_count() -> None:
    few = [receipt("analysis", language="fi", time=NOON - DAY) for _ in range(9)]
    many = [receipt("analysis", language="sv") for _ in range(40)]
    cookies = CookieCounts(stripped={"_ga": 30, "_b": 9}, unknown={"c": 9}, first=None, last=None)
    banners = BannerCounts(days={"2026-11-23": 9, "2026-11-24": 50}, languages={"sv": 50, "fi": 9})
    without = insights_of(choices_of(*many), banners, cookies)
    insights = insights_of(choices_of(*many, *few), banners, cookies)
    for id in ("days", "languages", "banner_languages", "stripped", "unknown"):
        assert rows(insights, id).keys() == rows(without, id).keys()
    assert [*rows(insights, "languages")] == ["sv"]
    assert [*rows(insights, "days")] == ["2026-11-24"]
    assert [*rows(insights, "stripped")] == ["_ga"]


def test_the_order_of_rows_does_not_depend_on_small_counts() -> None:
    def order(rare: int, rarer: int) -> list[str]:
        many = [receipt("analysis", language="sv") for _ in range(40)]
        few = [receipt("analysis", language="fi") for _ in range(10 + rare)]
        fewer = [receipt("analysis", language="de") for _ in range(10 + rarer)]
        return [*rows(insights_of(choices_of(*many, *few, *fewer)), "languages")]

    assert order(9, 1) == order(1, 9) == ["sv", "de", "fi"]


def test_each_missing_source_is_named() -> None:
    banners = BannerCounts(days={"2026-11-24": 68}, languages={"sv": 68})
    cookies = CookieCounts(stripped={"_ga": 70}, unknown={}, first="2026-11-23", last="2026-11-24")
    choices = choices_of(*(receipt() for _ in range(25)))
    assert insights_of(choices, banners, cookies).not_known == ()
    (sentence,) = insights_of(choices).not_known
    assert sentence.startswith("How often banners were shown, what was stripped")
    (sentence,) = insights_of(choices, None, cookies).not_known
    assert "Pages(gate, on_banner=Banners(FILE))" in sentence
    (sentence,) = insights_of(None, banners, cookies).not_known
    assert sentence == "What visitors chose: no ledger was read (--ledger)."
    assert len(insights_of(None, None, cookies).not_known) == 2
    assert len(insights_of().not_known) == 2


def test_a_missing_count_is_not_a_number() -> None:
    insights = insights_of(choices_of(*(receipt() for _ in range(25))))
    assert rows(insights, "days") == {"2026-11-24": (None, 20, None, 0)}
    columns = {one.id: one.missing for one in section(insights, "days").columns}
    assert columns == {
        "shown": "not known",
        "chosen": "",
        "ignored": "not known",
        "withdrawn": "",
    }
    assert totals(insights)["shown"] is None
    assert [one.id for one in insights.sections if "banner" in one.id] == []


def test_a_revealing_section_is_left_out() -> None:
    # Of six choices at most two grant, two refuse and two withdraw: then two do each.
    receipts = [receipt("analysis"), receipt(), receipt(kind="withdrawal")] * 2
    insights = insights_of(choices_of(*receipts), threshold=3)
    assert totals(insights)["choices"] == 6
    kinds = section(insights, "kinds")
    assert kinds.is_empty
    assert (kinds.rows, kinds.columns[0].missing) == ((), "left out")


def test_an_empty_ledger_looks_like_one_with_few_receipts() -> None:
    insights = insights_of(choices_of())
    assert totals(insights)["choices"] == totals(insights)["grants"] == 0
    assert section(insights, "days").is_empty
    assert section(insights, "languages").is_empty
    assert section(insights, "languages").columns[0].missing == "left out"


def test_a_revealing_column_is_left_out() -> None:
    # Nine days are as large as possible, so the total reveals the tenth.
    receipts = [receipt(time=NOON + n * DAY) for n in range(9) for _ in range(19)]
    receipts += [receipt(time=NOON + 9 * DAY) for _ in range(9)]
    # The period has no other day.
    period = Period(since=date(2026, 11, 24), until=date(2026, 12, 3))
    banners = BannerCounts(days={"2026-11-24": 50}, languages={"sv": 50})
    insights = insights_of(choices_of(*receipts), banners, period=period)
    columns = {one.id: one.missing for one in section(insights, "days").columns}
    assert (columns["shown"], columns["chosen"], columns["ignored"]) == (
        "",
        "left out",
        "left out",
    )
    assert not section(insights, "days").is_empty


def test_only_the_most_frequent_cookies_are_named() -> None:
    stripped = {f"c{number:02}": 10 * (40 - number) for number in range(23)}
    cookies = CookieCounts(
        stripped={**stripped, "": 990}, unknown={"who": 30}, first="2026-11-23", last="2026-11-24"
    )
    insights = insights_of(None, None, cookies)
    found = section(insights, "stripped")
    assert [line.title for line in found.rows][:2] == ["(no name)", "c00"]
    assert (len(found.rows), found.more) == (20, 4)
    assert more_text(found) == "And 4 more that are not listed."
    assert found.text.endswith("Counted from 2026-11-23 to 2026-11-24.")
    assert rows(insights, "unknown") == {"who": (30,)}


def test_categories_have_the_titles_of_the_registry() -> None:
    insights = insights_of(
        choices_of(*(receipt("analysis", language=None) for _ in range(30))),
        titles={"analysis": "Analysis", "marketing": ""},
        site="Shop",
    )
    titles = [line.title for line in section(insights, "categories").rows]
    assert titles == ["Analysis", "functional", "marketing"]
    assert [line.title for line in section(insights, "languages").rows] == ["not known"]
    assert insights.site == "Shop"


@pytest.mark.parametrize(
    ("count", "threshold", "text"),
    [(1200, 10, "1,200"), (0, 10, "under 10"), (0, 1, "0"), (None, 10, "left out")],
)
def test_a_count_is_a_number_or_under_the_threshold(
    count: int | None, threshold: int, text: str
) -> None:
    assert count_text(count, threshold, "left out") == text


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        (None, None, "Of all days on record."),
        (1, None, "From 2026-11-01 on (UTC)."),
        (None, 2, "Until 2026-11-02 (UTC)."),
        (1, 2, "From 2026-11-01 to 2026-11-02 (UTC)."),
    ],
)
def test_the_period_has_a_sentence(since: int | None, until: int | None, text: str) -> None:
    period = Period(
        since=date(2026, 11, since) if since else None,
        until=date(2026, 11, until) if until else None,
    )
    assert period_text(insights_of(period=period)) == text


def test_the_rule_has_a_sentence() -> None:
    assert "multiple of 10" in rule_text(10)
    assert "exact" in rule_text(1)


@st.composite
def some_receipts(draw: st.DrawFn) -> list[Receipt]:
    kind = draw(st.sampled_from(KINDS))
    grants = kind in ("grant", "change")
    granted = draw(st.sets(st.sampled_from(OFFERED), min_size=1)) if grants else set()
    one = receipt(
        *sorted(granted),
        kind=kind,
        surface=draw(st.sampled_from(SURFACES)),
        language=draw(st.sampled_from([None, "sv", "en"])),
        version=draw(st.integers(1, 2)),
        signals=tuple(draw(st.sets(st.sampled_from(["dnt", "gpc"])))),
        evidence=draw(st.sampled_from([None, "form"])),
        time=NOON + draw(st.integers(0, 3)) * DAY,
    )
    return [one] * draw(st.integers(1, 12))


@given(groups=st.lists(some_receipts(), max_size=8))
def test_the_known_sums_are_true(groups: list[list[Receipt]]) -> None:
    choices = choices_of(*(one for group in groups for one in group))
    tables = tables_of(choices, None, None, days_of(choices, None, Period(), 10), 10)
    counts = {(table.id, row): count for table in tables for row, count in table.counts.items()}
    for one in known_sums(tables):
        there = sum(counts[cell] for cell in one.parts if cell in counts)
        is_whole = all(cell in counts for cell in one.parts)
        if one.total in counts:
            assert there == counts[one.total] if is_whole else there <= counts[one.total]


@given(groups=st.lists(some_receipts(), max_size=8))
def test_totals_of_usual_ledgers_are_published(groups: list[list[Receipt]]) -> None:
    choices = choices_of(*(one for group in groups for one in group))
    tables = tables_of(choices, None, None, days_of(choices, None, Period(), 10), 10)
    shown = publish(tables, known_sums(tables), 10)
    assert shown["choices"] is not None
    assert shown["grants"] is not None


def test_kinds_that_the_total_would_reveal_are_withheld() -> None:
    # Of six choices at most two grant, two refuse and two withdraw: then two do each.
    receipts = [receipt("analysis"), receipt(), receipt(kind="withdrawal")] * 2
    choices = choices_of(*receipts)
    tables = tables_of(choices, None, None, days_of(choices, None, Period(), 10), 10)
    shown = publish(tables, known_sums(tables), 3)
    assert shown["choices"] == {"all": 6}
    assert shown["kinds"] is None


def test_a_site_without_a_count_to_show_says_why() -> None:
    few = insights_of(choices_of(receipt()))
    assert small_text(few).startswith("No count has reached 10 yet, so none is shown.")
    assert small_text(insights_of(choices_of(receipt()), threshold=1)) == ""
    assert small_text(insights_of(choices_of(*(receipt() for _ in range(10))))) == ""
