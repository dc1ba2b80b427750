"""The hot loops: those in C where a compiler was there, else those in Python."""

from __future__ import annotations

from typing import Final, Literal

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
    consent_value,
    is_refused,
    is_whole,
    new_table,
    scan,
    sieve,
    sieve_text,
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
    "is_whole",
    "new_table",
    "scan",
    "sieve",
    "sieve_text",
]

SPEEDUPS: Final[Literal["c", "pure"]] = "pure"
