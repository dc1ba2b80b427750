"""Counts in the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from .tally import VerdictRow

__all__ = ["as_dict", "log_counts"]

logger: Final = logging.getLogger("cookiegate.report")


def log_counts(rows: Sequence[VerdictRow]) -> None:
    """
    Log each row that is held back or unknown, or has a note.

    The record's attribute `cookiegate` holds the row as a dict, for a formatter that writes JSON.
    """
    for row in rows:
        key = row.key
        if key.is_held_back or key.notes or key.is_unknown:
            logger.info(
                "cookie %s (%s): %s, %s, %d times%s",
                key.subject or "without a name",
                key.category or "no category",
                ", ".join((key.reason, *key.notes)),
                key.action,
                row.count,
                f" at {key.route}" if key.route else "",
                extra={"cookiegate": as_dict(row)},
            )


def as_dict(row: VerdictRow) -> dict[str, object]:
    """Return a row as plain values, for logs and `--json`."""
    key = row.key
    return {
        "cookie": key.subject,
        "category": key.category or None,
        "reason": key.reason.value,
        "action": key.action,
        "allowed": key.allowed,
        "notes": [note.value for note in key.notes],
        "route": key.route or None,
        "count": row.count,
        "lifetime": row.lifetime,
    }
