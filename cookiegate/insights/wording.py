"""Sentences that the page and the terminal share."""

from __future__ import annotations

from typing import Final

from .sections import Insights, Section

__all__ = ["NOTHING", "more_text", "period_text", "rule_text"]

#: Of a table without rows, and of one that is left out: which of the two would tell something.
NOTHING: Final = "There is nothing here that can be shown."


def period_text(insights: Insights) -> str:
    """Which days it is about."""
    since, until = insights.since, insights.until
    if since and until:
        return f"From {since} to {until} (UTC)."
    if since:
        return f"From {since} on (UTC)."
    return f"Until {until} (UTC)." if until else "Of all days on record."


def rule_text(threshold: int) -> str:
    """What is done so that the numbers tell of nobody."""
    if threshold == 1:
        return "Counts are exact: nothing is suppressed, and small ones can tell of a visitor."
    return (
        f"Counts are rounded down to a multiple of {threshold}, and those below it are not shown, "
        "so that none of them can be worked out from the others."
    )


def more_text(section: Section) -> str:
    """How many rows are not listed."""
    return f"And {section.more:,} more that are not listed."
