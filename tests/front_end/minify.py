"""
Minify the scripts, as visitors load them.

    python -m tests.front_end.minify            writes each `….min.js`
    python -m tests.front_end.minify --check    fails if one is out of date
"""

import sys
from pathlib import Path
from typing import Final

import cookiegate

from .packages import esbuild

__all__ = ["SOURCES", "main", "minified"]

FOLDER: Final = Path(cookiegate.__file__).parent / "pages" / "static"
SOURCES: Final = ("cookiegate.js", "embeds.js", "settings.js")


def minified(name: str) -> bytes:
    """Return a source, minified."""
    return esbuild("--minify", "--target=es2022", FOLDER / name)


def main(folder: Path = FOLDER) -> int:
    """
    Write the files, or with `--check` compare them. Return the exit code.

    Args:
        folder: Where the minified files are.
    """
    exit_code = 0
    for name in SOURCES:
        made, file = minified(name), folder / name.replace(".js", ".min.js")
        if "--check" not in sys.argv[1:]:
            file.write_bytes(made)
        elif file.read_bytes() != made:
            command = "python -m tests.front_end.minify"
            print(f"{file.name} is out of date: {command}", file=sys.stderr)
            exit_code = 1
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
