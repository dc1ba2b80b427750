"""The sections to show: published counts with titles and explanations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from cookiegate.http.signals import SIGNAL_TABLE, SIGNALS

from .aggregate import BannerCounts, ChoiceCounts, CookieCounts, Period
from .suppression import Published, publish
from .tables import days_of, known_sums, tables_of

__all__ = ["Column", "Insights", "Section", "SectionRow", "build_insights", "count_text"]

#: Why a column has no counts: no source has them, or they would reveal a suppressed count.
Missing = Literal["", "not known", "left out"]

# How many cookies to name, the most frequent first.
_MAX_COOKIES: Final = 20
_KIND_TITLES: Final = {
    "grant": "First grant",
    "change": "Change of a grant",
    "refusal": "Refusal",
    "withdrawal": "Withdrawal",
}
_SURFACE_TITLES: Final = {
    "banner": "Banner",
    "settings": "Settings page",
    "api": "API, without the banner",
    "code": "Code, with evidence",
}
_SIGNAL_TITLES: Final[Mapping[str, str]] = {
    "": "No signal",
    " ".join(sorted(SIGNALS)): "Both" if len(SIGNALS) == 2 else "All",
    **{one.id: one.title for one in SIGNAL_TABLE},
}
_NO_TITLES: Final[Mapping[str, str]] = {}
_NO_LEDGER: Final = "What visitors chose: no ledger was read (--ledger)."
_NO_FILE: Final = (
    "How often banners were shown, what was stripped and what is unknown: no file of counts was "
    "read (--report)."
)
_NO_BANNERS: Final = (
    "How often banners were shown and ignored: the file of counts has no banners; let the pages "
    "count them: Pages(gate, on_banner=Banners(FILE))."
)
_DAYS: Final = (
    "Shown counts each page made with a banner in it and each API answer that says to ask: one "
    "visitor may see the banner on several pages, and robots are included. Chosen counts the "
    "choices made on the banner or through the API. Ignored is shown minus chosen, computed from "
    "the rounded numbers and never below 0: it counts banners, not visitors. Days are in UTC."
)
_GRANTS: Final = "Of the choices that grant something."
_STRIPPED: Final = (
    "Cookies that were stripped, or would be where the gate only reports. This counts cookies, "
    "not visitors."
)
_UNKNOWN: Final = "Cookies that no entry of the registry names: cookiegate report --propose."


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a section."""

    id: str
    title: str
    missing: Missing = ""


class SectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a section. A count of 0 is under the threshold; None is missing."""

    id: str
    title: str
    counts: tuple[int | None, ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table of counts, which the page also draws as a chart."""

    id: str
    title: str
    #: What is counted, and what it does not mean.
    text: str
    #: The title of the column of row titles.
    row_title: str
    columns: tuple[Column, ...]
    rows: tuple[SectionRow, ...]
    #: How many further rows are not listed.
    more: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is no count to show."""
        return not self.rows or all(column.missing for column in self.columns)


class Insights(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is shown."""

    site: str
    #: Days, as "2026-11-25"; None for no limit.
    since: str | None
    until: str | None
    threshold: int
    #: One row for each total.
    totals: Section
    sections: tuple[Section, ...]
    #: A sentence for each source that is missing.
    not_known: tuple[str, ...]


def build_insights(
    choices: ChoiceCounts | None,
    banners: BannerCounts | None,
    cookies: CookieCounts | None,
    *,
    period: Period,
    threshold: int,
    site: str = "",
    titles: Mapping[str, str] | None = None,
) -> Insights:
    """
    Return what may be shown of counts.

    Args:
        choices: The ledger's counts, if a ledger was read.
        banners: The counts of banners, if there are any.
        cookies: The counts of verdicts, if a file was read.
        period: The days of choices and banners.
        threshold: Suppress counts below this.
        site: The site's name.
        titles: Titles of categories, by id.
    """
    days = days_of(choices, banners, period, threshold)
    tables = tables_of(choices, banners, cookies, days, threshold)
    has_all_days = period.since is not None and period.until is not None and bool(days)
    published = publish(tables, known_sums(tables, has_all_days=has_all_days), threshold)
    return Insights(
        site=site,
        since=None if period.since is None else period.since.isoformat(),
        until=None if period.until is None else period.until.isoformat(),
        threshold=threshold,
        totals=_totals(published),
        sections=(
            _days_section(published, days),
            *_sections(published, titles or {}, cookies),
        ),
        not_known=tuple(_not_known(choices, banners, cookies)),
    )


def count_text(count: int | None, threshold: int, missing: str = "") -> str:
    """Return a count for people: "1,200", "under 10", or `missing` for None."""
    if count is None:
        return missing
    return f"under {threshold}" if count == 0 and threshold > 1 else f"{count:,}"


def _missing(published: Published, id: str) -> Missing:
    if id not in published:
        return "not known"
    return "left out" if published[id] is None else ""


def _count(published: Published, id: str, row: str = "all") -> int | None:
    rows = published.get(id)
    return None if rows is None else rows[row]


def _ignored(shown: int | None, chosen: int | None) -> int | None:
    # From published counts, so that it reveals nothing more.
    return None if shown is None or chosen is None else max(0, shown - chosen)


def _days_section(published: Published, days: Sequence[str]) -> Section:
    shown = _missing(published, "shown by day")
    chosen = _missing(published, "on_banner by day")
    ignored: Missing = "not known" if "not known" in (shown, chosen) else shown or chosen
    withdrawn = _missing(published, "withdrawn by day")

    def row(day: str) -> SectionRow:
        seen = _count(published, "shown by day", day)
        answered = _count(published, "on_banner by day", day)
        counts = (
            seen,
            answered,
            _ignored(seen, answered),
            _count(published, "withdrawn by day", day),
        )
        return SectionRow(id=day, title=day, counts=counts)

    return Section(
        id="days",
        title="Banners and withdrawals by day",
        text=_DAYS,
        row_title="Day",
        columns=(
            Column(id="shown", title="Shown", missing=shown),
            Column(id="chosen", title="Chosen", missing=chosen),
            Column(id="ignored", title="Ignored", missing=ignored),
            Column(id="withdrawn", title="Withdrawn", missing=withdrawn),
        ),
        rows=tuple(map(row, days)),
    )


def _totals(published: Published) -> Section:
    shown, chosen = _count(published, "shown"), _count(published, "on_banner")
    without_evidence = _count(published, "without_evidence")
    counts = (
        ("shown", "Banners shown", shown),
        ("chosen", "Chosen on a banner", chosen),
        ("ignored", "Banners ignored", _ignored(shown, chosen)),
        ("choices", "Choices in all", _count(published, "choices")),
        ("grants", "Choices that grant something", _count(published, "grants")),
        ("refusals", "Refusals", _count(published, "kinds", "refusal")),
        ("withdrawals", "Withdrawals", _count(published, "kinds", "withdrawal")),
        ("without_evidence", "Grants by code without evidence", without_evidence),
    )
    return Section(
        id="totals",
        title="In all",
        text="Grants by code without evidence are in none of the other numbers.",
        row_title="What",
        columns=(Column(id="count", title="Count"),),
        rows=tuple(SectionRow(id=id, title=title, counts=(one,)) for id, title, one in counts),
    )


def _sections(
    published: Published, titles: Mapping[str, str], cookies: CookieCounts | None
) -> Iterator[Section]:
    def section(
        id: str,
        title: str,
        row_title: str,
        text: str = "",
        titles: Mapping[str, str] = _NO_TITLES,
        *,
        limit: int | None = None,
        in_order: bool = False,
    ) -> Section:
        rows = published[id] or {}
        # Sorted by the published counts: the exact ones would reveal their order.
        ids = sorted(rows, key=lambda row: (-rows[row], row))
        if in_order:
            ids = [row for row in titles if row in rows]
        return Section(
            id=id,
            title=title,
            text=text,
            row_title=row_title,
            columns=(Column(id="count", title="Count", missing=_missing(published, id)),),
            rows=tuple(
                SectionRow(id=row, title=titles.get(row) or row or "not known", counts=(rows[row],))
                for row in ids[:limit]
            ),
            more=max(0, len(rows) - limit) if limit else 0,
        )

    if "choices" in published:
        yield section("kinds", "Choices", "What was done", "", _KIND_TITLES, in_order=True)
        text = f"{_GRANTS} One may grant several categories."
        yield section("categories", "Grants by category", "Category", text, titles)
        yield section(
            "surfaces", "Grants by surface", "Where", _GRANTS, _SURFACE_TITLES, in_order=True
        )
        yield section("languages", "Grants by language", "Language", _GRANTS)
        yield section("versions", "Grants by registry version", "Registry", _GRANTS)
        text = "Of all choices: the signals that the browser sent."
        yield section("signals", "Signals", "Signal", text, _SIGNAL_TITLES, in_order=True)
    if "banner_languages" in published:
        yield section("banner_languages", "Banners by language", "Language")
    if cookies is not None:
        is_dated = cookies.first is not None and cookies.last is not None
        when = f" Counted from {cookies.first} to {cookies.last}." if is_dated else ""
        text, nameless = _STRIPPED + when, {"": "(no name)"}
        yield section("stripped", "Cookies stripped", "Cookie", text, nameless, limit=_MAX_COOKIES)
        yield section("unknown", "Cookies unknown", "Cookie", _UNKNOWN + when, limit=_MAX_COOKIES)


def _not_known(
    choices: ChoiceCounts | None, banners: BannerCounts | None, cookies: CookieCounts | None
) -> Iterator[str]:
    if choices is None:
        yield _NO_LEDGER
    if cookies is None:
        yield _NO_FILE
    elif banners is None:
        yield _NO_BANNERS
