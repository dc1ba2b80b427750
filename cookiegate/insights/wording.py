"""Sentences that the page and the terminal share."""

from __future__ import annotations

from typing import Final

from .sections import Insights, Section

__all__ = ["NOTHING", "more_text", "period_text", "rule_text", "small_text"]

#: For a table without rows and for a withheld one alike: the difference would reveal a count.
NOTHING: Final = "There is nothing here that can be shown."


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
    """Return why nothing but suppressed counts is shown, or "" if there is another count."""
    counts = [count for row in insights.totals.rows for count in row.counts]
    counts += [n for one in insights.sections for row in one.rows for n in row.counts]
    if insights.threshold == 1 or any(counts):
        return ""
    return (
        f"No count has reached {insights.threshold} yet, so none is shown. To see them all the "
        "same, where nobody else does: --threshold 1."
    )


def more_text(section: Section) -> str:
    """Return how many rows are not listed."""
    return f"And {section.more:,} more that are not listed."
