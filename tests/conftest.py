"""What all tests share: the rule for tests that need a program of the operating system."""

import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import system

# Two slow cores are no finding.
hypothesis.settings.register_profile(
    "cookiegate",
    hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("cookiegate")

# Without a C compiler there are no loops in C. They are found without an import: in a worker,
# coverage is measured only after this file has been imported.
PACKAGE = Path(__file__).parents[1] / "cookiegate"
HAS_C = any((PACKAGE / f"_speedups{suffix}").exists() for suffix in EXTENSION_SUFFIXES)
collect_ignore = [] if HAS_C else ["test_speedups.py"]

WITHOUT = pytest.StashKey[frozenset[str]]()
NOT_RUN = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*parts): the test needs these parts of the system")
    config.addinivalue_line("markers", "slow: in `make test`, and not in `make quick`")
    config.addinivalue_line("markers", "long: not in `make test`, but in a target of its own")
    try:
        config.stash[WITHOUT] = system.left_out(os.environ.get(system.WITHOUT, ""))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[NOT_RUN] = {}


def needed(item: pytest.Item) -> set[str]:
    """Return the names of the parts that a test needs."""
    return {part for mark in item.iter_markers("needs") for part in mark.args}


# Last: a test that -k or -m has already taken away is not missed.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    without, not_run = config.stash[WITHOUT], config.stash[NOT_RUN]
    kept: list[pytest.Item] = []
    taken: list[pytest.Item] = []
    for item in items:
        parts = needed(item) & system.PARTS.keys()
        absent = parts & without or set(system.missing(parts))
        for part in absent:
            not_run[part] = not_run.get(part, 0) + 1
        (taken if absent else kept).append(item)
    if taken:
        config.hook.pytest_deselected(items=taken)
        items[:] = kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    for part in sorted(needed(item) - system.PARTS.keys()):
        pytest.fail(f"needs {part!r}, which is not a known part", pytrace=False)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    # Each worker of pytest-xdist collects all tests, the controller none. One that crashed has no
    # output; pytest-xdist reports the crash.
    output: dict[str, Any] = getattr(node, "workeroutput", {})
    node.config.stash[NOT_RUN].update(output.get("not_run", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    without, not_run = session.config.stash[WITHOUT], session.config.stash[NOT_RUN]
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not_run"] = not_run
    elif not_run.keys() - without and session.exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    config = terminalreporter.config
    without, not_run = config.stash[WITHOUT], config.stash[NOT_RUN]
    if not not_run:
        return
    terminalreporter.section("not run")
    for part, count in sorted(not_run.items()):
        why = f"left out by {system.WITHOUT}" if part in without else "missing on this machine"
        terminalreporter.line(f"{part}: {count} test{'s'[: count > 1]} ({why})")
    if lacking := sorted(not_run.keys() - without):
        terminalreporter.line("This run fails for what is missing. To install it:")
        terminalreporter.line(system.install_line(lacking))


@pytest.fixture(autouse=True)
def forget() -> None:
    """Empty what the package remembers, so that no test depends on an earlier one."""
    # Imported lazily: in a worker, coverage is measured only after this file has been imported.
    from cookiegate.http.memo import clear_memos

    clear_memos()
