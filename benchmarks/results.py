"""What was measured: docs/performance.json."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import msgspec

from benchmarks.figures import Row
from benchmarks.instructions.committed import Committed
from benchmarks.rounds import Spread
from benchmarks.variants import ROOT, Variant

__all__ = ["FILE", "Result", "counted", "load", "save"]

FILE = ROOT / "docs" / "performance.json"


@dataclass(frozen=True)
class Result:
    """
    The rows of one section, and what measured them.

    Args:
        date: The day in UTC.
        python: The version of the interpreter.
        machine: Its processor, system, and cores.
        rows: The rows of each form of the gate.
    """

    date: str
    python: str
    machine: str
    rows: dict[Variant, list[Row]]

    @classmethod
    def of(cls, rows: dict[Variant, list[Row]]) -> Self:
        """Return what this interpreter has measured on this machine just now."""
        return cls(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            python=platform.python_version(),
            machine=f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
            rows=rows,
        )


def load() -> dict[str, Result]:
    """Read the file: the results by the section's name on the command line."""
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, Result])


def save(results: Mapping[str, Result]) -> None:
    """Write the file."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")


def counted(committed: Committed) -> dict[Variant, list[Row]]:
    """Return the committed numbers of instructions as rows."""
    return {
        variant: [Row(name, Spread(one, one, one), unit="k") for name, one in figures.items()]
        for variant, figures in committed.figures.items()
    }
