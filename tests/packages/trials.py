"""Where the small applications are listed, by their package."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

from .browser import Site

__all__ = ["KEY", "TRIALS", "Trial", "hidden_field", "load", "loaded", "trial"]

#: For packages that sign.
KEY: Final = "a key for trials, which is long enough for every package"


class Trial(NamedTuple):
    """A small application of one package."""

    run: Callable[[Site], None]
    #: What to install beside the package.
    beside: tuple[str, ...]


TRIALS: Final[dict[str, Trial]] = {}


def trial(package: str, *beside: str) -> Callable[[Callable[[Site], None]], Callable[[Site], None]]:
    """
    List a function as the application of a package.

    Args:
        package: Its name in the package index, normalized.
        beside: What to install beside it.
    """

    def listed(run: Callable[[Site], None]) -> Callable[[Site], None]:
        TRIALS[package] = Trial(run, beside)
        return run

    return listed


def load(module: str) -> Any:
    """Import a module by name: it is not installed where types are checked."""
    return import_module(module)


def loaded() -> dict[str, Trial]:
    """Return all trials."""
    for name in ("apis", "django", "flask", "servers", "starlette", "wsgi"):
        import_module(f"tests.packages.{name}")
    return TRIALS


def hidden_field(text: str, name: str) -> str:
    """Return the value of a hidden field of a form."""
    for tag in re.findall(r"<input[^>]*>", text):
        if re.search(rf"name=[\"']?{re.escape(name)}[\"' >]", tag):
            found = re.search(r"value=[\"']?([^\"' >]*)", tag)
            return found[1] if found else ""
    raise LookupError(f"no field {name}")
