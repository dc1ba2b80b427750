"""The committed figures, and the comparison with figures of another run."""

from __future__ import annotations

import json
import platform
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import geometric_mean
from typing import Self

from benchmarks.instructions.callgrind import count
from benchmarks.instructions.cases import CASES, SCALE
from benchmarks.variants import Variant, present

__all__ = ["COMMAND", "FILE", "Committed", "build", "renew"]

COMMAND = ".venv/bin/python -m benchmarks instructions"
FILE = Path(__file__).with_name("figures.json")

# How much dearer a row may be, in parts of the expected figure.
# The same build repeats its figures within 0.5 %. Other builds are compared by the scale of rows
# without the gate. With figures of 3.11.7 (without profile-guided optimization), rows of Debian's
# 3.11.2 (with it) are then at most 2.7 % dearer. Between 3.11, 3.12 and 3.13, which change what
# single bytecodes cost, rows differ by up to 17 %.
SAME_VERSION = 0.05
OTHER_VERSION = 0.20


def build() -> str:
    """Return what of the interpreter decides how many instructions it takes."""
    options = sysconfig.get_config_var("CONFIG_ARGS") or ""
    chosen = [
        option
        for option in ("--enable-optimizations", "--with-lto", "--with-pydebug", "--disable-gil")
        if option in options
    ]
    return ", ".join(
        [
            f"{platform.python_implementation()} {platform.python_version()}",
            platform.python_compiler(),
            platform.machine(),
            sysconfig.get_config_var("OPT") or "",
            *chosen,
        ]
    )


@dataclass(frozen=True)
class Committed:
    """
    Thousands of instructions a request, by case, for each form of the gate.

    Args:
        build: The interpreter that they were counted with.
        version: Its minor version, such as "3.11".
        figures: The figures of each form that the interpreter had.
    """

    build: str
    version: str
    figures: Mapping[Variant, Mapping[str, float]]

    @classmethod
    def of(cls, figures: Mapping[Variant, Mapping[str, float]]) -> Self:
        """Return the figures of this interpreter."""
        return cls(build(), _version(), figures)

    @classmethod
    def load(cls) -> Self:
        """Read the file."""
        return cls(**json.loads(FILE.read_text(encoding="utf-8")))

    def save(self) -> None:
        """Write the file."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        FILE.write_text(text + "\n", encoding="utf-8")

    def dearer(self, figures: Mapping[str, float], variant: Variant) -> list[str]:
        """
        Say which figures of this interpreter are dearer than the committed ones, and by how much.

        Args:
            figures: The figures of this run, with those of `SCALE`.
            variant: The form of the gate that was measured.
        """
        before = self.figures.get(variant, {})
        if missing := sorted(figures.keys() - before.keys()):
            return [f"{variant}: no committed figure of {name!r}; {_renew()}" for name in missing]
        scale, limit = 1.0, SAME_VERSION
        if self.build != build():
            scale = geometric_mean(figures[name] / before[name] for name in SCALE)
            limit = SAME_VERSION if self.version == _version() else OTHER_VERSION
        found = []
        for name, figure in figures.items():
            expected = before[name] * scale
            if name not in SCALE and figure > expected * (1 + limit):
                scaled = "" if scale == 1 else f" × {scale:.3f} for {build()}"
                found.append(
                    f"{variant}: {name!r} takes {figure:.1f} thousand instructions, "
                    f"and the committed figure is {before[name]:.1f}{scaled}: "
                    f"{figure / expected - 1:+.1%}, more than {limit:.0%}. "
                    f"If it must be so, {_renew()}"
                )
        return found


def renew() -> Committed:
    """
    Count all cases with each form of the gate that is there, and write the file.

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
    made = Committed.of({variant: count(CASES, variant) for variant in present()})
    made.save()
    return made


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _renew() -> str:
    return f"renew the figures: {COMMAND}"
