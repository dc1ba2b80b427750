"""The hot loops in Python and in C, and how to use either in one process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

import pytest

from cookiegate import _native, loops
from cookiegate.enforcement import response_filter
from cookiegate.http import headers, request

__all__ = ["IMPLEMENTATIONS", "using"]

_FUNCTIONS: Final = (
    "consent_value",
    "is_refused",
    "new_table",
    "scan",
    "sieve",
    "sieve_text",
)
_TABLES: Final = (
    ((headers, response_filter), ("KINDS", "TEXT_KINDS")),
    ((request,), ("_KNOWN",)),
    ((response_filter,), ("_IN_FULL", "_TEXT_IN_FULL")),
)


def _find() -> dict[str, ModuleType]:
    try:
        from cookiegate import _speedups
    except ImportError:  # no compiler was there
        return {"pure": _native}
    return {"pure": _native, "c": _speedups}


#: The implementations on this machine, by name.
IMPLEMENTATIONS: Final = _find()


@contextmanager
def using(implementation: ModuleType) -> Iterator[None]:
    """Let all of cookiegate use an implementation. Only gates made meanwhile work with it."""
    originals = {name: getattr(loops, name) for name in _FUNCTIONS}
    with pytest.MonkeyPatch.context() as patch:
        for module in [one for name, one in sys.modules.items() if name.startswith("cookiegate.")]:
            for name in _FUNCTIONS:
                if (
                    module not in (loops, *IMPLEMENTATIONS.values())
                    and getattr(module, name, None) is originals[name]
                ):
                    patch.setattr(module, name, getattr(implementation, name))
        for modules, names in _TABLES:
            for name in names:
                table = implementation.new_table()
                for module in modules:
                    patch.setattr(module, name, table)
        yield
