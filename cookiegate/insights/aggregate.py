"""Sums of receipts, banners and verdicts, without any fact about a visitor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from cookiegate.enforcement.verdict import Reason
from cookiegate.http.signals import SIGNAL_SETS
from cookiegate.registry.part_ids import category_of

if TYPE_CHECKING:
    from cookiegate.ledger.receipts import Receipt
    from cookiegate.ledger.refusals import RefusalKey
    from cookiegate.reports.sqlite import BannerRow, StoredRow

__all__ = [
    "KINDS",
    "SIGNALS",
    "SURFACES",
    "BannerCounts",
    "ChoiceCounts",
    "CookieCounts",
    "Period",
    "count_banners",
    "count_cookies",
    "count_receipts",
]

#: Kinds of receipts that record a choice; the kind "void" cancels another receipt.
KINDS: Final = ("grant", "change", "refusal", "withdrawal")
SURFACES: Final = ("banner", "settings", "api", "code")
#: Signals that came with a choice, sorted.
SIGNALS: Final = tuple(" ".join(sorted(signals)) for signals in SIGNAL_SETS.values())


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Days (UTC), including the first and the last; None for no limit."""

    since: date | None = None
    until: date | None = None

    @property
    def start(self) -> int | None:
        """The beginning, in Unix seconds."""
        return None if self.since is None else _seconds(self.since)

    @property
    def end(self) -> int | None:
        """The end, exclusive, in Unix seconds."""
        return None if self.until is None else _seconds(self.until) + 86_400

    def contains(self, moment: int) -> bool:
        """Return whether a moment, in Unix seconds, is in the period."""
        start, end = self.start, self.end
        return (start is None or moment >= start) and (end is None or moment < end)


def _zeros(keys: Sequence[str] = ()) -> Counter[str]:
    counter: Counter[str] = msgspec.field(default_factory=lambda: Counter(dict.fromkeys(keys, 0)))
    return counter


class ChoiceCounts(msgspec.Struct, kw_only=True):
    """How many choices were made in a period."""

    #: All choices, by kind and by signals.
    kinds: Counter[str] = _zeros(KINDS)
    signals: Counter[str] = _zeros(SIGNALS)
    #: Choices that grant something, by category, surface, language ("" if unknown), and version
    #: of the registry.
    categories: Counter[str] = _zeros()
    surfaces: Counter[str] = _zeros(SURFACES)
    languages: Counter[str] = _zeros()
    versions: Counter[str] = _zeros()
    #: By day: the answers of visitors (first grants and refusals that are not by code), and all
    #: withdrawals.
    granted: Counter[str] = _zeros()
    refused: Counter[str] = _zeros()
    withdrawn: Counter[str] = _zeros()
    #: Grants by code without evidence, which are in none of the others.
    without_evidence: int = 0

    def add(self, receipt: Receipt, count: int) -> None:
        """Add a receipt (1), or subtract one that was voided (-1)."""
        if receipt.lacks_evidence:
            self.without_evidence += count
            return
        self.kinds[receipt.kind] += count
        self.signals[" ".join(sorted(receipt.signals))] += count
        # A category of which a service was granted counts like one that was granted as a whole.
        granted = set(map(category_of, receipt.granted))
        for id in receipt.offered:
            self.categories[id] += count if id in granted else 0
        day = _day(receipt.time)
        if receipt.kind == "grant" and receipt.surface != "code":
            self.granted[day] += count
        if receipt.kind == "refusal" and receipt.surface != "code":
            self.refused[day] += count
        if receipt.kind == "withdrawal":
            self.withdrawn[day] += count
        if receipt.granted:
            self.surfaces[receipt.surface] += count
            version = f"{receipt.site}, version {receipt.version}"
            for counter, key in (
                (self.languages, receipt.language or ""),
                (self.versions, version),
            ):
                counter[key] += count
                if not counter[key]:
                    del counter[key]

    def add_refusals(self, key: RefusalKey, count: int) -> None:
        """Add refusals of which the ledger has no receipts."""
        self.kinds["refusal"] += count
        self.signals[key.signals] += count
        if key.surface != "code":
            self.refused[_day(key.day)] += count


class BannerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many banners were shown."""

    days: Mapping[str, int]
    languages: Mapping[str, int]


class CookieCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many cookies were or would be stripped, or are unknown, on all days together."""

    stripped: Mapping[str, int]
    unknown: Mapping[str, int]
    #: The days of the first and the last verdict.
    first: str | None
    last: str | None


def count_receipts(
    receipts: Iterable[Receipt], find: Callable[[str], Receipt | None], period: Period
) -> ChoiceCounts:
    """
    Count receipts one by one, in memory that depends only on days and registries.

    A grant that never took effect is not counted: its void follows within a day.

    Args:
        receipts: The receipts of the period and of one day more.
        find: Return the receipt with an id, or None if it was deleted.
        period: The days to count.
    """
    counts = ChoiceCounts()
    for receipt in receipts:
        if receipt.kind != "void":
            if period.contains(receipt.time):
                counts.add(receipt, 1)
        elif receipt.closes is not None:
            voided = find(receipt.closes)
            if voided is not None and period.contains(voided.time):
                counts.add(voided, -1)
    return counts


def count_banners(rows: Iterable[BannerRow], period: Period) -> BannerCounts:
    """Add up banners by day and by language."""
    days: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for row in rows:
        if period.contains(_seconds(date.fromisoformat(row.day))):
            days[row.day] += row.count
            languages[row.language] += row.count
    return BannerCounts(days=days, languages=languages)


def count_cookies(rows: Iterable[StoredRow]) -> CookieCounts:
    """Add up verdicts by cookie, over all routes."""
    stripped: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    moments: list[int] = []
    for row in rows:
        key = row.key
        moments += [row.first_seen, row.last_seen]
        if not key.is_set_cookie:
            continue
        if key.is_unknown:
            unknown[key.subject] += row.count
        elif not key.allowed and key.reason is not Reason.DELETION:
            stripped[key.subject] += row.count
    return CookieCounts(
        stripped=stripped,
        unknown=unknown,
        first=(_day(min(moments)) or None) if moments else None,
        last=(_day(max(moments)) or None) if moments else None,
    )


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _day(moment: int) -> str:
    """Return the day of a moment; "" for one that no calendar has, as a forged receipt may."""
    try:
        return (date(1970, 1, 1) + timedelta(days=moment // 86_400)).isoformat()
    except OverflowError:
        return ""
