"""The sections of the benchmarks, each measured with both forms of the gate.

python -m benchmarks.sections NAME VARIANT ROUNDS        writes the rows of one form as JSON
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from benchmarks import scale, sidebyside
from benchmarks.figures import Row
from benchmarks.servers.instructions import instructions
from benchmarks.servers.rates import rates
from benchmarks.startup import startup
from benchmarks.variants import ROOT, Variant, current, environment, present

__all__ = ["INSTRUCTIONS", "TITLES", "measure"]


def _goals(rounds: int) -> list[Row]:
    return [*sidebyside.goals(rounds), *sidebyside.first_sight(rounds)]


def _peers(rounds: int) -> list[Row]:
    return [*sidebyside.peers(rounds), *sidebyside.scale_of_others(rounds)]


def _scale(rounds: int) -> list[Row]:
    return [
        *scale.verdicts(rounds),
        *scale.loading(rounds),
        *scale.memory(),
        *scale.crowd(),
    ]


#: The section that `benchmarks.instructions` counts.
INSTRUCTIONS: Final = "instructions"
_SECTIONS: Final[Mapping[str, tuple[str, Callable[[int], Sequence[Row]]]]] = {
    "goals": ("The hot path", _goals),
    "asgi": ("Side by side, ASGI", sidebyside.by_visitor),
    "wsgi": ("Side by side, WSGI", sidebyside.wsgi),
    "peers": ("Hand-written code and other middleware", _peers),
    "scale": ("Scale", _scale),
    "startup": ("Start-up", startup),
    "servers": ("End to end, requests per second", rates),
    "servers-instructions": ("End to end, instructions", instructions),
}
#: The titles of all sections, in order.
TITLES: Final[Mapping[str, str]] = {
    INSTRUCTIONS: "Instructions",
    **{name: title for name, (title, _) in _SECTIONS.items()},
}


def measure(name: str, rounds: int) -> dict[Variant, list[Row]]:
    """
    Measure a section with each form of the gate that is there, in a process of its own.

    Args:
        name: Any name in `TITLES` but `INSTRUCTIONS`.
        rounds: The number of rounds for each subject.
    """
    return {one: _measure(name, one, rounds) for one in present()}


def _measure(name: str, variant: Variant, rounds: int) -> list[Row]:
    command = [sys.executable, "-m", "benchmarks.sections", name, variant, str(rounds)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(variant), stdout=subprocess.PIPE, check=True
    )
    return msgspec.json.decode(done.stdout, type=list[Row])


def _main(name: str, variant: str, rounds: str) -> None:
    if current() != variant:
        raise SystemExit(f"cookiegate is {current()} in this process, not {variant}")
    rows = _SECTIONS[name][1](int(rounds))
    sys.stdout.buffer.write(msgspec.json.encode(rows))


if __name__ == "__main__":
    _main(*sys.argv[1:])
