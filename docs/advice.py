"""Copy the explanations of advice into the package, for `cookiegate check --explain`.

``python -m docs.advice`` copies them; with ``--check`` it exits with 1 if the copy is stale.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["COPY", "PAGE", "main"]

PAGE = Path(__file__).with_name("advice.md")
COPY = Path(__file__).parents[1] / "cookiegate" / "cli" / "advice.md"


def main(arguments: Sequence[str], copy: Path = COPY) -> int:
    """Copy the page, or check the copy; return the exit code."""
    page = PAGE.read_bytes()
    if "--check" not in arguments:
        copy.write_bytes(page)
    elif copy.read_bytes() != page:
        sys.stderr.write(f"{copy.name} is stale; run: python -m docs.advice\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
