"""Whether memory stays flat while visitors bring names and consents nobody has seen before."""

from __future__ import annotations

import argparse
import resource
import sys
from random import Random

from benchmarks.subjects import GRANTED, KEY, registry
from cookiegate import Gate

TURNS = 10


def peak() -> float:
    """The most memory this process has held so far, in MiB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (2**20 if sys.platform == "darwin" else 2**10)


def visit(gate: Gate, chance: Random) -> None:
    """One visitor: a new consent, and a response with a name that was never there."""
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
    print(f"{visitors:,} visitors, each with a name and a consent cookie of their own")
    print(f"most memory held after a tenth: {peaks[0]:.1f} MiB; at the end: {peaks[-1]:.1f} MiB")


if __name__ == "__main__":
    main()
