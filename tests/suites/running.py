"""Running one suite in one variant, and comparing two variants."""

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final, Literal

import msgspec

from .table import Suite

__all__ = ["VARIANTS", "Result", "Variant", "differences", "run"]

Variant = Literal["base", "report", "allow"]
VARIANTS: Final[tuple[Variant, ...]] = ("base", "report", "allow")

_INJECT: Final = Path(__file__).with_name("inject")
# Where pytest finds its configuration, and what marks it there.
_PYTEST_FILES: Final = {
    "pytest.ini": "",
    "pyproject.toml": "[tool.pytest",
    "tox.ini": "[pytest]",
    "setup.cfg": "[tool:pytest]",
}


class Result(msgspec.Struct):
    """What the processes of a suite saw."""

    outcomes: dict[str, str] = {}
    #: How many responses were compared, by kind.
    counts: dict[str, int] = {}
    #: Responses that the gate changed: the test, and what changed.
    differences: list[tuple[str, str]] = []
    #: Failures that the gate reported.
    failures: list[str] = []
    #: The end of the suite's output.
    output: str = ""


def run(suite: Suite, variant: Variant, *, python: Path, sources: Path, seconds: float) -> Result:
    """
    Run a suite, and return what was seen.

    Args:
        suite: The suite.
        variant: "base" for no gate, or the registry of the gate.
        python: The interpreter with everything that the suite imports.
        sources: The root of the suite's source distribution.
        seconds: The limit of time.

    Raises:
        subprocess.TimeoutExpired: The suite did not end in time.
    """
    command = [str(python), *suite.run]
    if not suite.run:
        # The project's own options and caches stay out of it.
        command += ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts="]
        command += ["-p", "gate_everywhere.plugin", "-p", "anyio.pytest_plugin"]
        for plugin in suite.plugins:
            command += ["-p", plugin]
        if "pytest_asyncio.plugin" in suite.plugins:
            # Unset, it is a warning, which some suites turn into an error.
            command += ["-o", "asyncio_default_fixture_loop_scope=function"]
        command += suite.tests
    # A copy, always at the same path: some suites write beside their tests, or name tests by it.
    copy = sources.with_name("running") / sources.name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(sources, copy, symlinks=True)
    if not _is_configured(copy):
        # Otherwise pytest would find the configuration of this project, above the copy.
        (copy / "pytest.ini").touch()
    with tempfile.TemporaryDirectory() as log:
        environment = {
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **suite.environment,
            "GATE_VARIANT": variant,
            "GATE_LOG": log,
            "GATE_WITHOUT": ",".join(suite.without),
            "GATE_WITH": suite.integration,
            "PYTHONPATH": os.pathsep.join([str(_INJECT), suite.environment.get("PYTHONPATH", "")]),
        }
        environment.pop("PYTEST_CURRENT_TEST", None)
        ended = subprocess.run(
            command,
            cwd=copy / suite.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
        result = _joined(Path(log))
        result.output = ended.stdout[-4000:]
    shutil.rmtree(copy)
    return result


def differences(suite: Suite, base: Result, gated: Result) -> list[str]:
    """
    Return what differs with the gate, without what the suite's list expects.

    Args:
        suite: The suite.
        base: What was seen without the gate.
        gated: What was seen with it.
    """
    found = [
        (test, f"{test}: {before} without the gate, {after} with it")
        for test in sorted(base.outcomes.keys() | gated.outcomes.keys())
        if (before := base.outcomes.get(test, "not run"))
        != (after := gated.outcomes.get(test, "not run"))
    ]
    found += [(test, f"{test}: {difference}") for test, difference in gated.differences]
    found += [(failure, f"the gate failed in {failure}") for failure in gated.failures]
    return [
        line for test, line in found if not any(expected.test in test for expected in suite.differs)
    ]


def _is_configured(root: Path) -> bool:
    return any(
        (root / name).is_file() and mark in (root / name).read_text(errors="replace")
        for name, mark in _PYTEST_FILES.items()
    )


def _joined(log: Path) -> Result:
    result, counts = Result(), Counter[str]()
    for file in sorted(log.iterdir()):
        one = msgspec.json.decode(file.read_bytes(), type=Result)
        result.outcomes |= one.outcomes
        counts.update(one.counts)
        result.differences += one.differences
        result.failures += one.failures
    result.counts = dict(counts)
    return result
