"""The terms of consent: how long choices hold, and how signals limit them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from cookiegate.http.memo import BoundedDict
from cookiegate.http.signals import NO_SIGNALS, SIGNAL_SETS, Signal, in_force, strongest
from cookiegate.registry import Registry
from cookiegate.registry.part_ids import OWN, category_of, compact, service_of

from .model import Consent, Record, Status

__all__ = ["FUTURE_SECONDS", "SECONDS_PER_DAY", "Terms"]

SECONDS_PER_DAY: Final = 86_400
# How far (seconds) the time of a choice may lie in the future: servers' clocks differ a little.
FUTURE_SECONDS: Final = 300

_NOTHING: Final[frozenset[str]] = frozenset()
# How many sets of categories are shared by the consents that have them.
_MAX_SETS: Final = 256
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Terms:
    """
    A registry's terms of consent.

    Args:
        registry: The registry.
    """

    __slots__ = (
        "_max_allowed",
        "_missing",
        "_optional",
        "_parts",
        "_services",
        "_sets",
        "_signals",
        "categories",
        "registry",
        "required",
    )

    def __init__(self, registry: Registry) -> None:
        self.registry: Registry = registry
        self.required: frozenset[str] = registry.required
        self.categories: frozenset[str] = frozenset(registry.categories)
        self._parts = {id: frozenset(parts) for id, parts in registry.parts.items()}
        self._optional = (self.categories - self.required).union(*self._parts.values())
        self._services = _services(registry)
        self._signals = registry.policy.signals
        self._max_allowed = {
            active: self.close(
                frozenset(
                    id
                    for id, category in registry.categories.items()
                    if category.required or active <= category.survives
                )
            )
            | self.required
            for active in SIGNAL_SETS.values()
        }
        self._sets: BoundedDict[frozenset[str], frozenset[str]] = BoundedDict(_MAX_SETS)
        # Most visitors have none: evaluated once.
        self._missing = self.evaluate((), signals=NO_SIGNALS, now=0)

    def close(self, ids: frozenset[str]) -> frozenset[str]:
        """
        Return what a grant of these ids covers: with a category all of its services, and with all
        of its services the category. Ids of nothing optional are left out.
        """
        covered = ids & self._optional
        for category, parts in self._parts.items():
            if category in covered:
                covered |= parts
            elif parts <= covered:
                covered |= {category}
        return covered

    def without(self, granted: frozenset[str], withdrawn: frozenset[str]) -> frozenset[str]:
        """
        Return what stays granted once these ids are withdrawn: of a category with a service less,
        the other services.

        Args:
            granted: Ids, as `close` returns them.
            withdrawn: Ids.
        """
        reduced = frozenset(map(category_of, withdrawn))
        return granted - self.close(withdrawn) - reduced

    def max_allowed(self, active: frozenset[Signal]) -> frozenset[str]:
        """Return the categories that can be allowed at most while these signals are in force."""
        return self._max_allowed[active]

    def grantable(self, signals: frozenset[Signal]) -> frozenset[str]:
        """Return what would be allowed if the visitor granted everything under these signals."""
        # A signal that yields to a choice blocks nothing.
        return self.max_allowed(frozenset(s for s in signals if self._signals[s] == "override"))

    def without_choice(self, signals: frozenset[Signal]) -> Consent:
        """Return the consent of a visitor who sends these signals and no consent cookie."""
        return self.evaluate((), signals=signals, now=0) if signals else self._missing

    def record(
        self,
        granted: frozenset[str],
        *,
        signals: frozenset[Signal],
        now: float,
        new_id: Callable[[], str],
    ) -> Record:
        """
        Return the record of a choice.

        The record of a refusal has no id, and its time is rounded down to the day: a refusal is no
        reason to number a person (GDPR, article 5(1)(c), data minimisation).

        Args:
            granted: Ids; required categories are left out.
            signals: The signals that were on.
            now: Unix seconds.
            new_id: Returns a new id.

        Raises:
            ValueError: The new id is not valid in a cookie.
        """
        granted = compact(self.close(granted))
        time = int(now)
        receipt = new_id() if granted else None
        if receipt is not None and not (isinstance(receipt, str) and _ID.fullmatch(receipt)):
            raise ValueError(
                "new_id returned an id that cannot stand in a cookie; "
                "let it return 1 to 64 of A-Z, a-z, 0-9, '_' and '-'"
            )
        return Record(
            site=self.registry.site.id,
            version=self.registry.site.version,
            time=time if granted else time - time % SECONDS_PER_DAY,
            granted=granted,
            signals=signals,
            receipt=receipt,
        )

    def holds(self, record: Record) -> tuple[int, int]:
        """Return when a record begins and when it ceases to hold, in Unix seconds."""
        site = self.registry.site
        days = site.consent_days if record.granted else site.refusal_days
        return record.time - FUTURE_SECONDS, record.time + days * SECONDS_PER_DAY

    def status_of(self, record: Record, now: float) -> Status:
        """Return whether a verified record holds, and if not, why; `now` is in Unix seconds."""
        site = self.registry.site
        since, until = self.holds(record)
        if record.site != site.id or now < since:
            return "invalid"
        if now >= until:
            return "expired"
        return "given" if record.version == site.version else "outdated"

    def evaluate_one(self, record: Record) -> Consent:
        """Return the consent that one record gives without signals, while it holds."""
        site = self.registry.site
        if record.site == site.id and record.version == site.version:
            return self._given(record, NO_SIGNALS)
        return self.evaluate([record], signals=NO_SIGNALS, now=record.time)

    def evaluate(
        self,
        records: Sequence[Record],
        *,
        signals: frozenset[Signal],
        now: float,
        is_sent: bool = False,
    ) -> Consent:
        """
        Return the consent that the records of one request give.

        Args:
            records: The records that this gate signed.
            signals: The signals that the request sends.
            now: Unix seconds.
            is_sent: Whether the request carries a consent cookie, valid or not.
        """
        chosen: Record | None = None
        previous = _NOTHING
        is_ahead = False
        status: Status = "invalid" if is_sent or records else "missing"
        for record in records:
            one = self.status_of(record, now)
            if one == "given":
                chosen = record if chosen is None else self._common(chosen, record)
            elif one != "invalid":
                # "outdated" takes precedence over "expired".
                status = one if status != "outdated" else status
                is_ahead = is_ahead or record.version > self.registry.site.version
                previous |= record.granted
        if chosen is None:
            active = in_force(signals, self._signals, chosen_under=None) if signals else NO_SIGNALS
            return Consent(
                status=status,
                signal=strongest(active),
                granted=_NOTHING,
                allowed=self.required,
                signals=active,
                previous=previous,
                is_ahead=is_ahead,
                categories=self.categories,
                services=self._services,
            )
        if not signals:
            return self._given(chosen, NO_SIGNALS)
        return self._given(chosen, in_force(signals, self._signals, chosen_under=chosen.signals))

    def _given(self, record: Record, active: frozenset[Signal]) -> Consent:
        # A category that the registry no longer has is ignored, and a required one is no choice.
        granted = record.granted & self._optional
        granted = self._shared(self.close(granted) if self._parts else granted)
        return Consent(
            status="given",
            signal=strongest(active),
            granted=granted,
            allowed=self._shared(self.required | (granted & self._max_allowed[active])),
            signals=active,
            since=record.time,
            receipt=record.receipt,
            categories=self.categories,
            services=self._services,
        )

    def _shared(self, ids: frozenset[str]) -> frozenset[str]:
        # Return one object for equal sets: memos find their keys by identity, which is faster.
        shared = self._sets.get(ids)
        if shared is None:
            self._sets.remember(ids, ids)
            return ids
        return shared

    def _common(self, one: Record, other: Record) -> Record:
        # Of two copies, only what both grant holds, and only signals that were on for both.
        newest = max(one, other, key=lambda record: record.time)
        return msgspec.structs.replace(
            newest,
            granted=self.close(one.granted) & self.close(other.granted),
            signals=one.signals & other.signals,
        )


def _services(registry: Registry) -> frozenset[tuple[str, str]]:
    # A service without a category is never allowed: nothing has the empty id.
    needs = [(service, id) for service, ids in registry.needs.items() for id in ids or ("",)]
    parts = [part for some in registry.parts.values() for part in some]
    return frozenset(needs).union((OWN, part) for part in parts if not service_of(part))
