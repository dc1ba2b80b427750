"""How many instructions a request takes: the same number on a busy machine as on an idle one.

`python -m benchmarks instructions` counts all cases and writes `figures.json`, and a table of it
into docs/performance.md. `tests/test_speed.py` compares a part of them with the file.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.instructions.callgrind import count
from benchmarks.instructions.cases import CASES
from benchmarks.instructions.committed import COMMAND, Committed
from benchmarks.variants import Variant, present

__all__ = ["COMMAND", "count_all"]


def count_all() -> Committed:
    """
    Count all cases with each form of the gate, and write the file.

    Raises:
        RuntimeError: Valgrind is missing, a case failed, or the file has a form of the gate that
            this interpreter lacks.
    """
    lost = Committed.load().figures.keys() - present()
    if lost:
        raise RuntimeError(
            f"{COMMAND} would lose the figures {' and '.join(lost)}: build the extension first, "
            "with a C compiler and `.venv/bin/pip install -e .`"
        )
    counted: Mapping[Variant, Mapping[str, float]] = {one: count(CASES, one) for one in present()}
    made = Committed.of(counted)
    made.save()
    return made
