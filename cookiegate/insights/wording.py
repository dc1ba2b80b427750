"""Sentences that the page and the terminal share."""

from __future__ import annotations

from collections.abc import Iterator

from .sections import Insights, Section, ShareGroup, count_text
from .shares import enough_for_a_share
from .steps import MOST_STEPS, enough_for_a_step

__all__ = [
    "definitions",
    "empty_text",
    "more_text",
    "needs_text",
    "period_text",
    "rule_text",
    "small_text",
]


def period_text(insights: Insights) -> str:
    """Return which days the numbers are from."""
    since, until = insights.since, insights.until
    if since and until:
        return f"From {since} to {until} (UTC)."
    if since:
        return f"From {since} on (UTC)."
    return f"Until {until} (UTC)." if until else "Of all days on record."


def rule_text(threshold: int) -> str:
    """Return how the numbers protect visitors."""
    if threshold == 1:
        return "Counts are exact: nothing is suppressed, and a small count can identify a visitor."
    return (
        f"Counts are rounded down to a multiple of {threshold}. Smaller ones are not shown, and "
        "cannot be computed from the others. A row that is not listed has a smaller count, or none."
    )


def small_text(insights: Insights) -> str:
    """Return what the site lacks if nothing can be shown, or "" if something can."""
    threshold = insights.threshold
    if not all(one.is_empty for one in (insights.totals, *insights.all_sections)):
        return ""
    share = f"a share once it rests on {enough_for_a_share(threshold):,}"
    if threshold == 1:
        return f"There is no choice yet. A count is shown from the first on, {share}."
    return (
        f"No count has reached {threshold} yet, so none is shown. This is to protect the few "
        f"visitors whom a small count is about. A count is shown once it reaches {threshold}, "
        f"{share}. To see exact counts, where nobody else does: cookiegate insights --threshold 1"
    )


def needs_text(group: ShareGroup, threshold: int) -> str:
    """Return why a group has no shares."""
    if group.of is None:
        return "Not shown: the counts would reveal a smaller one."
    return (
        f"A share needs at least {enough_for_a_share(threshold):,}; so far there are "
        f"{count_text(group.of, threshold)}."
    )


def empty_text(insights: Insights) -> str:
    """
    Return which sections have nothing to show, or "" if every one has something.

    One without rows and one that is withheld look alike: the difference would reveal a count.
    """
    titles = [one.title for one in insights.all_sections if one.is_empty]
    return f"Nothing to show yet: {', '.join(titles)}." if titles else ""


def more_text(section: Section) -> str:
    """Return how many rows are not listed."""
    return f"And {section.more:,} more that are not listed."


def definitions(insights: Insights) -> Iterator[tuple[str, str]]:
    """Yield the terms and what they mean, as far as the numbers use them."""
    threshold = insights.threshold
    groups = {one.id for one in insights.shares}
    enough = enough_for_a_share(threshold)
    if "banners" in groups or not groups:
        yield (
            "Shown",
            "A banner counts each time that a page contains it, or that the API says to ask. One "
            "visitor may see it on several pages, and robots count too.",
        )
    if groups:
        yield (
            "Granted, refused",
            "Answers: first grants and refusals on the banner, on the settings page or through the "
            "API. A choice by the application's code is no answer.",
        )
    if "banners" in groups:
        yield (
            "Ignored",
            "Banners without an answer: shown minus granted minus refused. It counts banners, not "
            "visitors: whoever answers on the third page has ignored two. Days with fewer banners "
            "than answers are in no share, since not all of their banners were counted.",
        )
    if groups:
        yield (
            "Withdrawn",
            "Withdrawals as a share of the first grants in the same time. They may withdraw grants "
            "from before.",
        )
        rounding = (
            ""
            if threshold == 1
            else (
                " It is computed from rounded counts, which moves a share of "
                f"{enough:,} by less than 10 percentage points, and one of {10 * enough:,} by less "
                "than 1."
            )
        )
        yield (
            "Shares",
            f"A share is shown if it rests on at least {enough:,}.{rounding} Granted, refused and "
            "ignored add up to 100%. Shares in the other lists may not: counts are rounded down, "
            "small ones are missing, and one choice may grant several categories.",
        )
    step = f"One step is a {insights.unit}"
    if insights.withdrawal_unit != insights.unit and groups:
        step += f", and of withdrawals a {insights.withdrawal_unit}"
    yield (
        "Over time",
        f"{step}. Of days, weeks, months and years, the shortest is used that makes at most "
        f"{MOST_STEPS} steps with {enough_for_a_step(threshold):,} counted in each on average (to "
        "use another: --by). The first and the last step may be incomplete. Days are in UTC.",
    )
