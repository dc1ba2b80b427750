"""Run the suites: `python -m tests.suites [NAME ...]`."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from .running import VARIANTS, Result, Variant, differences, run
from .sources import FOLDER, fetch
from .table import SUITES, Suite


def main() -> int:
    """Run the suites that are named, or all of them. Return 1 if one differs with the gate."""
    parser = argparse.ArgumentParser(prog="python -m tests.suites", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of: " + ", ".join(SUITES))
    parser.add_argument("--minutes", type=float, default=30, help="the limit for one run")
    options = parser.parse_args()
    names: list[str] = options.names or list(SUITES)
    python = _environment([SUITES[name] for name in names])
    failed = []
    for name in names:
        suite = SUITES[name]
        sources = fetch(suite.distribution)
        results: dict[Variant, Result] = {}
        for variant in VARIANTS:
            started = time.monotonic()
            try:
                result = run(
                    suite, variant, python=python, sources=sources, seconds=options.minutes * 60
                )
            except subprocess.TimeoutExpired:
                result = Result(output=f"It did not end within {options.minutes:g} minutes.")
            results[variant] = result
            passed = sum(outcome in ("passed", "success") for outcome in result.outcomes.values())
            print(
                f"{name} {variant}: {passed} of {len(result.outcomes)} tests passed, "
                f"{sum(result.counts.values())} responses compared, "
                f"{time.monotonic() - started:.0f} s",
                flush=True,
            )
        problems = [
            f"{variant}: {line}"
            for variant in VARIANTS[1:]
            for line in differences(suite, results["base"], results[variant])
        ]
        if not results["report"].counts or not results["base"].outcomes:
            problems.append("no response was compared; the end of the output:")
            problems.append(results["report"].output)
        print("".join(f"  {line}\n" for line in problems[:100]), end="", flush=True)
        if problems:
            failed.append(name)
    if failed:
        print(f"Differs with the gate: {', '.join(failed)}")
        return 1
    print("No suite differs with the gate.")
    return 0


def _environment(suites: list[Suite]) -> Path:
    # An environment of its own: the suites need packages that the project does not.
    python = FOLDER / "venv" / "bin" / "python"
    uv = str(Path(sys.executable).with_name("uv"))
    if not python.exists():
        venv = str(FOLDER / "venv")
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
    needs = sorted({need for suite in suites for need in (suite.distribution, *suite.needs)})
    command = [uv, "pip", "install", "--quiet", "--python", str(python)]
    command += ["--editable", ".[all]", "--group", "test", *needs]
    subprocess.run(command, check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
