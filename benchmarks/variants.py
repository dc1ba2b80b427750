"""The two forms of the gate's inner loops: pure Python, and C where the extension was built."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import cookiegate

__all__ = ["ROOT", "VARIANTS", "Variant", "current", "environment", "present", "switch"]

Variant = Literal["pure", "with C"]
VARIANTS: tuple[Variant, ...] = ("pure", "with C")
ROOT = Path(__file__).parents[1]

_SWITCH = "COOKIEGATE_PURE"


def current() -> Variant:
    """Return the form that this process uses."""
    return "pure" if getattr(cookiegate, "__speedups__", "pure") == "pure" else "with C"


def present() -> tuple[Variant, ...]:
    """Return the forms that this interpreter can use: the second only with the extension."""
    return VARIANTS if find_spec("cookiegate._speedups") else VARIANTS[:1]


def switch(variant: Variant) -> dict[str, str]:
    """Return the environment variable that makes a process use this form."""
    return {_SWITCH: "1"} if variant == "pure" else {}


def environment(variant: Variant) -> dict[str, str]:
    """Return this process' environment with that variable, and without another value of it."""
    return {name: value for name, value in os.environ.items() if name != _SWITCH} | switch(variant)
