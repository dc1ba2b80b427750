"""The suites, read from `suites.toml`."""

from pathlib import Path
from typing import Final

import msgspec

__all__ = ["FILE", "SUITES", "Expected", "Suite"]

FILE: Final = Path(__file__).with_name("suites.toml")


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    """A difference that is not a fault."""

    #: The tests that differ: their ids contain this text.
    test: str
    #: Why.
    reason: str


class Suite(msgspec.Struct, forbid_unknown_fields=True):
    """One suite. `suites.toml` describes the fields."""

    distribution: str
    tests: list[str] = []
    run: list[str] = []
    folder: str = "."
    needs: list[str] = []
    environment: dict[str, str] = {}
    without: list[str] = []
    integration: str = msgspec.field(name="with", default="")
    plugins: list[str] = []
    small: list[str] = []
    differs: list[Expected] = []


SUITES: Final = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Suite])
