"""Measure large registries and many visitors: load time, memory, verdicts, hits of memos."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from benchmarks.figures import Row, at, row
from benchmarks.rounds import Spread, Times, measure
from benchmarks.subjects import GRANTED, KEY
from cookiegate import Gate, Registry

__all__ = ["crowd", "large_text", "loading", "verdicts"]

SIZES = (50, 1_000, 100_000)
# One in ten entries is a pattern.
PATTERNS = 10


def large_text(entries: int) -> str:
    """Return a registry file with so many entries."""
    lines = [
        '[site]\nname = "Large"\nid = "large"\nlanguages = ["en"]',
        "[categories.essential]\nrequired = true\n[categories.analysis]\n[categories.marketing]",
    ]
    categories = ("essential", "analysis", "marketing")
    for number in range(entries):
        name = f"p{number}_*" if number % PATTERNS == 0 else f"name{number}"
        category = categories[number % 3]
        lines.append(f'[[cookies]]\nname = "{name}"\ncategory = "{category}"\nexpires = "1 year"')
    return "\n".join(lines)


class Judges:
    """Verdicts on a cookie with the same name each time, or with a new name each time."""

    def __init__(self, gate: Gate, prefix: str, *, fresh: bool) -> None:
        self.gate = gate
        self.consent = gate.read([])
        self.prefix = prefix
        self.fresh = fresh
        self.turn = 0

    def prepare(self, number: int) -> Sequence[Any]:
        self.turn += 1
        ends = (f"{self.turn}x{n}" if self.fresh else "" for n in range(number))
        return [
            [(b"set-cookie", f"{self.prefix}{end}={n}; Path=/".encode())]
            for n, end in enumerate(ends)
        ]

    def run(self, prepared: Any) -> object:
        return self.gate.filter(prepared, self.consent)


def verdicts(rounds: int) -> list[Row]:
    """Compare verdicts on known and on new names, with 100,000 entries and with 50."""
    subjects = {}
    for size in (50, 1_000, 100_000):
        gate = Gate(Registry.parse(large_text(size)), KEY)
        subjects[f"warm {size}"] = Judges(gate, "name4", fresh=False)
        subjects[f"new {size}"] = Judges(gate, "p10_", fresh=True)
        subjects[f"unknown {size}"] = Judges(gate, "other", fresh=True)
    times = measure(subjects, rounds=rounds, number=500)
    found = []
    for kind, goal, words in (
        ("warm", 1.1, "a warm verdict"),
        ("new", 2.0, "a new name that a pattern matches"),
        ("unknown", 2.0, "a new name that nothing matches"),
    ):
        for size in (1_000, 100_000):
            found.append(
                row(
                    f"{words}, {size:,} entries / 50",
                    times,
                    at(f"{kind} {size}"),
                    at(f"{kind} 50"),
                    goal if size == 100_000 else None,
                )
            )
    return found


def loading(rounds: int) -> list[Row]:
    """Compare loading a registry with the TOML parser alone, in processor time."""
    found = []
    readers: dict[str, Callable[[str], object]] = {"toml": tomllib.loads, "load": Registry.parse}
    for size in SIZES:
        text = large_text(size)
        times: Times = []
        for number in range(max(7, min(rounds, 20_000 // size))):
            # Each is first in every other round.
            names = sorted(readers, reverse=number % 2 == 0)
            times.append({name: _processor_time(readers[name], text) for name in names})
        found.append(
            row(f"load of {size:,} entries / tomllib alone", times, at("load"), at("toml"))
        )
    return found


def _processor_time(read: Callable[[str], object], text: str) -> float:
    # The garbage of the other one does not count.
    gc.collect()
    start = time.process_time_ns()
    read(text)
    return time.process_time_ns() - start


def memory() -> list[Row]:
    """Measure the memory that a loaded registry takes, in MiB, each in a separate process."""
    found = []
    for size in SIZES:
        code = (
            "import gc, resource\n"
            "from benchmarks.scale import large_text, memory_mib\n"
            "from cookiegate import Gate, Registry\n"
            f"text = large_text({size})\n"
            "gc.collect(); before = memory_mib()\n"
            "gate = Gate(Registry.parse(text), 'a key for the benchmarks')\n"
            "gc.collect(); print(memory_mib() - before)\n"
        )
        run = [sys.executable, "-c", code]
        sizes = sorted(
            float(subprocess.run(run, capture_output=True, check=True, text=True).stdout)
            for _ in range(3)
        )
        spread = Spread(sizes[0], sizes[1], sizes[2])
        found.append(Row(f"memory held by {size:,} entries", spread, unit="MiB"))
    return found


def memory_mib() -> float:
    """Return the memory of this process in MiB, or its peak if the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def crowd(visits: int = 200_000, visitors: int = 1_000_000) -> list[Row]:
    """Measure the hits of the memo of verified consents. Visitors follow Zipf's law."""
    gate = Gate(Registry.parse(large_text(50)), KEY)
    cookie = gate.pipeline.consent_cookie
    chance = Random(0)
    known = 0
    issued: dict[int, str] = {}
    for _ in range(visits):
        # Zipf's law with exponent 1, by inversion.
        number = int(visitors ** chance.random())
        if number not in issued:
            issued[number] = gate.issue(GRANTED).partition(";")[0]
        sent = issued[number]
        known += cookie.remembers(sent.partition("=")[2].encode())
        gate.read([(b"cookie", sent.encode())])
    rate = known / visits
    what = f"hits of the consent memo, {visits:,} visits of {visitors:,} visitors (Zipf)"
    return [Row(what, Spread(rate, rate, rate), unit="part")]
