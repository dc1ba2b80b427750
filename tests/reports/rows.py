"""Verdicts and rows of counts that tests share."""

from typing import Any

from cookiegate import Reason, Verdict
from cookiegate.reports import CountKey
from cookiegate.reports.tally import VerdictRow


def verdict(name: str, **facts: Any) -> Verdict:
    """Return a verdict that strips an unknown cookie, with other facts as given."""
    defaults: dict[str, Any] = {
        "allowed": False,
        "action": "strip",
        "header": None,
        "category": None,
        "reason": Reason.UNKNOWN,
    }
    return Verdict(name=name, **{**defaults, **facts})


def row(subject: str, count: int = 1, lifetime: float | None = None, **facts: Any) -> VerdictRow:
    """Return a count of such verdicts."""
    defaults: dict[str, Any] = {
        "category": "",
        "reason": Reason.UNKNOWN,
        "action": "strip",
        "allowed": False,
        "notes": (),
        "route": "",
    }
    key = CountKey(subject=subject, **{**defaults, **facts})
    return VerdictRow(key=key, count=count, lifetime=lifetime)
