"""Observe real packages' cookies again, each in an environment of its own.

`python -m tests.packages [--write] [--newest] [PACKAGE …]` installs each package from the index,
runs its small application without the gate and behind it, with the registry that `cookiegate init`
writes for a project that requires the package, and compares with `registry/packages.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from cookiegate import Registry
from cookiegate.registry.lifetimes import parse_lifetime
from cookiegate.registry.presets import load_presets
from tests.packages.trials import loaded
from tests.registry.written import registry_for

__all__ = ["main"]

ROOT: Final = Path(__file__).parents[2]
FACTS: Final = ROOT / "registry" / "packages.json"
# What the core needs.
_CORE: Final = ("itsdangerous>=2.1", "msgspec>=0.22")
# Browsers keep a cookie for at most so long (RFC 6265bis, section 5.5).
_MOST_SECONDS: Final = 400 * 86_400
_UNITS: Final = ((604_800, "weeks"), (86_400, "days"), (3_600, "hours"), (60, "minutes"))
# A date in a header is as old as the answer.
_SLACK_SECONDS: Final = 120

Facts = dict[str, Any]


def main(argv: list[str] | None = None) -> int:
    """Return 0 if all packages behave as recorded, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.packages", description=__doc__)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE")
    parser.add_argument("--write", action="store_true", help="write registry/packages.json")
    parser.add_argument("--newest", action="store_true", help="try the newest version of each")
    options = parser.parse_args(argv)
    recorded: dict[str, Facts] = json.loads(FACTS.read_text("utf-8"))
    known = loaded()
    chosen = options.packages or sorted(known)
    presets = load_presets()

    def tried(package: str) -> tuple[Facts | None, list[str]]:
        facts = recorded.get(package, {})
        version = None if options.newest else facts.get("version") or None
        return _try(package, version, facts, presets)

    is_good = True
    with ThreadPoolExecutor(2) as pool:
        for package, (facts, problems) in zip(chosen, pool.map(tried, chosen), strict=True):
            if facts is not None and options.write:
                recorded[package] = facts
            elif facts is not None and facts != recorded.get(package):
                problems.append(f"seen {json.dumps(facts)}")
            print(f"{package}: {'; '.join(problems) or 'as recorded'}", flush=True)
            is_good &= not problems
    if options.write:
        text = json.dumps(recorded, indent=2, sort_keys=True)
        FACTS.write_text(text + "\n", "utf-8")
    return 0 if is_good else 1


def _try(
    package: str, version: str | None, facts: Facts, presets: Registry
) -> tuple[Facts | None, list[str]]:
    """Return the facts as seen, and what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder, "venv", "bin", "python"))
        wanted = package if version is None else f"{package}=={version}"
        beside = loaded()[package].beside
        try:
            _run("uv", "venv", "--quiet", "--python", sys.executable, str(Path(folder, "venv")))
            _run("uv", "pip", "install", "--quiet", "--python", python, wanted, *beside, *_CORE)
            plain = _observe(folder, package)
        except subprocess.CalledProcessError as error:
            return None, [f"failed: {_last_error(error.stderr)}"]
        cookies: Facts = {}
        for one in plain["cookies"]:
            if not (found := presets.candidates(one["name"])):
                return None, [f"in no preset: {one}"]
            cookies[found[0].pattern.text] = {
                "attributes": one["attributes"],
                "expires": _expires(one["lasts"]),
            }
        made = {
            "version": plain["version"],
            "framework": facts.get("framework", ""),
            "modules": facts.get("modules", [package.replace("-", "_")]),
            "cookies": cookies,
        }
        file = Path(folder, "cookiegate.toml")
        file.write_text(registry_for(f"{package}\n"), "utf-8")
        try:
            gated = _observe(folder, package, str(file))
        except subprocess.CalledProcessError as error:
            return made, [f"failed behind the gate: {_last_error(error.stderr)}"]
    required = presets.required
    stripped = [name for name in gated["stripped"] if presets.find(name)[0].category in required]
    return made, [f"stripped: {', '.join(stripped)}"] if stripped else []


def _observe(folder: str, *arguments: str) -> Facts:
    # Some packages write into the working folder.
    ended = _run(
        str(Path(folder, "venv", "bin", "python")),
        *("-W", "ignore", "-m", "tests.packages.observe", *arguments),
        cwd=folder,
    )
    # Some print on standard output.
    found: Facts = json.loads(ended.splitlines()[-1])
    return found


def _run(program: str, *arguments: str, cwd: str | None = None) -> str:
    command = [sys.executable, "-m", "uv"] if program == "uv" else [program]
    ended = subprocess.run(
        [*command, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return ended.stdout


def _last_error(text: str) -> str:
    lines = [line for line in text.splitlines() if "Error" in line]
    return next(reversed(lines), text)


def _expires(seconds: int | None) -> str:
    """Return a lifetime as a registry has it."""
    if seconds is None:
        return "session"
    seconds = min(seconds, _MOST_SECONDS)
    for size, unit in _UNITS:
        count = round(seconds / size)
        if count and abs(seconds - count * size) <= _SLACK_SECONDS:
            return str(parse_lifetime(f"{count} {unit}"))
    raise ValueError(seconds)


if __name__ == "__main__":
    sys.exit(main())
