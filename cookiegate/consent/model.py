"""What a visitor chose, and what a visitor allows.

A `Record` is one choice, as the consent cookie carries it. A `Consent` follows from records,
signals and the registry at one time.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final, Literal

import msgspec

from cookiegate.http.signals import NO_SIGNALS, SIGNAL_SETS, SIGNAL_TABLE, Signal
from cookiegate.registry.errors import nearest
from cookiegate.registry.part_ids import OWN, SEPARATOR, compact

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
    #: What was granted: optional categories, and services of others (`category:service`); empty for
    #: a refusal.
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
            _dump_ids(record.granted),
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
            # Most have no services, and a record is read with each visitor's first request.
            granted=(
                _parse_ids(granted)
                if SEPARATOR in granted
                else frozenset(granted.split("~"))
                if granted
                else _NOTHING
            ),
            signals=SIGNAL_SETS[signals],
            receipt=receipt or None,
        )
    except (ValueError, KeyError):
        return None


def _dump_ids(ids: frozenset[str]) -> str:
    # "analysis~marketing:maps:videos": a category as a whole, and two services of another one.
    services: dict[str, list[str]] = {}
    for id in sorted(compact(ids)):
        category, *service = id.split(SEPARATOR)
        services.setdefault(category, []).extend(service)
    return "~".join(SEPARATOR.join((one, *some)) for one, some in services.items())


def _parse_ids(text: str) -> frozenset[str]:
    found = []
    for item in text.split("~"):
        category, *services = item.split(SEPARATOR)
        found += [f"{category}{SEPARATOR}{one}" for one in services] or [category]
    return frozenset(found)


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What one visitor allows at one time."""

    #: The state of the consent cookie.
    status: Status
    #: The signal in force; "gpc" when both are.
    signal: Signal | None
    #: The optional categories that the visitor granted. Empty unless the status is "given". If
    #: visitors choose by service (`[site] granularity`), the services that were granted are in it
    #: too, as `category:service`; a category is in it if all of its services are.
    granted: frozenset[str]
    #: The categories that are allowed, with required categories and signals applied, and services
    #: as in `granted`.
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
    #: Every service of the registry, with each id that must be allowed for it. "-" stands for the
    #: site itself.
    services: frozenset[tuple[str, str]] = frozenset()

    def __repr__(self) -> str:
        # Without the receipt, which must not get into a log.
        signal = "" if self.signal is None else f" under {self.signal}"
        return f"<Consent {self.status}{signal}: allows {sorted(self.allowed)}>"

    def allows(self, category: str) -> bool:
        """
        Return whether all cookies of a category may be set.

        Args:
            category: The category's id, or that of a service in it (`category:service`).

        Raises:
            ValueError: The registry has no such category. The message suggests one that it has.
        """
        if category in self.allowed:
            return True
        if category not in self.categories:
            parts = {id for _, id in self.services}
            if category not in parts:
                raise _unknown("category", category, self.categories | parts)
        return False

    def allows_service(self, service: str) -> bool:
        """
        Return whether all cookies of a service may be set, in whatever categories they are.

        Args:
            service: The service's id.

        Raises:
            ValueError: The registry has no such service. The message suggests one that it has.
        """
        needed = [id for one, id in self.services if one == service]
        if not needed or service == OWN:
            raise _unknown("service", service, {one for one, _ in self.services} - {OWN})
        return self.allowed.issuperset(needed)


def _unknown(what: str, id: str, known: Set[str]) -> ValueError:
    near = nearest(str(id), known)
    hint = f"write {near!r}" if near else f"there are {sorted(known)}"
    return ValueError(f"unknown {what} {id!r}; {hint}")
