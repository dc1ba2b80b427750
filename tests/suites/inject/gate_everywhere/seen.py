"""What the process saw: tests, compared responses, and failures of the gate."""

import atexit
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from .settings import LOG

__all__ = ["compare", "failed", "outcome", "plain", "start"]

_MOST: Final = 200
_counts: Counter[str] = Counter()
_outcomes: dict[str, str] = {}
_differences: list[tuple[str, str]] = []
_failures: list[str] = []


def start() -> None:
    """Write everything when the process ends."""
    if LOG:
        atexit.register(_write, os.getpid())


def outcome(test: str, result: str) -> None:
    """Note the outcome of a test; of several parts, the worst."""
    if _outcomes.get(test) in (None, "passed"):
        _outcomes[test] = result


def failed(error: Exception) -> None:
    """Note a failure that the gate reported."""
    _failures.append(f"{_test()}: {error!r}")


def plain(headers: Any) -> list[tuple[Any, ...]] | None:
    """Return a copy of a response's headers; None if they are not a list of pairs."""
    # A generator can be read only once.
    if not isinstance(headers, list | tuple):
        return None
    try:
        return [tuple(pair) for pair in headers]
    except TypeError:
        return None


def compare(kind: str, before: Any, after: Any) -> None:
    """Note a response that the application gave and one that left the gate."""
    _counts[kind] += 1
    if before != after and len(_differences) < _MOST:
        _differences.append((_test(), f"{kind}: {before!r} left as {after!r}"))


def _test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").split(" (")[0]


def _write(process: int) -> None:
    # A fork inherits the handler: it must not write the parent's results again.
    if os.getpid() == process and (_outcomes or _counts or _failures):
        seen: dict[str, Iterable[Any]] = {
            "outcomes": _outcomes,
            "counts": _counts,
            "differences": _differences,
            "failures": _failures,
        }
        Path(LOG, f"{process}.json").write_text(json.dumps(seen))
