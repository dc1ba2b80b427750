"""Measure what importing Cookiegate adds to the start of an application."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.figures import Row
from benchmarks.rounds import Spread, Times

__all__ = ["UNWANTED", "startup"]

#: Packages that an import of the middleware must not load.
UNWANTED = (
    *("jinja2", "babel", "sqlalchemy", "alembic", "psycopg", "click", "rich", "matplotlib"),
    *("django", "flask", "starlette", "werkzeug", "fastapi"),
)
BASES = {
    "starlette": ("import starlette.applications", "import cookiegate.starlette"),
    "flask": ("import flask", "import cookiegate.flask"),
    "nothing": ("", "import cookiegate"),
    "wsgi": ("", "import cookiegate.wsgi"),
}


def startup(rounds: int) -> list[Row]:
    """Measure the milliseconds that an import adds, in separate processes, alternately."""
    found = []
    for base, (before, after) in BASES.items():
        times: Times = []
        _import(f"{before}\n{after}")
        for _ in range(max(5, rounds // 3)):
            times.append({"with": _import(f"{before}\n{after}"), "without": _import(before)})
        found.append(
            Row(
                f"{after}, added to {base if before else 'Python itself'}",
                Spread.of(times, lambda one: one["with"] - one["without"]),
                unit="ms",
                goal=30 if base == "starlette" else None,
            )
        )
        # Frameworks load some themselves. Cookiegate must not add any.
        loaded = _loaded(f"{before}\n{after}") - _loaded(before)
        unwanted = sorted(loaded.intersection(UNWANTED))
        if unwanted:
            raise RuntimeError(f"{after} loads {', '.join(unwanted)}")
    return found


def _import(code: str) -> float:
    # Timed inside the process: its start does not count.
    timed = f"import time\nstart = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    return 1000 * float(_run(timed))


def _loaded(code: str) -> set[str]:
    names = _run(f"{code}\nimport sys\nprint(*sys.modules)").split()
    return {name.partition(".")[0] for name in names}


def _run(code: str) -> str:
    # With bytecode, as packages installed by pip have it, whatever the environment says.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, check=True, text=True, env=environment)
    return done.stdout
