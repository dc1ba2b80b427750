"""The tables of counts, and how their counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from .aggregate import BannerCounts, ChoiceCounts, CookieCounts
from .steps import Steps
from .suppression import Sum, Table

__all__ = ["OUTCOMES", "known_sums", "tables_of"]

#: What becomes of the banners that were shown.
OUTCOMES: Final = ("granted", "refused", "ignored")
# Stands for the rows that are not listed.
_REST: Final = "(not listed)"
# The total of each table of steps.
_TOTALS_OF_STEPS: Final = {
    "granted by step": ("answers", "granted"),
    "refused by step": ("answers", "refused"),
    "withdrawn by step": ("kinds", "withdrawal"),
    "shown by step": ("shown", "all"),
    **{f"banners {one} by step": ("banners", one) for one in ("shown", *OUTCOMES)},
}


def tables_of(
    choices: ChoiceCounts | None,
    banners: BannerCounts | None,
    cookies: CookieCounts | None,
    steps: Steps,
    withdrawal_steps: Steps,
    threshold: int,
) -> list[Table]:
    """
    Return all counts as tables; a table further down is withheld first.

    Args:
        choices: The ledger's counts, if there is a ledger.
        banners: The counts of banners, if there are any.
        cookies: The counts of verdicts, if there are any.
        steps: The steps to show.
        withdrawal_steps: Those of withdrawals, of which there are fewer.
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
            Table(
                id="answers",
                counts={
                    "granted": choices.granted.total(),
                    "refused": choices.refused.total(),
                },
            ),
            Table(id="kinds", counts=kinds),
            Table(id="categories", counts=choices.categories),
            Table(id="surfaces", counts=choices.surfaces),
            Table(id="signals", counts=choices.signals),
            _by_step("granted by step", choices.granted, steps),
            _by_step("refused by step", choices.refused, steps),
            _by_step("withdrawn by step", choices.withdrawn, withdrawal_steps),
            _listed("versions", choices.versions, threshold),
            _listed("languages", choices.languages, threshold),
        ]
    if banners is not None:
        tables.append(_total("shown", sum(banners.days.values())))
        if choices is None:
            tables.append(_by_step("shown by step", banners.days, steps))
        else:
            outcomes = _outcomes(choices, banners)
            totals = {id: days.total() for id, days in outcomes.items()}
            tables.append(Table(id="banners", counts=totals))
            tables += [
                _by_step(f"banners {id} by step", days, steps) for id, days in outcomes.items()
            ]
        tables.append(_listed("banner_languages", banners.languages, threshold))
    if cookies is not None:
        tables += [
            _listed("stripped", cookies.stripped, threshold),
            _listed("unknown", cookies.unknown, threshold),
        ]
    return tables


def known_sums(tables: Sequence[Table], *, has_all_steps: bool = False) -> list[Sum]:
    """
    Return how the counts of these tables add up, as every reader knows.

    Args:
        tables: The tables.
        has_all_steps: Whether no step that is not listed can have a count.
    """
    rows = {table.id: tuple((table.id, row) for row in table.counts) for table in tables}
    choices, grants, shown = ("choices", "all"), ("grants", "all"), ("shown", "all")
    granted, refused = ("answers", "granted"), ("answers", "refused")
    first, refusals, withdrawals = (
        ("kinds", "grant"),
        ("kinds", "refusal"),
        ("kinds", "withdrawal"),
    )
    # Quantities that are not published.
    declined, categories = ("", "declined"), ("", "granted categories")
    by_code = ("", "first grants by code")
    changed, changed_by_code = ("", "changes by visitors"), ("", "changes by code")
    sums: list[Sum] = []
    if "choices" in rows:
        sums += [
            Sum(choices, rows["kinds"]),
            Sum(choices, rows["signals"]),
            Sum(grants, (first, ("kinds", "change"))),
            # Each choice grants something or declines everything.
            Sum(choices, (grants, declined)),
            Sum(declined, (refusals, withdrawals)),
            Sum(choices, (grants, refusals, withdrawals)),
            Sum(grants, rows["surfaces"]),
            *(Sum(grants, (*rows[id], (id, _REST))) for id in ("languages", "versions")),
            # A grant grants one category or more, and perhaps not this one.
            *(Sum(grants, (cell, ("not granted", cell[1]))) for cell in rows["categories"]),
            Sum(categories, rows["categories"]),
            Sum(categories, (grants, ("", "further granted categories"))),
            # An answer is a first grant or a refusal that is not by code.
            Sum(first, (granted, by_code)),
            Sum(refusals, (refused, ("", "refusals by code"))),
            Sum(("kinds", "change"), (changed, changed_by_code)),
            Sum(("surfaces", "code"), (by_code, changed_by_code)),
            Sum(
                ("", "grants by visitors"),
                tuple(cell for cell in rows["surfaces"] if cell[1] != "code"),
            ),
            Sum(("", "grants by visitors"), (granted, changed)),
        ]
    if "shown" in rows:
        languages = (*rows["banner_languages"], ("banner_languages", _REST))
        sums.append(Sum(shown, languages))
    if "banners" in rows:
        sums += [
            # Only days count on which there were no fewer banners than answers.
            Sum(shown, (("banners", "shown"), ("", "shown on other days"))),
            Sum(granted, (("banners", "granted"), ("", "granted on other days"))),
            Sum(refused, (("banners", "refused"), ("", "refused on other days"))),
            Sum(("banners", "shown"), tuple(("banners", one) for one in OUTCOMES)),
            *(
                Sum((id, step), tuple((f"banners {one} by step", step) for one in OUTCOMES))
                for id, step in rows["banners shown by step"]
            ),
            *(
                Sum((f"{one} by step", step), ((id, step), ("", f"{one} on other days, {step}")))
                for one in ("granted", "refused")
                for id, step in rows[f"banners {one} by step"]
            ),
        ]
    for id, total in _TOTALS_OF_STEPS.items():
        if id in rows:
            sums.append(Sum(total, (*rows[id], *(() if has_all_steps else ((id, _REST),)))))
    # A table without a row is published like a withheld one.
    return [one for one in sums if one.parts]


def _outcomes(choices: ChoiceCounts, banners: BannerCounts) -> dict[str, Counter[str]]:
    """Return by day what became of the banners, where that is known."""
    outcomes: dict[str, Counter[str]] = {one: Counter() for one in ("shown", *OUTCOMES)}
    for day, shown in banners.days.items():
        granted, refused = choices.granted[day], choices.refused[day]
        # With fewer banners than answers, not all banners were counted.
        if shown >= granted + refused:
            outcomes["shown"][day] = shown
            outcomes["granted"][day] = granted
            outcomes["refused"][day] = refused
            outcomes["ignored"][day] = shown - granted - refused
    return outcomes


def _total(id: str, count: int) -> Table:
    return Table(id=id, counts={"all": count})


def _listed(id: str, counts: Mapping[str, int], threshold: int) -> Table:
    return Table(id=id, counts={row: count for row, count in counts.items() if count >= threshold})


def _by_step(id: str, days: Mapping[str, int], steps: Steps) -> Table:
    counts = steps.add_up(days)
    return Table(id=id, counts={step: counts[step] for step in steps.ids})
