"""Packages that the tests have at hand set what is recorded, and all of it passes the gate."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cookiegate.registry.presets import load_packages, load_presets
from tests.registry.written import registry_for

ROOT = Path(__file__).parents[2]
# Those of the group `flows`, and the frameworks.
AT_HAND = (
    *("asgi-csrf", "authlib", "django", "flask", "flask-login", "flask-wtf", "litestar"),
    *("quart", "starlette", "starlette-csrf"),
)

pytestmark = pytest.mark.slow


def observe(folder: Path, *arguments: str) -> Any:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.packages.observe", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize("package", AT_HAND)
def test_a_package_sets_what_is_recorded_and_the_gate_strips_none_of_it(
    tmp_path: Path, package: str
) -> None:
    (tmp_path / "cookiegate.toml").write_text(registry_for(f"{package}\n"))
    presets = load_presets()
    for arguments in ((), (str(tmp_path / "cookiegate.toml"),)):
        seen = observe(tmp_path, package, *arguments)
        names = {presets.candidates(one["name"])[0].pattern.text for one in seen["cookies"]}
        assert names == set(load_packages()[package].cookies)
        assert seen["stripped"] == []
