"""Measure whether memory stays flat while visitors send new names and consents."""

from __future__ import annotations

import argparse
import resource
import sys
from random import Random

from benchmarks.subjects import GRANTED, KEY, registry
from cookiegate import Gate

TURNS = 10


def peak() -> float:
    """Return the peak memory of this process so far, in MiB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (2**20 if sys.platform == "darwin" else 2**10)


def visit(gate: Gate, chance: Random) -> None:
    """Simulate a visitor with a new consent, and a response with a new cookie name."""
    issued = gate.issue(GRANTED).partition(";")[0].encode()
    consent = gate.read([(b"cookie", issued)])
    name = b"%x" % chance.getrandbits(64)
    gate.filter([(b"x-" + name, b""), (b"set-cookie", name + b"=1; Path=/" + name)], consent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=1_000_000)
    visitors = parser.parse_args().visitors
    gate, chance = Gate(registry(), KEY), Random(0)
    peaks = []
    for _ in range(TURNS):
        for _ in range(visitors // TURNS):
            visit(gate, chance)
        peaks.append(peak())
    print(f"{visitors:,} visitors, each with a new name and a new consent cookie")
    print(f"peak memory after a tenth: {peaks[0]:.1f} MiB; at the end: {peaks[-1]:.1f} MiB")


if __name__ == "__main__":
    main()
