"""`make fuzz`: coverage-guided headers. Failures are kept in tests/data/fuzz_finds.jsonl.

Usage: python -m tests.fuzz MINUTES SEED
"""

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path

# Imported by name: it has no types, and is installed only for this.
atheris = import_module("atheris")
FINDS = Path(__file__).parents[1] / "data/fuzz_finds.jsonl"

with atheris.instrument_imports(include=["cookiegate"]):
    from tests.conformance import ROWS, header_of
    from tests.fuzz.claims import check_all


def check(data: bytes) -> None:
    if len(data) < 2:
        return
    try:
        check_all(data)
    except BaseException:
        with FINDS.open("a") as finds:
            finds.write(json.dumps({"data": data.hex()}) + "\n")
        raise


def main(minutes: str, seed: str) -> None:
    with tempfile.TemporaryDirectory() as corpus:
        for number, row in enumerate(ROWS):
            (Path(corpus) / str(number)).write_bytes(b"\0\0" + header_of(row))
        seconds = int(float(minutes) * 60)
        options = [f"-max_total_time={seconds}", f"-seed={seed}", "-max_len=400"]
        atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", corpus], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
