"""Which counts are shown together, and how they add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from .aggregate import ASKED, Banners, Choices, Cookies
from .suppression import Sum, Table

__all__ = ["days_of", "known_sums", "tables_of"]


def days_of(choices: Choices | None, banners: Banners | None) -> tuple[str, ...]:
    """Each day from the first on which something was counted to the last."""
    seen: set[str] = set()
    if choices is not None:
        seen.update(choices.asked, choices.withdrawn)
    if banners is not None:
        seen.update(banners.days)
    if not seen:
        return ()
    first, last = date.fromisoformat(min(seen)), date.fromisoformat(max(seen))
    return tuple((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))


def tables_of(
    choices: Choices | None, banners: Banners | None, cookies: Cookies | None, days: Sequence[str]
) -> list[Table]:
    """
    All counts as tables; where one has to be left out, it is the last that tells too much.

    Args:
        choices: What the ledger says; None where none was read.
        banners: How often banners were shown; None where nobody counted.
        cookies: What verdicts say; None where no file was read.
        days: The days that are shown.
    """
    tables: list[Table] = []
    if choices is not None:
        kinds = choices.kinds
        tables += [
            Table(id="choices", counts={"all": sum(kinds.values())}),
            Table(id="grants", counts={"all": kinds["grant"] + kinds["change"]}),
            Table(id="without_evidence", counts={"all": choices.without_evidence}),
            Table(id="asked", counts={"all": sum(choices.asked.values())}),
            Table(id="kinds", counts=kinds),
            Table(id="categories", counts=choices.categories),
            Table(id="surfaces", counts=choices.surfaces),
            Table(id="signals", counts=choices.signals),
            Table(id="asked days", counts=_filled(choices.asked, days)),
            Table(id="withdrawn", counts=_filled(choices.withdrawn, days)),
            Table(id="versions", counts=choices.versions, is_seen=True),
            Table(id="languages", counts=choices.languages, is_seen=True),
        ]
    if banners is not None:
        # Days begin and end with one on which something was counted; with choices, not surely this.
        ends = frozenset() if choices is not None else frozenset((*days[:1], *days[-1:]))
        tables += [
            Table(id="shown", counts={"all": sum(banners.days.values())}),
            Table(id="shown days", counts=_filled(banners.days, days), seen=ends),
            Table(id="banner_languages", counts=banners.languages, is_seen=True),
        ]
    if cookies is not None:
        tables += [
            Table(id="stripped", counts=cookies.stripped, is_seen=True),
            Table(id="unknown", counts=cookies.unknown, is_seen=True),
        ]
    return tables


def known_sums(tables: Sequence[Table]) -> list[Sum]:
    """How the counts of these tables add up, as everybody knows who reads them."""
    rows = {table.id: tuple((table.id, row) for row in table.counts) for table in tables}
    choices, asked, shown = ("choices", "all"), ("asked", "all"), ("shown", "all")
    grants, withdrawals = ("grants", "all"), ("kinds", "withdrawal")
    noes = ("", "noes")
    sums = []
    if "choices" in rows:
        sums += [Sum(total=choices, parts=rows[id]) for id in ("kinds", "signals")]
        sums += [Sum(total=grants, parts=(("kinds", "grant"), ("kinds", "change")))]
        # Each choice grants something or says no.
        sums += [Sum(total=choices, parts=(grants, noes))]
        sums += [Sum(total=noes, parts=(("kinds", "refusal"), withdrawals))]
        sums += [Sum(total=choices, parts=(grants, ("kinds", "refusal"), withdrawals))]
        sums += [Sum(total=grants, parts=rows[id]) for id in ("surfaces", "languages", "versions")]
        # Whoever grants something grants a category or more of them, and not always this one.
        sums += [Sum(total=grants, parts=(one, ("not", one[1]))) for one in rows["categories"]]
        sums += [Sum(total=("", "granted"), parts=rows["categories"])]
        sums += [Sum(total=("", "granted"), parts=(grants, ("", "granted beside")))]
        sums += [Sum(total=withdrawals, parts=rows["withdrawn"])]
        sums += [Sum(total=asked, parts=rows["asked days"])]
        sums += [Sum(total=choices, parts=(asked, ("", "unasked")))]
        answers = tuple(("surfaces", one) for one in ASKED)
        sums += [Sum(total=asked, parts=(*answers, ("", "refused where asked")))]
        sums += [Sum(total=noes, parts=(("", "refused where asked"), ("", "refused elsewhere")))]
    if "shown" in rows:
        sums += [Sum(total=shown, parts=rows[id]) for id in ("shown days", "banner_languages")]
    # A table without a row is shown like one that is left out.
    return [one for one in sums if one.parts]


def _filled(counts: Mapping[str, int], days: Sequence[str]) -> dict[str, int]:
    return {day: counts.get(day, 0) for day in days}
