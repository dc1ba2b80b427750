"""The sections to show: published counts with titles and explanations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from cookiegate.http.signals import SIGNAL_TABLE, SIGNALS

from .aggregate import BannerCounts, ChoiceCounts, CookieCounts, Period
from .shares import Share, enough_for_a_share, share_of, shares_of
from .steps import Steps, StepUnit, choose_steps, lists_every_step
from .suppression import Cell, Published, publish
from .tables import OUTCOMES, known_sums, tables_of

__all__ = [
    "Column",
    "Insights",
    "Section",
    "SectionRow",
    "ShareGroup",
    "build_insights",
    "cell_text",
    "count_text",
]

#: Why a column has no counts: they would reveal a suppressed count.
Missing = Literal["", "left out"]

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
_TITLES: Final = {
    "shown": "Shown",
    "granted": "Granted",
    "refused": "Refused",
    "ignored": "Ignored",
    "withdrawn": "Withdrawn",
}
_STEP_TITLES: Final[Mapping[StepUnit, str]] = {
    "day": "Day",
    "week": "Week from",
    "month": "Month",
    "year": "Year",
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
# A count follows "of" if shares are shown.
_CHOICES: Final = "Of{} choices."
_SIGNALS: Final = "What the browser sent with{} choices."
_GRANTS: Final = "Of{} choices that grant something."
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
    #: How to call a cell that is None although the column is not missing.
    none: str = "not known"


class SectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a section. A count of 0 is under the threshold; None is missing, or too few."""

    id: str
    title: str
    cells: tuple[int | Share | None, ...]

    @property
    def count(self) -> int:
        """The first cell, if it has a count to show."""
        return self.cells[0] if isinstance(self.cells[0], int) else 0


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
        """Whether there is no count to show, except suppressed ones."""
        return not any(cell for row in self.rows for cell in row.cells)


class ShareGroup(msgspec.Struct, frozen=True, kw_only=True):
    """What became of something that was counted, in shares."""

    id: str
    title: str
    #: The count that the shares rest on.
    of: int | None
    #: Ids and titles of the parts.
    titles: Mapping[str, str]
    #: A share for each part; None if there is too little to have a share of.
    shares: tuple[Share, ...] | None


class Insights(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is shown."""

    site: str
    #: Days, as "2026-11-25"; None for no limit.
    since: str | None
    until: str | None
    threshold: int
    #: The length of a step in time, and of one for withdrawals.
    unit: StepUnit
    withdrawal_unit: StepUnit
    shares: tuple[ShareGroup, ...]
    #: With one row for each step.
    over_time: tuple[Section, ...]
    #: One row for each total.
    totals: Section
    sections: tuple[Section, ...]
    #: A sentence for each source that is missing.
    not_known: tuple[str, ...]

    @property
    def all_sections(self) -> tuple[Section, ...]:
        """Every section except the totals."""
        return (*self.over_time, *self.sections)


def build_insights(
    choices: ChoiceCounts | None,
    banners: BannerCounts | None,
    cookies: CookieCounts | None,
    *,
    period: Period,
    threshold: int,
    unit: StepUnit | None = None,
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
        unit: The length of a step in time, except of withdrawals; None to choose one.
        site: The site's name.
        titles: Titles of categories, by id.
    """
    steps, withdrawal_steps = _choose_steps(choices, banners, period, threshold, unit)
    tables = tables_of(choices, banners, cookies, steps, withdrawal_steps, threshold)
    sums = known_sums(tables, has_all_steps=lists_every_step(period))
    published = publish(tables, sums, threshold)
    return Insights(
        site=site,
        since=None if period.since is None else period.since.isoformat(),
        until=None if period.until is None else period.until.isoformat(),
        threshold=threshold,
        unit=steps.unit,
        withdrawal_unit=withdrawal_steps.unit,
        shares=tuple(_share_groups(published, threshold)),
        over_time=tuple(_over_time(published, steps, withdrawal_steps, threshold)),
        totals=_totals(published),
        sections=tuple(_sections(published, titles or {}, cookies, threshold)),
        not_known=tuple(_not_known(choices, banners, cookies)),
    )


def count_text(count: int | None, threshold: int, missing: str = "") -> str:
    """Return a count for people: "1,200", "under 10", or `missing` for None."""
    if count is None:
        return missing
    return f"under {threshold}" if count == 0 and threshold > 1 else f"{count:,}"


def cell_text(cell: int | Share | None, threshold: int, column: Column) -> str:
    """Return a count or a share for people, or the reason why it is missing."""
    if isinstance(cell, Share):
        return cell.text
    return count_text(cell, threshold, column.missing or column.none)


def _missing(published: Published, id: str) -> Missing:
    return "left out" if published[id] is None else ""


def _count(published: Published, id: str, row: str = "all") -> int | None:
    rows = published.get(id)
    return None if rows is None else rows[row]


def _counts(published: Published, cells: Sequence[Cell]) -> tuple[int, ...] | None:
    counts = [_count(published, id, row) for id, row in cells]
    known = tuple(count for count in counts if count is not None)
    return known if len(known) == len(counts) else None


def _share_groups(published: Published, threshold: int) -> Iterator[ShareGroup]:
    def group(id: str, title: str, of: int | None, outcomes: Sequence[str]) -> ShareGroup:
        counts = _counts(published, [(id, one) for one in outcomes])
        return ShareGroup(
            id=id,
            title=title,
            of=of,
            titles={one: _TITLES[one] for one in outcomes},
            shares=None if counts is None else shares_of(counts, of or 0, threshold),
        )

    if "banners" in published:
        of = _count(published, "banners", "shown")
        yield group("banners", "Banners shown", of, OUTCOMES)
    if "answers" in published:
        counts = _counts(published, [("answers", one) for one in OUTCOMES[:2]])
        of = None if counts is None else sum(counts)
        yield group("answers", "Answers", of, OUTCOMES[:2])
        granted, withdrawn = (_count(published, "kinds", one) for one in ("grant", "withdrawal"))
        share = share_of(withdrawn or 0, granted or 0, threshold, has_decimal=True)
        yield ShareGroup(
            id="grants",
            title="First grants",
            of=granted,
            titles={"withdrawn": _TITLES["withdrawn"]},
            shares=None if share is None else (share,),
        )


def _choose_steps(
    choices: ChoiceCounts | None,
    banners: BannerCounts | None,
    period: Period,
    threshold: int,
    unit: StepUnit | None,
) -> tuple[Steps, Steps]:
    by_day: list[Mapping[str, int]] = []
    withdrawn: Mapping[str, int] = {}
    total = 0
    if banners is not None:
        by_day.append(banners.days)
        total = sum(banners.days.values())
    if choices is not None:
        by_day += [choices.granted, choices.refused]
        withdrawn = choices.withdrawn
        total = choices.kinds.total()
    return (
        choose_steps(by_day, total, period, threshold, unit),
        choose_steps([withdrawn], sum(withdrawn.values()), period, threshold),
    )


def _over_time(
    published: Published, steps: Steps, withdrawal_steps: Steps, threshold: int
) -> Iterator[Section]:
    def counts(id: str, title: str, columns: Sequence[str], steps: Steps) -> Section:
        return _by_step(
            id,
            title,
            [
                Column(id=one, title=_TITLES[one], missing=_missing(published, f"{one} by step"))
                for one in columns
            ],
            steps,
            [
                tuple(_count(published, f"{one} by step", step) for one in columns)
                for step in steps.ids
            ],
        )

    if "shown by step" in published:
        yield counts("banners_over_time", "Banners over time", ["shown"], steps)
    if "granted by step" in published:
        yield _shares_by_step(published, steps, threshold)
        yield counts("choices_over_time", "Choices over time", OUTCOMES[:2], steps)
        yield counts(
            "withdrawals_over_time", "Withdrawals over time", ["withdrawn"], withdrawal_steps
        )


def _shares_by_step(published: Published, steps: Steps, threshold: int) -> Section:
    # Of banners, or else of answers.
    outcomes: Sequence[str] = OUTCOMES
    prefix, whole = "banners ", "Banners"
    if "banners" not in published:
        outcomes, prefix, whole = OUTCOMES[:2], "", "Answers"
    rows: list[tuple[int | Share | None, ...]] = []
    for step in steps.ids:
        counts = _counts(published, [(f"{prefix}{one} by step", step) for one in outcomes])
        of = _count(published, f"{prefix}shown by step", step) if prefix else sum(counts or ())
        shares = shares_of(counts or (), of or 0, threshold)
        rows.append((of, *(shares or [None] * len(outcomes))))
    if not any(isinstance(cell, Share) for row in rows for cell in row):
        rows = []
    return _by_step(
        "shares_over_time",
        f"Shares of {whole.lower()} over time",
        [
            Column(id="of", title=whole),
            *(Column(id=one, title=_TITLES[one], none="too few") for one in outcomes),
        ],
        steps,
        rows,
    )


def _by_step(
    id: str,
    title: str,
    columns: Sequence[Column],
    steps: Steps,
    rows: Sequence[tuple[int | Share | None, ...]],
) -> Section:
    return Section(
        id=id,
        title=title,
        text="",
        row_title=_STEP_TITLES[steps.unit],
        columns=tuple(columns),
        rows=tuple(
            SectionRow(id=step, title=step, cells=cells)
            for step, cells in zip(steps.ids, rows, strict=False)
        ),
    )


def _totals(published: Published) -> Section:
    counts = (
        ("shown", "Banners shown", _count(published, "shown")),
        ("ignored", "Banners ignored", _count(published, "banners", "ignored")),
        ("choices", "Choices in all", _count(published, "choices")),
        ("grants", "Choices that grant something", _count(published, "grants")),
        ("refusals", "Refusals", _count(published, "kinds", "refusal")),
        ("withdrawals", "Withdrawals", _count(published, "kinds", "withdrawal")),
        (
            "without_evidence",
            "Grants by code without evidence",
            _count(published, "without_evidence"),
        ),
    )
    return Section(
        id="totals",
        title="In all",
        text="Grants by code without evidence are in none of the other numbers.",
        row_title="What",
        columns=(Column(id="count", title="Count"),),
        rows=tuple(SectionRow(id=id, title=title, cells=(one,)) for id, title, one in counts),
    )


def _sections(
    published: Published, titles: Mapping[str, str], cookies: CookieCounts | None, threshold: int
) -> Iterator[Section]:
    def section(
        id: str,
        title: str,
        row_title: str,
        text: str = "",
        titles: Mapping[str, str] = _NO_TITLES,
        *,
        whole: str = "",
        limit: int | None = None,
        in_order: bool = False,
    ) -> Section:
        rows = published[id] or {}
        # Sorted by the published counts: the exact ones would reveal their order.
        ids = sorted(rows, key=lambda row: (-rows[row], row))
        if in_order:
            ids = [row for row in titles if row in rows]
        of = _count(published, whole) if whole else None
        columns = [Column(id="count", title="Count", missing=_missing(published, id))]
        if has_shares := of is not None and of >= enough_for_a_share(threshold):
            columns.append(Column(id="share", title="Share", none=""))

        def cells(row: str) -> tuple[int | Share | None, ...]:
            share = share_of(rows[row], of or 0, threshold) if rows[row] else None
            return (rows[row], share) if has_shares else (rows[row],)

        return Section(
            id=id,
            title=title,
            text=text.format(f" {of:,}" if has_shares else " all"),
            row_title=row_title,
            columns=tuple(columns),
            rows=tuple(
                SectionRow(id=row, title=titles.get(row) or row or "not known", cells=cells(row))
                for row in ids[:limit]
            ),
            more=max(0, len(rows) - limit) if limit else 0,
        )

    if "choices" in published:
        yield section(
            *("kinds", "Choices", "What was done", _CHOICES, _KIND_TITLES),
            whole="choices",
            in_order=True,
        )
        text = f"{_GRANTS} One may grant several categories."
        yield section("categories", "Grants by category", "Category", text, titles, whole="grants")
        yield section(
            *("surfaces", "Grants by surface", "Where", _GRANTS, _SURFACE_TITLES),
            whole="grants",
            in_order=True,
        )
        yield section("languages", "Grants by language", "Language", _GRANTS, whole="grants")
        yield section("versions", "Grants by registry version", "Registry", _GRANTS, whole="grants")
        yield section(
            *("signals", "Signals", "Signal", _SIGNALS, _SIGNAL_TITLES),
            whole="choices",
            in_order=True,
        )
    if "banner_languages" in published:
        text = "Of{} banners shown."
        yield section("banner_languages", "Banners by language", "Language", text, whole="shown")
    if cookies is not None:
        when = ""
        if cookies.first is not None and cookies.last is not None:
            days = f"from {cookies.first} to {cookies.last}"
            when = f" Counted {days if cookies.first != cookies.last else f'on {cookies.first}'}."
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
