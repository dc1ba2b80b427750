"""`make fuzz`: coverage-guided headers, cookies, policies and forms.

Failures are kept in tests/data/fuzz_finds.jsonl.

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
    from tests.fuzz.claims import check_all
    from tests.fuzz.samples import SAMPLES


def check(data: bytes) -> None:
    try:
        check_all(data)
    except BaseException:
        with FINDS.open("a") as finds:
            finds.write(json.dumps({"data": data.hex()}) + "\n")
        raise


def main(minutes: str, seed: str) -> None:
    with tempfile.TemporaryDirectory() as corpus:
        for number, sample in enumerate(SAMPLES):
            (Path(corpus) / str(number)).write_bytes(sample)
        seconds = int(float(minutes) * 60)
        options = [f"-max_total_time={seconds}", f"-seed={seed}", "-max_len=400"]
        # `check` keeps the input: the fuzzer's own copy does not belong into the project.
        options.append(f"-artifact_prefix={corpus}/")
        atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", corpus], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
