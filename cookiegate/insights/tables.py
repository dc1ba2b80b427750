"""The tables of counts, and how their counts add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from .aggregate import BANNER_SURFACES, BannerCounts, ChoiceCounts, CookieCounts, Period
from .suppression import Sum, Table

__all__ = ["days_of", "known_sums", "tables_of"]

# More days than these are listed only if they have a count to publish.
_MAX_DAYS: Final = 3_660
# Stands for the rows that are not listed.
_REST: Final = "(not listed)"
_BY_DAY: Final = ("on_banner by day", "withdrawn by day", "shown by day")


def days_of(
    choices: ChoiceCounts | None, banners: BannerCounts | None, period: Period, threshold: int
) -> tuple[str, ...]:
    """
    Return the days to show: from the first to the last that has a count to publish, or the period.

    A day with a suppressed count alone does not extend them: that would show that it is not 0.

    Args:
        choices: The ledger's counts, if there is a ledger.
        banners: The counts of banners, if there are any.
        period: Its limits, if any, are the first and the last day.
        threshold: The least count to publish.
    """
    by_day: list[Mapping[str, int]] = []
    if choices is not None:
        by_day += [choices.on_banner, choices.withdrawn]
    if banners is not None:
        by_day.append(banners.days)
    counted = {day for counts in by_day for day, count in counts.items() if count >= threshold}
    listed = sorted(counted - {""})
    if not listed:
        return ()
    first, last = date.fromisoformat(listed[0]), date.fromisoformat(listed[-1])
    first, last = period.since or first, period.until or last
    if (last - first).days >= _MAX_DAYS:
        # A forged receipt may be of any year.
        return tuple(listed)
    return tuple((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))


def tables_of(
    choices: ChoiceCounts | None,
    banners: BannerCounts | None,
    cookies: CookieCounts | None,
    days: Sequence[str],
    threshold: int,
) -> list[Table]:
    """
    Return all counts as tables; a table further down is withheld first.

    Args:
        choices: The ledger's counts, if there is a ledger.
        banners: The counts of banners, if there are any.
        cookies: The counts of verdicts, if there are any.
        days: The days to show.
        threshold: The least count for which a table without a fixed list of rows has one. So a
            missing row shows no more than a suppressed count.
    """
    tables: list[Table] = []
    if choices is not None:
        kinds = choices.kinds
        tables += [
            _total("choices", kinds.total()),
            _total("grants", kinds["grant"] + kinds["change"]),
            _total("without_evidence", choices.without_evidence),
            _total("on_banner", choices.on_banner.total()),
            Table(id="kinds", counts=kinds),
            Table(id="categories", counts=choices.categories),
            Table(id="surfaces", counts=choices.surfaces),
            Table(id="signals", counts=choices.signals),
            _by_day("on_banner by day", choices.on_banner, days),
            _by_day("withdrawn by day", choices.withdrawn, days),
            _listed("versions", choices.versions, threshold),
            _listed("languages", choices.languages, threshold),
        ]
    if banners is not None:
        tables += [
            _total("shown", sum(banners.days.values())),
            _by_day("shown by day", banners.days, days),
            _listed("banner_languages", banners.languages, threshold),
        ]
    if cookies is not None:
        tables += [
            _listed("stripped", cookies.stripped, threshold),
            _listed("unknown", cookies.unknown, threshold),
        ]
    return tables


def known_sums(tables: Sequence[Table], *, has_all_days: bool = False) -> list[Sum]:
    """
    Return how the counts of these tables add up, as every reader knows.

    Args:
        tables: The tables.
        has_all_days: Whether no day that is not listed can have a count.
    """
    rows = {table.id: tuple((table.id, row) for row in table.counts) for table in tables}
    choices, on_banner, shown = ("choices", "all"), ("on_banner", "all"), ("shown", "all")
    grants, refusals, withdrawals = ("grants", "all"), ("kinds", "refusal"), ("kinds", "withdrawal")
    # Quantities that are not published.
    declined, granted = ("", "declined"), ("", "granted categories")
    declined_on_banner = ("", "declined on a banner")
    days = {
        id: (*rows[id], *(() if has_all_days else ((id, _REST),))) for id in _BY_DAY if id in rows
    }
    sums: list[Sum] = []
    if "choices" in rows:
        sums += [
            Sum(choices, rows["kinds"]),
            Sum(choices, rows["signals"]),
            Sum(grants, (("kinds", "grant"), ("kinds", "change"))),
            # Each choice grants something or declines everything.
            Sum(choices, (grants, declined)),
            Sum(declined, (refusals, withdrawals)),
            Sum(choices, (grants, refusals, withdrawals)),
            Sum(grants, rows["surfaces"]),
            *(Sum(grants, (*rows[id], (id, _REST))) for id in ("languages", "versions")),
            # A grant grants one category or more, and perhaps not this one.
            *(Sum(grants, (cell, ("not granted", cell[1]))) for cell in rows["categories"]),
            Sum(granted, rows["categories"]),
            Sum(granted, (grants, ("", "further granted categories"))),
            Sum(withdrawals, days["withdrawn by day"]),
            Sum(on_banner, days["on_banner by day"]),
            Sum(choices, (on_banner, ("", "not on a banner"))),
            Sum(on_banner, (*(("surfaces", one) for one in BANNER_SURFACES), declined_on_banner)),
            Sum(declined, (declined_on_banner, ("", "declined elsewhere"))),
        ]
    if "shown" in rows:
        languages = (*rows["banner_languages"], ("banner_languages", _REST))
        sums += [Sum(shown, days["shown by day"]), Sum(shown, languages)]
    # A table without a row is published like a withheld one.
    return [one for one in sums if one.parts]


def _total(id: str, count: int) -> Table:
    return Table(id=id, counts={"all": count})


def _listed(id: str, counts: Mapping[str, int], threshold: int) -> Table:
    return Table(id=id, counts={row: count for row, count in counts.items() if count >= threshold})


def _by_day(id: str, counts: Mapping[str, int], days: Sequence[str]) -> Table:
    return Table(id=id, counts={day: counts.get(day, 0) for day in days})
