"""Counts in the structured log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from .tally import Row

__all__ = ["as_facts", "log_findings"]

logger = logging.getLogger("cookiegate.report")


def log_findings(rows: Sequence[Row]) -> None:
    """
    Log each finding: what does not allow, or has a note.

    The record's attribute `cookiegate` holds the facts, for a formatter that writes JSON.
    """
    for row in rows:
        finding = row.finding
        if finding.is_held_back or finding.notes or finding.is_unknown:
            logger.info(
                "cookie %s (%s): %s, %s, %d times%s",
                finding.subject or "without a name",
                finding.category or "no category",
                ", ".join([finding.reason.value, *[note.value for note in finding.notes]]),
                finding.action,
                row.count,
                f" at {finding.route}" if finding.route else "",
                extra={"cookiegate": as_facts(row)},
            )


def as_facts(row: Row) -> dict[str, object]:
    """A row as plain values, as logs and `--json` have it."""
    finding = row.finding
    return {
        "cookie": finding.subject,
        "category": finding.category or None,
        "reason": finding.reason.value,
        "action": finding.action,
        "allowed": finding.allowed,
        "notes": [note.value for note in finding.notes],
        "route": finding.route or None,
        "count": row.count,
        "lifetime": row.lifetime,
    }
