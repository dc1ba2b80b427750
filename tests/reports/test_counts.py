"""`Counts` counts each verdict and hands the counts over without a value."""

import logging
from pathlib import Path

import pytest

from cookiegate import Reason
from cookiegate.reports import Counts
from cookiegate.reports.sqlite import CountsFile
from cookiegate.reports.tally import VerdictRow
from tests.registries import gate_for, shop
from tests.reports.rows import verdict

HEADERS = [(b"set-cookie", value) for value in (b"sid=1", b"_ga=1", b"who_1234567=SECRET", b"x")]


def test_a_gate_counts_each_verdict() -> None:
    counts = Counts()
    gate = gate_for(on_verdict=counts)
    for _ in range(3):
        gate.visit([]).respond(HEADERS)
    found = {row.key.subject: row.count for row in counts.rows()}
    assert found == {"sid": 3, "_ga": 3, "who_*": 3, "": 3}
    assert counts.totals()["essential", Reason.REQUIRED] == 3
    assert gate.failures == 0


def test_report_mode_counts_what_enforcing_would_strip() -> None:
    counts = Counts()
    gate_for(shop('mode = "report"'), on_verdict=counts).visit([]).respond(HEADERS)
    held = [row.key for row in counts.rows() if row.key.is_held_back]
    assert [(key.subject, key.action) for key in held] == [
        ("_ga", "keep"),
        ("who_*", "keep"),
        ("", "keep"),
    ]


def test_no_output_has_a_value(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookiegate.report")
    received: list[VerdictRow] = []
    counts = Counts(tmp_path / "counts.db", log=True, callback=received.extend)
    gate_for(on_verdict=counts).visit([]).respond(HEADERS)
    counts.close()
    assert len(received) == 4
    everything = repr(received) + repr([record.__dict__ for record in caplog.records])
    assert "SECRET" not in everything
    assert b"SECRET" not in (tmp_path / "counts.db").read_bytes()


def test_the_file_has_the_time_of_the_clock(tmp_path: Path) -> None:
    counts = Counts(tmp_path / "counts.db", clock=lambda: 7.0)
    counts(verdict("a"))
    counts.close()
    (row,) = CountsFile(tmp_path / "counts.db").read()
    assert (row.count, row.first_seen) == (1, 7)


def test_totals_continue_after_a_flush() -> None:
    counts = Counts(callback=lambda rows: None)
    counts(verdict("a"))
    counts.flush()
    counts(verdict("b"))
    counts(verdict("c", category="analysis", reason=Reason.ALLOWED, allowed=True))
    counts.close()
    assert counts.rows() == []
    assert counts.totals() == {("", Reason.UNKNOWN): 2, ("analysis", Reason.ALLOWED): 1}


def test_totals_leave_out_cookies_that_the_browser_sends() -> None:
    counts = Counts()
    counts(verdict("a"))
    counts(verdict("a", action="sweep", notes=(Reason.STILL_SENT,)))
    assert len(counts.rows()) == 2
    assert counts.totals() == {("", Reason.UNKNOWN): 1}


def test_a_limit_below_one_is_an_error() -> None:
    with pytest.raises(ValueError, match="limit is 0; give at least 1"):
        Counts(limit=0)
