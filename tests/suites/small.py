"""Download the sources of the suites that `make test` runs: `python -m tests.suites.small`."""

from importlib.metadata import version
from pathlib import Path

from .sources import fetch
from .table import SUITES

__all__ = ["SMALL", "installed"]

#: The names of these suites; they are those of the distributions.
SMALL = [name for name, suite in SUITES.items() if suite.small]


def installed(name: str) -> Path:
    """Return the sources of the version that is installed."""
    return fetch(f"{name}=={version(name)}")


if __name__ == "__main__":
    for each in SMALL:
        installed(each)
