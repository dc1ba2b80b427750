"""Rows of counts that tests share."""

from typing import Any

from cookiegate import Reason, Verdict
from cookiegate.reports import Finding, Row


def verdict(name: str, **facts: Any) -> Verdict:
    """An unknown cookie that was stripped, unless facts say otherwise."""
    seen: dict[str, Any] = {
        "allowed": False,
        "action": "strip",
        "header": None,
        "category": None,
        "reason": Reason.UNKNOWN,
    }
    return Verdict(name=name, **{**seen, **facts})


def row(subject: str, count: int = 1, lifetime: float | None = None, **facts: Any) -> Row:
    """The same, as it is counted."""
    seen: dict[str, Any] = {
        "category": "",
        "reason": Reason.UNKNOWN,
        "action": "strip",
        "allowed": False,
        "notes": (),
        "route": "",
    }
    finding = Finding(subject=subject, **{**seen, **facts})
    return Row(finding=finding, count=count, lifetime=lifetime)
