"""`make sanitize`: the loops in C under the sanitizers of gcc, and over many requests.

AddressSanitizer and UndefinedBehaviorSanitizer end a process at the first fault that they see.

Usage: python -m tests.sanitize HEADERS REQUESTS
"""

import gc
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.fuzz.loops import CONSENT, DELETES, KINDS, KNOWN, NOW, OUTCOMES, REFUSED, Chance
from tests.implementations import IMPLEMENTATIONS

ROOT: Final = Path(__file__).parents[1]
SANITIZERS: Final = "-fsanitize=address,undefined"
# Python frees little when it ends; leaks are looked for below.
OPTIONS: Final = {
    "ASAN_OPTIONS": "detect_leaks=0",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    # Each object has memory of its own, so that a use after free is seen.
    "PYTHONMALLOC": "malloc",
}
# By how much the memory may grow, in KiB, once the first tenth of the requests is answered.
MOST_GROWTH: Final = 1024


def build(folder: Path) -> None:
    """Copy the project, with the loops in C built for the sanitizers."""
    for name in ("cookiegate", "examples", "registry", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "*.so", ".*")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    compiler = (sysconfig.get_config_var("CC") or "gcc").split()
    target = folder / "cookiegate/_speedups.abi3.so"
    flags = ["-std=c11", "-O1", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
    flags += [SANITIZERS, "-shared", "-fPIC", "-DPy_LIMITED_API=0x030B0000"]
    include = f"-I{sysconfig.get_path('include')}"
    source = folder / "cookiegate/_speedups.c"
    subprocess.run([*compiler, *flags, include, source, "-o", target], check=True)


def run_sanitized(headers: int) -> None:
    """Run the tests of the loops, and compare both implementations, under the sanitizers."""
    runtime = [
        subprocess.run(
            ["gcc", f"-print-file-name={name}"], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        environment = {**os.environ, **OPTIONS, "LD_PRELOAD": " ".join(runtime)}
        environment.pop("COOKIEGATE_PURE", None)
        for command in (
            [
                "-c",
                f"from cookiegate import _speedups as c; assert c.__file__.startswith({folder!r})",
            ],
            ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_loops.py"],
            ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_speedups.py"],
            ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_laws.py"],
            ["-m", "tests.fuzz.loops", str(headers), "1"],
        ):
            subprocess.run([sys.executable, *command], check=True, cwd=folder, env=environment)


def answer(requests: int, chance: Chance) -> None:
    """Answer requests with everything that the loops do."""
    loops: Any = IMPLEMENTATIONS["c"]
    bytes_tables, text_tables = (
        [
            _table(loops, numbers, is_text=is_text)
            for numbers in (KINDS, DELETES, OUTCOMES, KNOWN, REFUSED)
        ]
        for is_text in (False, True)
    )
    for number in range(requests):
        is_text = bool(number % 2)
        tables = text_tables if is_text else bytes_tables
        asked = (tables[2], NOW, None)
        sieve = loops.sieve_text if is_text else loops.sieve
        rest = iter([chance.header(is_text=is_text) for _ in range(3)])
        kept: list[Any] = []
        so_far: Any = None
        while True:
            found = sieve(rest, kept, [], *tables[:2], so_far, lambda _, asked=asked: asked, None)
            if type(found) is int:
                break
            so_far = found[2]
        loops.scan(chance.request(), bytes_tables[3])
        cookies = chance.cookies()
        loops.is_refused(cookies, bytes_tables[4], 150)
        loops.consent_value(cookies, CONSENT)
        # Names that visitors make up; they fill the table many times.
        tables[1][str(number) if is_text else b"%d" % number] = number


def _table(loops: Any, numbers: Any, *, is_text: bool) -> Any:
    table = loops.new_table()
    for name, number in numbers.items():
        table[name.decode() if is_text else name] = number
    return table


def measure_growth(requests: int) -> int:
    """Return by how much the memory has grown, in KiB, after the first tenth of the requests."""
    chance = Chance(1)
    answer(requests // 10, chance)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer(requests - requests // 10, chance)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def main(headers: int, requests: int) -> None:
    """Run everything."""
    if "c" not in IMPLEMENTATIONS:
        sys.exit("The loops in C are not built here.")
    run_sanitized(headers)
    grown = measure_growth(requests)
    print(f"{requests} requests: the memory has grown by {grown} KiB")
    if grown > MOST_GROWTH:
        sys.exit("The loops in C lose memory.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
