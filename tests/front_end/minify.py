"""
Minify `cookiegate.js`, as visitors load it.

    python -m tests.front_end.minify            writes cookiegate.min.js
    python -m tests.front_end.minify --check    fails if it is out of date
"""

import sys
from pathlib import Path
from typing import Final

import cookiegate

from .packages import esbuild

__all__ = ["MINIFIED", "SOURCE", "main", "minified"]

SOURCE: Final = Path(cookiegate.__file__).parent / "pages" / "static" / "cookiegate.js"
MINIFIED: Final = SOURCE.with_name("cookiegate.min.js")


def minified() -> bytes:
    """Return the source, minified."""
    return esbuild("--minify", "--target=es2022", SOURCE)


def main() -> int:
    """Write the file, or with `--check` compare it. Return the exit code."""
    made = minified()
    if "--check" not in sys.argv[1:]:
        MINIFIED.write_bytes(made)
        return 0
    if MINIFIED.read_bytes() == made:
        return 0
    print("cookiegate.min.js is out of date: python -m tests.front_end.minify", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
