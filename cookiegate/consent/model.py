"""What a visitor chose, and what a visitor allows.

A `Record` is one choice, as the consent cookie carries it. A `Consent` follows from records,
signals and the registry at one time.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from cookiegate.http.signals import NO_SIGNALS, SIGNAL_SETS, SIGNAL_TABLE, Signal
from cookiegate.registry.errors import nearest

__all__ = ["Consent", "Record", "Status", "dump_record", "parse_record"]

Status = Literal["given", "missing", "expired", "invalid", "outdated"]

_NOTHING: Final[frozenset[str]] = frozenset()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One choice, as the consent cookie carries it."""

    #: The id of the site.
    site: str
    #: The version of the registry.
    version: int
    #: Unix seconds. For a refusal, the day's first second (UTC).
    time: int
    #: The optional categories that were granted; empty for a refusal.
    granted: frozenset[str]
    #: The signals that were on when the choice was made.
    signals: frozenset[Signal]
    #: The id under which the ledger finds the receipt; None for a refusal.
    receipt: str | None

    def __repr__(self) -> str:
        # Without the receipt, which must not get into a log.
        return f"<Record of {self.site!r}, version {self.version}: {sorted(self.granted)}>"


def dump_record(record: Record) -> str:
    """Return the record as text. docs/consent-cookie.md describes the fields."""
    return ".".join(
        (
            "1",
            record.site,
            str(record.version),
            str(record.time),
            "~".join(sorted(record.granted)),
            "".join(one.letter for one in SIGNAL_TABLE if one.id in record.signals),
            record.receipt or "",
        )
    )


def parse_record(text: bytes) -> Record | None:
    """Return the record that `dump_record` wrote; None if the text is not a record."""
    try:
        form, site, version, time, granted, signals, receipt = text.decode("ascii").split(".")
        if form != "1":
            return None
        return Record(
            site=site,
            version=int(version),
            time=int(time),
            granted=frozenset(granted.split("~")) if granted else _NOTHING,
            signals=SIGNAL_SETS[signals],
            receipt=receipt or None,
        )
    except (ValueError, KeyError):
        return None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What one visitor allows at one time."""

    #: The state of the consent cookie.
    status: Status
    #: The signal in force; "gpc" when both are.
    signal: Signal | None
    #: The optional categories that the visitor granted. Empty unless the status is "given".
    granted: frozenset[str]
    #: The categories that are allowed, with required categories and signals applied.
    allowed: frozenset[str]
    #: Every signal in force.
    signals: frozenset[Signal] = NO_SIGNALS
    #: What was granted by a choice that is no longer in force.
    previous: frozenset[str] = _NOTHING
    #: Whether a choice is outdated because it is about a newer version than this registry's. That
    #: happens on a server that lags while a new version is rolled out.
    is_ahead: bool = False
    #: When the choice in force was made, in Unix seconds; None if there is no choice.
    since: int | None = None
    #: The receipt of the choice in force.
    receipt: str | None = None
    #: Every category of the registry.
    categories: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        # Without the receipt, which must not get into a log.
        signal = "" if self.signal is None else f" under {self.signal}"
        return f"<Consent {self.status}{signal}: allows {sorted(self.allowed)}>"

    def allows(self, category: str) -> bool:
        """
        Return whether cookies of a category may be set.

        Args:
            category: The category's id.

        Raises:
            ValueError: The registry has no such category. The message suggests one that it has.
        """
        if category not in self.categories and category not in self.allowed:
            near = nearest(str(category), self.categories)
            known = f"write {near!r}" if near else f"there are {sorted(self.categories)}"
            raise ValueError(f"unknown category {category!r}; {known}")
        return category in self.allowed
