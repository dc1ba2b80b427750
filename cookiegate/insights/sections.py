"""What is shown: sections of counts that tell of nobody, with words for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from .aggregate import KINDS, SIGNALS, SURFACES, Banners, Choices, Cookies, Period
from .suppression import Published, publish
from .tables import days_of, known_sums, tables_of

__all__ = ["Column", "Insights", "Line", "Section", "count_text", "insights_of"]

#: Why a column has no counts: nothing was read that has them, or they would tell too much.
Missing = Literal["", "not known", "left out"]

# Of cookies the most frequent ones are named.
_MOST_NAMES: Final = 20
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
_SIGNAL_TITLES: Final = {
    "": "No signal",
    "dnt": "Do Not Track",
    "gpc": "Global Privacy Control",
    "dnt gpc": "Both",
}
_NO_LEDGER: Final = "What visitors chose: no ledger was read (--ledger)."
_NO_FILE: Final = (
    "How often banners were shown, what was stripped and what is unknown: no file of counts was "
    "read (--report)."
)
_NO_BANNERS: Final = (
    "How often banners were shown, and ignored: the file of counts has no banners; let the pages "
    "count them: Pages(gate, on_banner=Banners(FILE))."
)
_DAYS: Final = (
    "Shown counts each page that was made with a banner in it, and each answer of the API that "
    "says to ask: one visitor may see the banner on several pages, and robots are among them. "
    "Chosen counts the choices made on the banner or through the API. Ignored is shown less "
    "chosen, reckoned from the rounded numbers and never below 0; it counts showings, and not "
    "visitors. Days are those of UTC."
)
_GRANTS: Final = "Of the choices that grant something."
_STRIPPED: Final = (
    "Cookies that were stripped, or would be where the gate only reports; cookies are counted "
    "here, and not visitors."
)
_UNKNOWN: Final = "Cookies that no entry of the registry names: cookiegate report --propose"


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted."""

    id: str
    title: str
    missing: Missing = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one row says, column by column: 0 is under the threshold, None is missing."""

    id: str
    title: str
    counts: tuple[int | None, ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table of counts, which has a chart as well."""

    id: str
    title: str
    #: What is counted, and what it does not say.
    text: str
    #: What a row is.
    row: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    #: How many rows there are beyond these.
    more: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.lines or all(column.missing for column in self.columns)


class Insights(msgspec.Struct, frozen=True, kw_only=True):
    """All that is shown."""

    site: str
    #: Days, as "2026-11-25"; None where there is no end.
    since: str | None
    until: str | None
    threshold: int
    #: One row for each sum.
    totals: Section
    sections: tuple[Section, ...]
    #: Sentences about what nobody counted.
    not_known: tuple[str, ...]


def insights_of(
    choices: Choices | None,
    banners: Banners | None,
    cookies: Cookies | None,
    *,
    period: Period,
    threshold: int,
    site: str = "",
    titles: Mapping[str, str] | None = None,
) -> Insights:
    """
    Make of counts what may be shown.

    Args:
        choices: What the ledger says; None where none was read.
        banners: How often banners were shown; None where nobody counted.
        cookies: What verdicts say; None where no file was read.
        period: The days that choices and banners are of.
        threshold: Counts below it are suppressed.
        site: The site's name.
        titles: Of categories, by id.
    """
    days = days_of(choices, banners)
    tables = tables_of(choices, banners, cookies, days)
    shown = publish(tables, known_sums(tables), threshold)
    sections = [_days_section(shown, days)]
    if choices is not None:
        sections += _choice_sections(shown, titles or {})
    if banners is not None:
        sections.append(_section(shown, "banner_languages", "Banners by language", row="Language"))
    if cookies is not None:
        sections += _cookie_sections(shown, cookies)
    return Insights(
        site=site,
        since=None if period.since is None else period.since.isoformat(),
        until=None if period.until is None else period.until.isoformat(),
        threshold=threshold,
        totals=_totals(shown),
        sections=tuple(sections),
        not_known=_not_known(choices, banners, cookies),
    )


def count_text(count: int | None, threshold: int, missing: str = "") -> str:
    """A count as people read it: "1,200", "under 10", "left out"."""
    if count is None:
        return missing
    return f"under {threshold}" if count == 0 and threshold > 1 else f"{count:,}"


def _missing(shown: Published, id: str) -> Missing:
    if id not in shown:
        return "not known"
    return "left out" if shown[id] is None else ""


def _of(shown: Published, id: str, row: str) -> int | None:
    rows = shown.get(id)
    return None if rows is None else rows[row]


def _ignored(shown: int | None, chosen: int | None) -> int | None:
    # From what is shown, so that it says nothing more.
    return None if shown is None or chosen is None else max(0, shown - chosen)


def _either(one: Missing, other: Missing) -> Missing:
    return "not known" if "not known" in (one, other) else one or other


def _days_section(shown: Published, days: Sequence[str]) -> Section:
    seen, chosen = _missing(shown, "shown days"), _missing(shown, "asked days")
    return Section(
        id="days",
        title="Banners and withdrawals by day",
        text=_DAYS,
        row="Day",
        columns=(
            Column(id="shown", title="Shown", missing=seen),
            Column(id="chosen", title="Chosen", missing=chosen),
            Column(id="ignored", title="Ignored", missing=_either(seen, chosen)),
            Column(id="withdrawn", title="Withdrawn", missing=_missing(shown, "withdrawn")),
        ),
        lines=tuple(
            Line(
                id=day,
                title=day,
                counts=(
                    one := _of(shown, "shown days", day),
                    two := _of(shown, "asked days", day),
                    _ignored(one, two),
                    _of(shown, "withdrawn", day),
                ),
            )
            for day in days
        ),
    )


def _totals(shown: Published) -> Section:
    seen, chosen = _of(shown, "shown", "all"), _of(shown, "asked", "all")
    counts = (
        ("shown", "Banners shown", seen),
        ("chosen", "Chosen on a banner", chosen),
        ("ignored", "Banners ignored", _ignored(seen, chosen)),
        ("choices", "Choices in all", _of(shown, "choices", "all")),
        ("grants", "Choices that grant something", _of(shown, "grants", "all")),
        ("refusals", "Refusals", _of(shown, "kinds", "refusal")),
        ("withdrawals", "Withdrawals", _of(shown, "kinds", "withdrawal")),
        (
            "without_evidence",
            "Grants by code without evidence",
            _of(shown, "without_evidence", "all"),
        ),
    )
    return Section(
        id="totals",
        title="In all",
        text="Grants by code without evidence are in none of the other numbers.",
        row="What",
        columns=(Column(id="count", title="Count"),),
        lines=tuple(Line(id=id, title=title, counts=(one,)) for id, title, one in counts),
    )


def _section(
    shown: Published,
    id: str,
    title: str,
    *,
    row: str,
    text: str = "",
    titles: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    most: int | None = None,
) -> Section:
    rows = shown[id] or {}
    # By what is shown: an order by the counts would tell of them.
    names = [*order] or sorted(rows, key=lambda name: (-rows[name], name))
    return Section(
        id=id,
        title=title,
        text=text,
        row=row,
        columns=(Column(id="count", title="Count", missing=_missing(shown, id)),),
        lines=tuple(
            Line(id=name, title=(titles or {}).get(name) or name or "not known", counts=(count,))
            for name in names[:most]
            if (count := rows.get(name)) is not None
        ),
        more=max(0, len(rows) - most) if most else 0,
    )


def _choice_sections(shown: Published, titles: Mapping[str, str]) -> list[Section]:
    return [
        _section(shown, "kinds", "Choices", row="What was done", titles=_KIND_TITLES, order=KINDS),
        _section(
            shown,
            "categories",
            "Grants by category",
            row="Category",
            text=f"{_GRANTS} One may grant several categories.",
            titles=titles,
        ),
        _section(
            shown,
            "surfaces",
            "Grants by surface",
            row="Where",
            text=_GRANTS,
            titles=_SURFACE_TITLES,
            order=SURFACES,
        ),
        _section(shown, "languages", "Grants by language", row="Language", text=_GRANTS),
        _section(shown, "versions", "Grants by registry version", row="Registry", text=_GRANTS),
        _section(
            shown,
            "signals",
            "Signals",
            row="Signal",
            text="Of all choices: what the browser said of its own accord.",
            titles=_SIGNAL_TITLES,
            order=SIGNALS,
        ),
    ]


def _cookie_sections(shown: Published, cookies: Cookies) -> list[Section]:
    when = "" if cookies.first is None else f" Counted from {cookies.first} to {cookies.last}."
    return [
        _section(
            shown,
            "stripped",
            "Cookies stripped",
            row="Cookie",
            text=_STRIPPED + when,
            titles={"": "(no name)"},
            most=_MOST_NAMES,
        ),
        _section(
            shown,
            "unknown",
            "Cookies unknown",
            row="Cookie",
            text=_UNKNOWN + "." + when,
            most=_MOST_NAMES,
        ),
    ]


def _not_known(
    choices: Choices | None, banners: Banners | None, cookies: Cookies | None
) -> tuple[str, ...]:
    if cookies is None:
        return (_NO_FILE,) if choices is not None else (_NO_LEDGER, _NO_FILE)
    found = [] if choices is not None else [_NO_LEDGER]
    return (*found, *([] if banners is not None else [_NO_BANNERS]))
