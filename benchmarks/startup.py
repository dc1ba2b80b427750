"""What importing Cookiegate adds to an application's start, and what it must not load."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.figures import Row
from benchmarks.rounds import Spread, Times

__all__ = ["UNWANTED", "startup"]

#: Nothing of these may be loaded by a door.
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
    """Milliseconds that an import adds, in processes of their own, in turn."""
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
        # Frameworks bring some of their own; Cookiegate may add none.
        loaded = _loaded(f"{before}\n{after}") - _loaded(before)
        unwanted = sorted(loaded.intersection(UNWANTED))
        if unwanted:
            raise RuntimeError(f"{after} loads {', '.join(unwanted)}")
    return found


def _import(code: str) -> float:
    # The time inside: starting a process is no part of it.
    timed = f"import time\nstart = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    return 1000 * float(_run(timed))


def _loaded(code: str) -> set[str]:
    names = _run(f"{code}\nimport sys\nprint(*sys.modules)").split()
    return {name.partition(".")[0] for name in names}


def _run(code: str) -> str:
    # With bytecode, as what pip installed has it, whatever the environment says of writing some.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, check=True, text=True, env=environment)
    return done.stdout
