"""Count instructions with callgrind, which simulates the processor: no other process matters."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.instructions.counted import BEGIN, END, NUMBER
from benchmarks.variants import ROOT, Variant, switch

__all__ = ["count"]

_SUMMARY = re.compile(r"^summary: (\d+)$", re.MULTILINE)


def count(names: Iterable[str], variant: Variant) -> dict[str, float]:
    """
    Return the thousands of instructions that one request of each case takes.

    Raises:
        RuntimeError: Valgrind is missing, or a case failed.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise RuntimeError("valgrind is missing: apt-get install valgrind")
    with TemporaryDirectory() as folder:
        command = [
            *(valgrind, "--quiet", "--tool=callgrind", "--dump-line=no"),
            *(f"--zero-before={BEGIN}", f"--dump-before={END}"),
            f"--callgrind-out-file={folder}/%p",
            *(sys.executable, "-m", "benchmarks.instructions.counted", variant, *names),
        ]
        # Nothing else of the environment gets in: no tracer, and no other seed of hashes.
        environment = {"PATH": os.defpath, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment | switch(variant),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        lines = (line.partition(" ") for line in done.stdout.splitlines())
        return {name: _thousands(Path(folder, f"{pid}.1")) for pid, _, name in lines}


def _thousands(dump: Path) -> float:
    found = _SUMMARY.search(dump.read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError("callgrind wrote no summary")
    return round(int(found[1]) / NUMBER / 1000, 1)
