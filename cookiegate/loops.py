"""
The hot loops: in C (`_speedups.c`) if that was built, else in Python (`_native.py`).

The environment variable COOKIEGATE_PURE, with any text, makes it Python.
"""

from __future__ import annotations

import os
from typing import Final, Literal

from . import _native
from ._native import (
    ALLOWED,
    CACHE,
    DEPENDS,
    HAS_POLICY,
    LOOK,
    OTHER,
    POLICY,
    REFUSED,
    REQUIRED,
    SET_COOKIE,
    Asked,
    Found,
    Table,
)

__all__ = [
    "ALLOWED",
    "CACHE",
    "DEPENDS",
    "HAS_POLICY",
    "LOOK",
    "OTHER",
    "POLICY",
    "REFUSED",
    "REQUIRED",
    "SET_COOKIE",
    "SPEEDUPS",
    "Asked",
    "Found",
    "Table",
    "consent_value",
    "is_refused",
    "new_table",
    "scan",
    "sieve",
    "sieve_text",
]

try:
    if os.environ.get("COOKIEGATE_PURE"):
        raise ImportError("COOKIEGATE_PURE is set")
    from ._speedups import consent_value, is_refused, new_table, scan, sieve, sieve_text
except ImportError:
    from ._native import consent_value, is_refused, new_table, scan, sieve, sieve_text

#: Which of them are in use.
SPEEDUPS: Final[Literal["c", "pure"]] = "pure" if sieve is _native.sieve else "c"
