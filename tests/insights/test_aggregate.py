"""Receipts, banners and verdicts are counted, and no other fact about them is kept."""

from collections.abc import Iterable, Iterator
from datetime import date
from sys import getrefcount
from typing import Any

import msgspec
import pytest

from cookiegate import Reason
from cookiegate.insights import ChoiceCounts, Period
from cookiegate.insights.aggregate import count_banners, count_cookies, count_receipts
from cookiegate.ledger import Receipt
from cookiegate.ledger.receipts import void_receipt
from cookiegate.ledger.refusals import RefusalKey
from cookiegate.reports.sqlite import BannerRow, StoredRow
from cookiegate.reports.tally import VerdictRow
from tests.insights.receipts import receipt
from tests.registries import DAY, NOON
from tests.reports.rows import row

TODAY = Period(since=date(2026, 11, 24), until=date(2026, 11, 24))


def counted(
    receipts: Iterable[Receipt], period: Period | None = None, found: Receipt | None = None
) -> ChoiceCounts:
    return count_receipts(receipts, lambda id: found, period or Period())


def test_choices_are_counted_by_kind_and_signal() -> None:
    choices = counted(
        [
            receipt("analysis"),
            receipt("analysis", "marketing", kind="change", surface="settings"),
            receipt(signals=("gpc", "dnt")),
            receipt(kind="withdrawal", surface="settings", signals=("gpc",)),
        ]
    )
    assert choices.kinds == {"grant": 1, "change": 1, "refusal": 1, "withdrawal": 1}
    assert choices.signals == {"": 2, "dnt": 0, "gpc": 1, "dnt gpc": 1}
    assert choices.granted == {"2026-11-24": 1}
    assert choices.refused == {"2026-11-24": 1}
    assert choices.withdrawn == {"2026-11-24": 1}


@pytest.mark.parametrize("surface", ["banner", "settings", "api", "code"])
def test_answers_are_first_grants_and_refusals_by_visitors(surface: str) -> None:
    choices = counted(
        [
            receipt("analysis", surface=surface, evidence="paper form 4711"),
            receipt("analysis", surface=surface, evidence="paper form 4711", kind="change"),
            receipt(surface=surface),
            receipt(surface=surface, kind="withdrawal"),
        ]
    )
    of_refusals = ChoiceCounts()
    facts: Any = {"day": NOON - NOON % DAY, "site": "shop", "version": 3, "surface": surface}
    of_refusals.add_refusals(RefusalKey(**facts, language="sv", signals=""), 7)
    expected = int(surface != "code")
    assert (choices.granted.total(), choices.refused.total()) == (expected, expected)
    assert of_refusals.refused.total() == 7 * expected
    assert of_refusals.kinds["refusal"] == 7


def test_grants_are_counted_by_category_surface_language_and_version() -> None:
    choices = counted(
        [
            receipt("analysis"),
            receipt("analysis", "marketing", kind="change", surface="settings", version=4),
            receipt("analysis", surface="code", language=None, evidence="paper form 4711"),
            receipt(language="en"),
        ]
    )
    assert choices.categories == {"analysis": 3, "functional": 0, "marketing": 1}
    assert choices.surfaces == {"banner": 1, "settings": 1, "api": 0, "code": 1}
    assert choices.languages == {"sv": 2, "": 1}
    assert choices.versions == {"shop, version 3": 2, "shop, version 4": 1}


def test_grants_by_code_without_evidence_are_counted_apart() -> None:
    choices = counted([receipt("analysis", surface="code", language=None)])
    assert choices.without_evidence == 1
    assert sum(choices.kinds.values()) == 0
    assert choices.languages == {}


def test_a_grant_that_never_took_effect_is_not_counted() -> None:
    grant = receipt("analysis", id="grant", evidence="SECRET")
    void = void_receipt(grant, id="void", time=NOON + 5)
    choices = counted([grant, receipt(), void], found=grant)
    assert choices == counted([receipt()])
    # The void may be read first, and may be from the day after the period.
    assert counted([void, grant, receipt()], found=grant) == choices
    late = void_receipt(grant, id="void", time=NOON + DAY)
    assert counted([grant, receipt(), late], TODAY, found=grant) == choices


def test_a_void_of_a_receipt_that_was_not_counted_changes_nothing() -> None:
    grant = receipt("analysis", time=NOON - DAY)
    void = void_receipt(grant, id="void", time=NOON)
    nothing = counted([])
    assert counted([void], TODAY, found=grant) == nothing
    assert counted([void], TODAY, found=None) == nothing
    assert counted([msgspec.structs.replace(void, closes=None)]) == nothing


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [(None, None, 3), (24, None, 2), (None, 24, 2), (24, 24, 1), (26, None, 0)],
)
def test_a_period_includes_its_first_and_its_last_day(
    since: int | None, until: int | None, expected: int
) -> None:
    midnight = NOON - NOON % DAY
    moments = [midnight - 1, midnight, midnight + DAY]
    period = Period(
        since=date(2026, 11, since) if since else None,
        until=date(2026, 11, until) if until else None,
    )
    choices = counted([receipt(time=moment) for moment in moments], period)
    assert choices.kinds["refusal"] == expected
    rows = [BannerRow(day=f"2026-11-{n}", language="sv", count=1) for n in (23, 24, 25)]
    assert sum(count_banners(rows, period).days.values()) == expected


def test_banners_are_counted_by_day_and_by_language() -> None:
    rows = [
        BannerRow(day="2026-11-24", language="sv", count=3),
        BannerRow(day="2026-11-24", language="en", count=2),
        BannerRow(day="2026-11-25", language="sv", count=1),
    ]
    banners = count_banners(rows, Period())
    assert banners.days == {"2026-11-24": 5, "2026-11-25": 1}
    assert banners.languages == {"sv": 4, "en": 2}


def in_file(row: VerdictRow) -> StoredRow:
    return StoredRow(key=row.key, count=row.count, first_seen=NOON - DAY, last_seen=NOON)


def test_stripped_and_unknown_cookies_are_counted_apart() -> None:
    facts: dict[str, Any] = {"category": "analysis", "reason": Reason.NO_CONSENT}
    rows = [
        row("_ga", 3, route="/", **facts),
        row("_ga", 2, route="/more", action="keep", notes=(Reason.REPORT_MODE,), **facts),
        row("_gid", 7, category="analysis", reason=Reason.DELETION, action="rewrite"),
        row("_gid", 7, action="sweep", notes=(Reason.STILL_SENT,), **facts),
        row("sid", 90, reason=Reason.REQUIRED, action="keep", allowed=True),
        row("who_*", 4),
        row("what", 1, reason=Reason.UNKNOWN_ALLOWED, action="keep", allowed=True),
    ]
    cookies = count_cookies(map(in_file, rows))
    assert cookies.stripped == {"_ga": 5}
    assert cookies.unknown == {"who_*": 4, "what": 1}
    assert (cookies.first, cookies.last) == ("2026-11-23", "2026-11-24")


def test_an_empty_file_of_counts_has_no_days() -> None:
    cookies = count_cookies([])
    assert (cookies.first, cookies.last) == (None, None)


def test_no_receipt_is_held_and_memory_does_not_grow_with_their_number() -> None:
    references: set[int] = set()

    def many(count: int) -> Iterator[Receipt]:
        for number in range(count):
            one = receipt("analysis", id=f"id{number}", time=NOON + number % 7 * DAY)
            yield one
            references.add(getrefcount(one))

    def size(choices: ChoiceCounts) -> int:
        return len(repr(choices))

    # One reference here, one by getrefcount, and one by the loop that just counted it.
    few, more = counted(many(1_000)), counted(many(4_000))
    assert max(references) <= 3
    assert size(few) == size(more)
