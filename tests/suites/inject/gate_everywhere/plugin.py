"""A plugin of pytest that notes the outcome of each test."""

import _pytest.compat
import _pytest.monkeypatch
import pytest

from . import seen

# Flask's tests use this name of older versions of pytest.
vars(_pytest.monkeypatch).setdefault("notset", _pytest.compat.NOTSET)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a test's outcome; a failure before or after it counts as well."""
    if report.when == "call" or report.outcome != "passed":
        seen.outcome(report.nodeid, report.outcome)
