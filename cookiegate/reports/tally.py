"""Verdicts counted in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Final

import msgspec

from cookiegate.enforcement.verdict import Action, Reason, Verdict

from .redact import fold_name, fold_route

__all__ = ["OTHERS", "Finding", "Row", "Tally", "as_other"]

#: What stands for the findings that there was no room for.
OTHERS: Final = "(others)"
# Verdicts on something else than what a response sets.
_NOT_SET: Final = frozenset((Reason.STILL_SENT, Reason.CSP_ADMITS))
# Three centuries: as good as for ever, and a number that every output can write.
_LONGEST_LIFETIME: Final = 1e10


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What is counted together. It holds no value, no query string and no path."""

    #: The first name or pattern of the entry; the folded name where no entry decided.
    subject: str
    #: The category that decided; "" where none did.
    category: str
    reason: Reason
    #: What happened to the header.
    action: Action
    #: The policy's answer, whatever the mode.
    allowed: bool
    notes: tuple[Reason, ...]
    #: The route's template; "" where it is not known.
    route: str

    @property
    def is_held_back(self) -> bool:
        """Whether enforcing strips the cookie, expires it, or lets pass only its deletion."""
        if not _NOT_SET.isdisjoint(self.notes):
            return self.action == "sweep" or Reason.REPORT_MODE in self.notes
        return not self.allowed

    @property
    def is_unknown(self) -> bool:
        """Whether the registry has no entry for it."""
        return self.reason in (Reason.UNKNOWN, Reason.UNKNOWN_ALLOWED)


class Row(msgspec.Struct, kw_only=True):
    """A finding, and how often it was made."""

    finding: Finding
    count: int = 0
    #: The longest an unknown cookie asked to live, in seconds; None for the session.
    lifetime: float | None = None

    def add(self, count: int, lifetime: float | None) -> None:
        """Count further ones."""
        self.count += count
        if lifetime is not None:
            self.lifetime = max(self.lifetime or 0, min(lifetime, _LONGEST_LIFETIME))


def as_other(finding: Finding) -> Finding:
    """What a finding is counted under where there is no room for it."""
    return msgspec.structs.replace(finding, subject=OTHERS, route="")


class Tally:
    """
    Counts verdicts, from any number of threads.

    Args:
        limit: How many different findings are held; what comes beyond is counted together, by
            category, reason, action and notes.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._rows: dict[Finding, Row] = {}
        self._totals: dict[tuple[str, Reason], int] = {}

    def add(self, verdict: Verdict) -> None:
        """Count one."""
        category = verdict.category or ""
        finding = Finding(
            subject=verdict.entry or fold_name(verdict.name),
            category=category,
            reason=verdict.reason,
            action=verdict.action,
            allowed=verdict.allowed,
            notes=verdict.notes,
            route="" if verdict.route is None else fold_route(verdict.route),
        )
        total = (category, verdict.reason)
        with self._lock:
            # Totals are of what is set; what browsers send is another sum.
            if _NOT_SET.isdisjoint(verdict.notes):
                self._totals[total] = self._totals.get(total, 0) + 1
            self._row(finding).add(1, verdict.lifetime)

    def rows(self) -> list[Row]:
        """What was counted since the last `take`, as it is now."""
        with self._lock:
            return [msgspec.structs.replace(row) for row in self._rows.values()]

    def take(self) -> list[Row]:
        """What was counted since the last time, and begin anew; totals go on."""
        with self._lock:
            rows, self._rows = self._rows, {}
        return list(rows.values())

    def give_back(self, rows: list[Row]) -> None:
        """Count again what was taken and could not be told."""
        with self._lock:
            for row in rows:
                self._row(row.finding).add(row.count, row.lifetime)

    def totals(self) -> Mapping[tuple[str, Reason], int]:
        """How many verdicts there were since the start, by category ("" for none) and reason."""
        with self._lock:
            return dict(self._totals)

    def _row(self, finding: Finding) -> Row:
        row = self._rows.get(finding)
        if row is None:
            if len(self._rows) >= self._limit:
                finding = as_other(finding)
            row = self._rows.setdefault(finding, Row(finding=finding))
        return row
