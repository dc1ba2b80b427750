"""The command line: `cookiegate`, or `python -m cookiegate`."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]

# The modules of the extra `cli`.
_EXTRA = ("click", "rich", "tomlkit")


def main() -> NoReturn:
    """Run the command with the arguments of this process, and end the process."""
    try:
        from .run import run

        run(sys.argv[1:])
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        sys.stderr.write(
            f"cookiegate: the command needs {missing}; "
            "install it with: pip install 'cookiegate[cli]'\n"
        )
        sys.exit(2)
