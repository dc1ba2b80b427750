"""Suites of frameworks behave the same with the gate: the part for which `make test` has time."""

import sys
from pathlib import Path

import msgspec
import pytest

from .running import differences, run
from .small import SMALL, installed
from .table import SUITES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SMALL)
def test_a_suite_passes_and_fails_the_same_tests_with_a_gate_that_reports(name: str) -> None:
    suite = msgspec.structs.replace(SUITES[name], tests=SUITES[name].small, plugins=[])
    base, report = (
        run(suite, variant, python=Path(sys.executable), sources=installed(name), seconds=600)
        for variant in ("base", "report")
    )
    assert len(base.outcomes) > 100, base.output
    assert sum(report.counts.values()) > 50, report.output
    assert differences(suite, base, report) == []


def test_each_suite_has_a_version_and_each_difference_a_reason() -> None:
    assert len(SUITES) >= 15
    for suite in SUITES.values():
        assert "==" in suite.distribution
        assert all(expected.test and expected.reason for expected in suite.differs)
