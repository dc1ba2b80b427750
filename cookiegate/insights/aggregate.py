"""Receipts, banners and verdicts counted. What comes out knows numbers, and nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from cookiegate.enforcement.verdict import Reason

if TYPE_CHECKING:
    from cookiegate.ledger.receipts import Receipt
    from cookiegate.reports.sqlite import BannerRow, StoredRow

__all__ = [
    "ASKED",
    "KINDS",
    "SIGNALS",
    "SURFACES",
    "Banners",
    "Choices",
    "Cookies",
    "Period",
    "count_banners",
    "count_cookies",
    "count_receipts",
]

#: What is counted of choices; a receipt of the kind "void" only undoes another.
KINDS: Final = ("grant", "change", "refusal", "withdrawal")
SURFACES: Final = ("banner", "settings", "api", "code")
#: Signals that came with a choice, each in its place in the alphabet.
SIGNALS: Final = ("", "dnt", "gpc", "dnt gpc")
#: Where a choice answers a banner: the site's, or one of a front end that asked the API.
ASKED: Final = ("banner", "api")


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Days (UTC), the first and the last of them included; None for no end."""

    since: date | None = None
    until: date | None = None

    @property
    def start(self) -> int | None:
        """The first moment, in Unix seconds."""
        return None if self.since is None else _seconds(self.since)

    @property
    def end(self) -> int | None:
        """The first moment after it, in Unix seconds."""
        return None if self.until is None else _seconds(self.until) + 86_400

    def has(self, moment: int) -> bool:
        """Whether a moment lies in it."""
        start, end = self.start, self.end
        return (start is None or moment >= start) and (end is None or moment < end)

    def has_day(self, day: str) -> bool:
        """Whether a day, as "2026-11-25", lies in it."""
        return self.has(_seconds(date.fromisoformat(day)))


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """How often visitors chose what, in one period."""

    #: All choices, by kind and by the signals that came with them.
    kinds: Mapping[str, int]
    signals: Mapping[str, int]
    #: Choices that grant something, by what they grant, where, in which language ("" where that
    #: is not known), and from which version of which registry.
    categories: Mapping[str, int]
    surfaces: Mapping[str, int]
    languages: Mapping[str, int]
    versions: Mapping[str, int]
    #: By day: choices that answer a banner, and withdrawals.
    asked: Mapping[str, int]
    withdrawn: Mapping[str, int]
    #: Grants by code that says nothing of what they rest on; they are in none of the others.
    without_evidence: int


class Banners(msgspec.Struct, frozen=True, kw_only=True):
    """How often banners were shown."""

    days: Mapping[str, int]
    languages: Mapping[str, int]


class Cookies(msgspec.Struct, frozen=True, kw_only=True):
    """What was or would be stripped, and what the registry lacks; of all days together."""

    stripped: Mapping[str, int]
    unknown: Mapping[str, int]
    #: The days of the first verdict and of the last.
    first: str | None
    last: str | None


def count_receipts(
    receipts: Iterable[Receipt], find: Callable[[str], Receipt | None], period: Period
) -> Choices:
    """
    Count receipts one by one, in memory that depends on days and registries alone.

    A grant that never took effect is not counted: its void, which comes within a day, undoes it.

    Args:
        receipts: Those of the period, and of a day more.
        find: Gives the receipt that a void closes; None where it is no more.
        period: What is counted.
    """
    counting = _Counting()
    for receipt in receipts:
        if receipt.kind != "void":
            if period.has(receipt.time):
                counting.add(receipt, 1)
        elif receipt.closes is not None:
            undone = find(receipt.closes)
            if undone is not None and period.has(undone.time):
                counting.add(undone, -1)
    return counting.result()


def count_banners(rows: Iterable[BannerRow], period: Period) -> Banners:
    """Add up banners by day, and by language."""
    days: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for row in rows:
        if period.has_day(row.day):
            days[row.day] += row.count
            languages[row.language] += row.count
    return Banners(days=days, languages=languages)


def count_cookies(rows: Iterable[StoredRow]) -> Cookies:
    """Add up verdicts by cookie, wherever it was set."""
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
    return Cookies(
        stripped=stripped,
        unknown=unknown,
        first=_day(min(moments)) if moments else None,
        last=_day(max(moments)) if moments else None,
    )


class _Counting:
    def __init__(self) -> None:
        self._kinds = Counter(dict.fromkeys(KINDS, 0))
        self._signals = Counter(dict.fromkeys(SIGNALS, 0))
        self._surfaces = Counter(dict.fromkeys(SURFACES, 0))
        self._categories: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._versions: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._withdrawn: Counter[str] = Counter()
        self._without_evidence = 0

    def add(self, receipt: Receipt, count: int) -> None:
        if receipt.lacks_evidence:
            self._without_evidence += count
            return
        self._kinds[receipt.kind] += count
        self._signals[" ".join(sorted(receipt.signals))] += count
        for id in receipt.offered:
            self._categories[id] += count if id in receipt.granted else 0
        day = _day(receipt.time)
        if receipt.surface in ASKED:
            self._asked[day] += count
        if receipt.kind == "withdrawal":
            self._withdrawn[day] += count
        if receipt.granted:
            self._surfaces[receipt.surface] += count
            self._languages[receipt.language or ""] += count
            self._versions[f"{receipt.site}, version {receipt.version}"] += count

    def result(self) -> Choices:
        return Choices(
            kinds=self._kinds,
            signals=self._signals,
            categories=self._categories,
            surfaces=self._surfaces,
            # Without what was undone.
            languages=+self._languages,
            versions=+self._versions,
            asked=+self._asked,
            withdrawn=+self._withdrawn,
            without_evidence=self._without_evidence,
        )


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _day(moment: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=moment // 86_400)).isoformat()
