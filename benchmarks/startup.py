"""Measure what importing Cookiegate adds to the start of an application."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.figures import Row
from benchmarks.rounds import Spread, Times
from benchmarks.variants import ROOT

__all__ = ["UNWANTED", "startup"]

#: Packages that an import of the middleware must not load.
UNWANTED = (
    *("jinja2", "babel", "sqlalchemy", "alembic", "psycopg", "click", "rich", "matplotlib"),
    *("django", "flask", "starlette", "werkzeug", "fastapi"),
)
#: For each row: what is imported anyway, and what is imported in addition.
CASES = {
    "import cookiegate.starlette, added to starlette": (
        "import starlette.applications",
        "import cookiegate.starlette",
    ),
    "the same, and a gate that loads billogram.toml": (
        "import starlette.applications",
        "import cookiegate.starlette\n"
        "from cookiegate import Gate, Registry\n"
        "Gate(Registry.load('registry/billogram.toml'), 'a key for the benchmarks')",
    ),
    "import cookiegate.flask, added to flask": ("import flask", "import cookiegate.flask"),
    "import cookiegate.django.middleware, added to django": (
        "import django.core.handlers.asgi",
        "import cookiegate.django.middleware",
    ),
    "import cookiegate, added to Python itself": ("", "import cookiegate"),
    "import cookiegate.asgi, added to Python itself": ("", "import cookiegate.asgi"),
    "import cookiegate.wsgi, added to Python itself": ("", "import cookiegate.wsgi"),
}


def startup(rounds: int) -> list[Row]:
    """
    Measure the milliseconds that an import adds, in separate processes, alternately.

    They are milliseconds of the processor: other programs do not add to them.
    """
    found = []
    for what, (before, after) in CASES.items():
        codes = {"with": f"{before}\n{after}", "without": before}
        times: Times = []
        _import(codes["with"])
        for number in range(max(7, rounds)):
            # Each is first in every other round.
            names = sorted(codes, reverse=number % 2 == 0)
            times.append({name: _import(codes[name]) for name in names})
        added = Spread.of(times, lambda one: one["with"] - one["without"])
        found.append(Row(what, added, unit="ms"))
        # Frameworks load some themselves. Cookiegate must not add any.
        loaded = _loaded(f"{before}\n{after}") - _loaded(before)
        unwanted = sorted(loaded.intersection(UNWANTED))
        if unwanted:
            raise RuntimeError(f"{after} loads {', '.join(unwanted)}")
    return found


def _import(code: str) -> float:
    # Timed inside the process: its start does not count.
    timed = f"import time\nstart = time.process_time()\n{code}\nprint(time.process_time() - start)"
    return 1000 * float(_run(timed))


def _loaded(code: str) -> set[str]:
    names = _run(f"{code}\nimport sys\nprint(*sys.modules)").split()
    return {name.partition(".")[0] for name in names}


def _run(code: str) -> str:
    # With bytecode, as packages installed by pip have it, whatever the environment says.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = [sys.executable, "-c", code]
    done = subprocess.run(
        run, capture_output=True, check=True, text=True, env=environment, cwd=ROOT
    )
    return done.stdout
