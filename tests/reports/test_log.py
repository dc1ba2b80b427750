"""Counts that need attention are logged with their facts."""

import logging
from typing import Any

import pytest

from cookiegate import Reason
from cookiegate.reports.log import log_counts
from tests.reports.rows import row


def test_a_row_is_logged_with_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookiegate.report")
    facts: dict[str, Any] = {
        "category": "analysis",
        "reason": Reason.NO_CONSENT,
        "notes": (Reason.REPORT_MODE,),
    }
    log_counts([row("_ga", 12, action="keep", route="/users/<id>", **facts), row("who", 3, 60.0)])
    first, second = caplog.records
    assert first.getMessage() == (
        "cookie _ga (analysis): no_consent, report_mode, keep, 12 times at /users/<id>"
    )
    assert second.getMessage() == "cookie who (no category): unknown, strip, 3 times"
    assert first.__dict__["cookiegate"] == {
        "cookie": "_ga",
        "category": "analysis",
        "reason": "no_consent",
        "action": "keep",
        "allowed": False,
        "notes": ["report_mode"],
        "route": "/users/<id>",
        "count": 12,
        "lifetime": None,
    }
    assert second.__dict__["cookiegate"]["lifetime"] == 60.0


def test_allowed_cookies_without_a_note_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookiegate.report")
    fine: dict[str, Any] = {"category": "essential", "reason": Reason.REQUIRED, "allowed": True}
    log_counts([row("sid", **fine)])
    assert caplog.records == []
    log_counts([row("sid", notes=(Reason.OUTLIVES,), **fine)])
    log_counts([row("who", allowed=True, action="keep", reason=Reason.UNKNOWN_ALLOWED)])
    assert len(caplog.records) == 2
