"""The tables of counts, and how their counts add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from .aggregate import BANNER_SURFACES, BannerCounts, ChoiceCounts, CookieCounts
from .suppression import Sum, Table

__all__ = ["days_of", "known_sums", "tables_of"]


def days_of(choices: ChoiceCounts | None, banners: BannerCounts | None) -> tuple[str, ...]:
    """Return each day from the first to the last that has a count."""
    counted = {
        *(() if choices is None else (*choices.on_banner, *choices.withdrawn)),
        *(() if banners is None else banners.days),
    }
    if not counted:
        return ()
    first, last = date.fromisoformat(min(counted)), date.fromisoformat(max(counted))
    return tuple((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))


def tables_of(
    choices: ChoiceCounts | None,
    banners: BannerCounts | None,
    cookies: CookieCounts | None,
    days: Sequence[str],
) -> list[Table]:
    """
    Return all counts as tables; a table further down is withheld first.

    Args:
        choices: The ledger's counts, if there is a ledger.
        banners: The counts of banners, if there are any.
        cookies: The counts of verdicts, if there are any.
        days: The days to show.
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
            _listed("versions", choices.versions),
            _listed("languages", choices.languages),
        ]
    if banners is not None:
        # The first and the last day have a count; with a ledger it may be one of choices.
        ends = () if choices is not None else (*days[:1], *days[-1:])
        tables += [
            _total("shown", sum(banners.days.values())),
            _by_day("shown by day", banners.days, days, ends),
            _listed("banner_languages", banners.languages),
        ]
    if cookies is not None:
        tables += [_listed("stripped", cookies.stripped), _listed("unknown", cookies.unknown)]
    return tables


def known_sums(tables: Sequence[Table]) -> list[Sum]:
    """Return how the counts of these tables add up, as every reader knows."""
    rows = {table.id: tuple((table.id, row) for row in table.counts) for table in tables}
    choices, on_banner, shown = ("choices", "all"), ("on_banner", "all"), ("shown", "all")
    grants, refusals, withdrawals = ("grants", "all"), ("kinds", "refusal"), ("kinds", "withdrawal")
    # Quantities that are not published.
    declined, granted = ("", "declined"), ("", "granted categories")
    declined_on_banner = ("", "declined on a banner")
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
            *(Sum(grants, rows[id]) for id in ("surfaces", "languages", "versions")),
            # A grant grants one category or more, and perhaps not this one.
            *(Sum(grants, (cell, ("not granted", cell[1]))) for cell in rows["categories"]),
            Sum(granted, rows["categories"]),
            Sum(granted, (grants, ("", "further granted categories"))),
            Sum(withdrawals, rows["withdrawn by day"]),
            Sum(on_banner, rows["on_banner by day"]),
            Sum(choices, (on_banner, ("", "not on a banner"))),
            Sum(on_banner, (*(("surfaces", one) for one in BANNER_SURFACES), declined_on_banner)),
            Sum(declined, (declined_on_banner, ("", "declined elsewhere"))),
        ]
    if "shown" in rows:
        sums += [Sum(shown, rows["shown by day"]), Sum(shown, rows["banner_languages"])]
    # A table without a row is published like a withheld one.
    return [one for one in sums if one.parts]


def _total(id: str, count: int) -> Table:
    return Table(id=id, counts={"all": count})


def _listed(id: str, counts: Mapping[str, int]) -> Table:
    # A row is listed because something was counted in it.
    return Table(id=id, counts=counts, nonzero=counts)


def _by_day(
    id: str, counts: Mapping[str, int], days: Sequence[str], nonzero: Sequence[str] = ()
) -> Table:
    return Table(id=id, counts={day: counts.get(day, 0) for day in days}, nonzero=nonzero)
