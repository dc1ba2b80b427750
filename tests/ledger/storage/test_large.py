"""Verification and export of ledgers that do not fit into memory."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cookiegate.ledger.storage.rows import ChainEnd
from cookiegate.ledger.storage.store import Store
from tests.ledger.books import items as items_of
from tests.ledger.books import made, receipt

# The memory that a command may need in addition to that for a small ledger.
MORE_KILOBYTES = 24 * 1024
AT_ONCE = 5000

# Runs in a new process, for which the operating system reports the maximum memory.
MEASURE = """
import resource, sys
from cookiegate.cli.group import cli
cli(sys.argv[1:], standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def fill(url: str, count: int) -> None:
    engine = made(url)
    store = Store(engine)
    chain: ChainEnd = store.chain_end("large")
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        chain = store.append(chain, items_of(receipt(number) for number in numbers))
    engine.dispose()


def measure(url: str, *arguments: str) -> tuple[float, int]:
    """Return the seconds and the kilobytes that a command needs."""
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, "ledger", *arguments],
        env={**os.environ, "COOKIEGATE_LEDGER": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
        encoding="utf-8",
    )
    return time.perf_counter() - began, int(ended.stderr.splitlines()[-1])


COMMANDS = (("verify",), ("export", "--format", "jsonl"), ("export", "--format", "csv"))


def compare(url: str, large: int, folder: Path) -> list[str]:
    """Compare what commands need for a large and a small ledger."""
    small = f"sqlite:///{folder}/small.db"
    fill(small, 100)
    fill(url, large)
    lines = []
    for command in COMMANDS:
        _, least = measure(small, *command)
        seconds, most = measure(url, *command)
        text = f"{' '.join(command)}: {large:,} receipts in {seconds:.1f} s, {most // 1024} MiB"
        lines.append(f"{text} ({least // 1024} MiB for 100)")
        assert most < least + MORE_KILOBYTES, text
    return lines


def test_memory_does_not_grow_with_the_ledger(url: str, tmp_path: Path) -> None:
    # Their bodies alone are larger than what a command may need.
    assert compare(url, 60_000, tmp_path)


@pytest.mark.long
def test_a_million_receipts(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = compare(url, 1_000_000, tmp_path)
    with capsys.disabled():
        print(f"\n{url.partition(':')[0]}", *lines, sep="\n  ")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024 * 1024
