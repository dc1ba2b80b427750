"""The command line: `cookiegate`, or `python -m cookiegate`."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]

# What the extra brings, by the names it is imported under.
_BROUGHT = ("click", "rich", "tomlkit")


def main() -> NoReturn:
    """Run the command with the arguments of this process, and end it."""
    try:
        from .run import run

        run(sys.argv[1:])
    except ModuleNotFoundError as error:
        lacking = (error.name or "").partition(".")[0]
        if lacking not in _BROUGHT:
            raise
        sys.stderr.write(
            f"cookiegate: the command needs {lacking}; "
            "install it with: pip install 'cookiegate[cli]'\n"
        )
        sys.exit(2)
