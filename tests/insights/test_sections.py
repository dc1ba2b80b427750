"""Sections show published counts, and say which are missing."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.insights import BannerCounts, ChoiceCounts, CookieCounts, Period
from cookiegate.insights.aggregate import KINDS, SURFACES, count_receipts
from cookiegate.insights.sections import (
    Insights,
    Section,
    ShareGroup,
    build_insights,
    cell_text,
    count_text,
)
from cookiegate.insights.shares import Share
from cookiegate.insights.steps import Steps, StepUnit, choose_steps
from cookiegate.insights.suppression import Table, publish
from cookiegate.insights.tables import known_sums, tables_of
from cookiegate.insights.wording import (
    definitions,
    empty_text,
    more_text,
    needs_text,
    period_text,
    rule_text,
    small_text,
)
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
    (found,) = (one for one in insights.all_sections if one.id == id)
    return found


def rows(insights: Insights, id: str) -> dict[str, tuple[int | str | None, ...]]:
    return {
        line.id: tuple(cell.text if isinstance(cell, Share) else cell for cell in line.cells)
        for line in section(insights, id).rows
    }


def counts(insights: Insights, id: str) -> dict[str, int]:
    return {line.id: line.count for line in section(insights, id).rows}


def totals(insights: Insights) -> dict[str, int | Share | None]:
    return {line.id: line.cells[0] for line in insights.totals.rows}


def group(insights: Insights, id: str) -> ShareGroup:
    (found,) = (one for one in insights.shares if one.id == id)
    return found


def shares(insights: Insights, id: str) -> dict[str, str]:
    found = group(insights, id)
    return {one: share.text for one, share in zip(found.titles, found.shares or (), strict=False)}


def banners(days: dict[str, int]) -> BannerCounts:
    return BannerCounts(days=days, languages={"sv": sum(days.values())})


def many(count: int, *granted: str, **facts: Any) -> list[Receipt]:
    return [receipt(*granted, **facts)] * count


def test_banners_are_granted_refused_or_ignored() -> None:
    choices = choices_of(*many(300, "analysis"), *many(200))
    insights = insights_of(choices, banners({"2026-11-24": 1000}))
    assert group(insights, "banners").of == 1000
    assert shares(insights, "banners") == {"granted": "30%", "refused": "20%", "ignored": "50%"}
    assert group(insights, "answers").of == 500
    assert shares(insights, "answers") == {"granted": "60%", "refused": "40%"}
    assert totals(insights)["ignored"] == 500
    assert rows(insights, "shares_over_time") == {"2026-11-24": (1000, "30%", "20%", "50%")}
    assert rows(insights, "choices_over_time") == {"2026-11-24": (300, 200)}


def test_a_day_with_fewer_banners_than_answers_is_in_no_share_of_banners() -> None:
    # Banners were counted from the second day on.
    first, second = many(400, "analysis", time=NOON), many(300, "analysis", time=NOON + DAY)
    insights = insights_of(
        choices_of(*first, *second), banners({"2026-11-24": 20, "2026-11-25": 600})
    )
    assert group(insights, "banners").of == 600
    assert shares(insights, "banners")["ignored"] == "50%"
    assert group(insights, "answers").of == 700
    assert totals(insights)["shown"] == 620
    assert rows(insights, "shares_over_time") == {
        "2026-11-24": (0, None, None, None),
        "2026-11-25": (600, "50%", "under 2%", "50%"),
    }


def test_choices_by_code_answer_no_banner() -> None:
    by_code = many(300, "analysis", surface="code", evidence="form")
    insights = insights_of(choices_of(*by_code, *many(200)), banners({"2026-11-24": 1000}))
    assert shares(insights, "banners") == {
        "granted": "under 1%",
        "refused": "20%",
        "ignored": "80%",
    }


def test_withdrawals_are_a_share_of_first_grants() -> None:
    withdrawn = many(30, kind="withdrawal", surface="settings")
    changed = many(500, "analysis", kind="change", surface="settings")
    insights = insights_of(choices_of(*many(600, "analysis"), *changed, *withdrawn))
    assert group(insights, "grants").of == 600
    assert shares(insights, "grants") == {"withdrawn": "5%"}
    assert rows(insights, "withdrawals_over_time") == {"2026": (30,)}


def test_a_share_says_how_many_it_needs() -> None:
    insights = insights_of(choices_of(*many(150, "analysis"), *many(40)))
    found = group(insights, "answers")
    assert found.shares is None
    assert needs_text(found, 10) == "A share needs at least 200; so far there are 190."
    assert section(insights, "shares_over_time").is_empty
    text = empty_text(insights)
    assert text.startswith("Nothing to show yet: Shares of answers over time, Withdrawals over")
    withheld = ShareGroup(id="answers", title="Answers", of=None, titles={}, shares=None)
    assert needs_text(withheld, 10) == "Not shown: the counts would reveal a smaller one."


def test_lists_have_shares_of_their_whole() -> None:
    receipts = [*many(300, "analysis", "marketing"), *many(100, "analysis"), *many(20)]
    insights = insights_of(choices_of(*receipts))
    assert rows(insights, "categories") == {
        "analysis": (400, "100%"),
        "marketing": (300, "75%"),
        "functional": (0, None),
    }
    found = section(insights, "categories")
    assert found.text == "Of 400 choices that grant something. One may grant several categories."
    assert cell_text(None, 10, found.columns[-1]) == ""
    few = section(insights_of(choices_of(*many(30, "analysis"))), "categories")
    assert [one.id for one in few.columns] == ["count"]
    assert few.text.startswith("Of all choices that grant something.")


def test_withdrawals_have_steps_of_their_own() -> None:
    receipts = [
        one
        for day in range(28)
        for one in (
            *many(60, time=NOON + day * DAY),
            receipt(kind="withdrawal", time=NOON + day * DAY),
        )
    ]
    insights = insights_of(choices_of(*receipts), unit="week")
    assert (insights.unit, insights.withdrawal_unit) == ("week", "year")
    assert rows(insights, "withdrawals_over_time") == {"2026": (20,)}
    terms = dict(definitions(insights))
    assert terms["Over time"].startswith("One step is a week, and of withdrawals a year.")


@pytest.mark.parametrize(
    ("unit", "title", "row"),
    [
        ("day", "Day", "2026-11-24"),
        ("week", "Week from", "2026-11-23"),
        ("month", "Month", "2026-11"),
        ("year", "Year", "2026"),
    ],
)
def test_steps_have_one_form_of_date(unit: StepUnit, title: str, row: str) -> None:
    insights = insights_of(choices_of(*many(30)), unit=unit)
    found = section(insights, "choices_over_time")
    assert (found.row_title, [line.title for line in found.rows]) == (title, [row])


def test_terms_are_explained_that_the_numbers_use() -> None:
    choices, shown = choices_of(*many(30)), banners({"2026-11-24": 60})
    both = ["Shown", "Granted, refused", "Ignored", "Withdrawn", "Shares", "Over time"]
    assert [*dict(definitions(insights_of(choices, shown)))] == both
    assert [*dict(definitions(insights_of(None, shown)))] == ["Shown", "Over time"]
    without = [one for one in both if one not in ("Shown", "Ignored")]
    assert [*dict(definitions(insights_of(choices)))] == without
    text = dict(definitions(insights_of(choices)))["Shares"]
    assert "moves a share of 200 by less than 10 percentage points" in text
    assert "moves" not in dict(definitions(insights_of(choices, threshold=1)))["Shares"]


def test_days_without_a_count_are_shown_between_others() -> None:
    busy = [receipt(time=NOON + n * DAY) for n in (0, 2) for _ in range(10)]
    choices = choices_of(*busy, receipt(time=NOON + DAY), receipt(time=NOON - DAY))
    insights = insights_of(choices, unit="day")
    assert [*rows(insights, "choices_over_time")] == ["2026-11-24", "2026-11-25", "2026-11-26"]


def test_a_period_with_limits_is_shown_whole() -> None:
    period = Period(since=date(2026, 11, 22), until=date(2026, 11, 25))
    insights = insights_of(choices_of(*many(10)), period=period, unit="day")
    assert [*rows(insights, "choices_over_time")] == [f"2026-11-{day}" for day in range(22, 26)]


@pytest.mark.parametrize("time", [253_402_300_000, 10**15, 2**62, -(10**15)])
@pytest.mark.parametrize("count", [1, 30])
def test_receipts_of_any_time_are_counted(time: int, count: int) -> None:
    usual = [receipt() for _ in range(20)]
    insights = insights_of(choices_of(*usual, *(receipt(time=time) for _ in range(count))))
    assert len(rows(insights, "choices_over_time")) <= 2
    assert totals(insights)["choices"] == 20 + count // 10 * 10


def test_a_row_that_is_missing_shows_no_more_than_a_suppressed_count() -> None:
    few = [receipt("analysis", language="fi", time=NOON - DAY) for _ in range(9)]
    many = [receipt("analysis", language="sv") for _ in range(40)]
    cookies = CookieCounts(stripped={"_ga": 30, "_b": 9}, unknown={"c": 9}, first=None, last=None)
    banners = BannerCounts(days={"2026-11-23": 9, "2026-11-24": 50}, languages={"sv": 50, "fi": 9})
    without = insights_of(choices_of(*many), banners, cookies, unit="day")
    insights = insights_of(choices_of(*many, *few), banners, cookies, unit="day")
    for id in ("choices_over_time", "languages", "banner_languages", "stripped", "unknown"):
        assert rows(insights, id).keys() == rows(without, id).keys()
    assert [*rows(insights, "languages")] == ["sv"]
    assert [*rows(insights, "choices_over_time")] == ["2026-11-24"]
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


def test_without_banners_only_answers_have_shares() -> None:
    insights = insights_of(choices_of(*many(225)))
    assert totals(insights)["shown"] is None
    assert [one.id for one in insights.shares] == ["answers", "grants"]
    assert rows(insights, "shares_over_time") == {"2026-11-24": (220, "under 5%", "100%")}
    assert [one.id for one in insights.all_sections if "banner" in one.id] == []


def test_without_a_ledger_only_banners_are_counted() -> None:
    insights = insights_of(None, banners({"2026-11-24": 68}))
    assert insights.shares == ()
    assert [one.id for one in insights.all_sections] == ["banners_over_time", "banner_languages"]
    assert rows(insights, "banners_over_time") == {"2026-11-24": (60,)}
    assert totals(insights)["choices"] is None
    assert empty_text(insights) == ""


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
    assert section(insights, "choices_over_time").is_empty
    assert section(insights, "languages").is_empty
    assert section(insights, "languages").columns[0].missing == "left out"
    few = insights_of(choices_of(receipt("analysis"), receipt()))
    assert few.shares == insights.shares
    assert all(one.is_empty for one in (*few.all_sections, *insights.all_sections))
    assert empty_text(few) == empty_text(insights)


def test_a_revealing_column_is_left_out() -> None:
    # Nine days are as large as possible, so the total reveals the tenth.
    receipts = [receipt(time=NOON + n * DAY) for n in range(9) for _ in range(19)]
    receipts += [receipt(time=NOON + 9 * DAY) for _ in range(9)]
    # The period has no other day.
    period = Period(since=date(2026, 11, 24), until=date(2026, 12, 3))
    shown = banners({"2026-11-24": 50})
    insights = insights_of(choices_of(*receipts), shown, period=period, unit="day")
    found = section(insights, "choices_over_time")
    assert [one.missing for one in found.columns] == ["", "left out"]
    assert cell_text(None, 10, found.columns[1]) == "left out"


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
    one_day = CookieCounts(stripped=stripped, unknown={}, first="2026-11-24", last="2026-11-24")
    found = section(insights_of(None, None, one_day), "stripped")
    assert found.text.endswith("Counted on 2026-11-24.")


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


def tables(choices: ChoiceCounts, shown: BannerCounts | None = None) -> list[Table]:
    by_day = [choices.granted, choices.refused]
    steps = choose_steps(by_day, choices.kinds.total(), Period(), 10, "day")
    return tables_of(choices, shown, None, steps, Steps(unit="month", ids=("2026-11",)), 10)


@given(groups=st.lists(some_receipts(), max_size=8), extra=st.none() | st.integers(0, 3))
def test_the_known_sums_are_true(groups: list[list[Receipt]], extra: int | None) -> None:
    choices = choices_of(*(one for group in groups for one in group))
    shown = (
        None if extra is None else banners({f"2026-11-{24 + day}": 20 * extra for day in range(4)})
    )
    found = tables(choices, shown)
    counts = {(table.id, row): count for table in found for row, count in table.counts.items()}
    for one in known_sums(found):
        there = sum(counts[cell] for cell in one.parts if cell in counts)
        is_whole = all(cell in counts for cell in one.parts)
        if one.total in counts:
            assert there == counts[one.total] if is_whole else there <= counts[one.total]


@given(groups=st.lists(some_receipts(), max_size=8))
def test_totals_of_usual_ledgers_are_published(groups: list[list[Receipt]]) -> None:
    choices = choices_of(*(one for group in groups for one in group))
    found = tables(choices)
    shown = publish(found, known_sums(found), 10)
    assert shown["choices"] is not None
    assert shown["grants"] is not None


def test_kinds_that_the_total_would_reveal_are_withheld() -> None:
    # Of six choices at most two grant, two refuse and two withdraw: then two do each.
    receipts = [receipt("analysis"), receipt(), receipt(kind="withdrawal")] * 2
    choices = choices_of(*receipts)
    found = tables(choices)
    shown = publish(found, known_sums(found), 3)
    assert shown["choices"] == {"all": 6}
    assert shown["kinds"] is None


def test_a_site_without_a_count_to_show_says_why() -> None:
    few = insights_of(choices_of(receipt()))
    assert small_text(few).startswith("No count has reached 10 yet, so none is shown.")
    assert "a share once it rests on 200" in small_text(few)
    assert small_text(insights_of(choices_of(receipt()), threshold=1)) == ""
    none = insights_of(choices_of(), threshold=1)
    assert small_text(none).startswith("There is no choice yet.")
    assert small_text(insights_of(choices_of(*(receipt() for _ in range(10))))) == ""
