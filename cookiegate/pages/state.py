"""A visitor's state, for the pages: the choice in force, and the effect of signals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

import msgspec

from cookiegate.http.signals import SIGNAL_TABLE, Signal
from cookiegate.registry import Registry
from cookiegate.registry.part_ids import category_of
from cookiegate.visit import Visit

__all__ = ["State", "blocked_by", "closing_receipt", "final_signals", "state_of", "titles"]

_NONE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A visitor's state. The defaults are those of one without a choice and without a signal."""

    #: Ids that are allowed now: of categories, and of services where visitors choose by service.
    allowed: frozenset[str]
    #: Whether a choice is in force.
    has_chosen: bool = False
    #: Why an earlier choice is not: "expired", "outdated" or "invalid"; "" without one.
    lapsed: str = ""
    #: Ids that the visitor granted.
    granted: frozenset[str] = frozenset()
    #: The categories that stay off whatever the visitor chooses: the names of the signals, by id.
    blocked: Mapping[str, tuple[str, ...]] = _NONE
    #: What was granted and is off until the visitor grants them under the signal.
    unconfirmed: Mapping[str, tuple[str, ...]] = _NONE
    #: Names of all signals that hold something off now.
    signals: tuple[str, ...] = ()
    #: Whether the browser sends several choices.
    has_several: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def on(self) -> frozenset[str]:
        """Ids whose switch is on: granted, and not blocked."""
        return frozenset(id for id in self.granted if category_of(id) not in self.blocked)

    @property
    def blocking(self) -> list[str]:
        """Names of the signals that hold something off whatever the visitor chooses."""
        found = {name for names in self.blocked.values() for name in names}
        return [name for name in self.signals if name in found]


def state_of(visit: Visit) -> State:
    """Return the state of a visit."""
    registry, consent, site = visit.registry, visit.consent, visit.registry.site
    blocked = blocked_by(registry, final_signals(visit))
    held_off = consent.granted - consent.allowed
    unconfirmed = [id for id in held_off if category_of(id) not in blocked]
    since = until = None
    if consent.since is not None:
        since = datetime.fromtimestamp(consent.since, UTC)
        until = since + timedelta(site.consent_days if consent.granted else site.refusal_days)
    return State(
        has_chosen=consent.status == "given",
        lapsed=consent.status if consent.status in ("expired", "outdated", "invalid") else "",
        allowed=consent.allowed,
        granted=consent.granted,
        blocked=blocked,
        unconfirmed={id: _obstacles(registry, id, consent.signals) for id in unconfirmed},
        signals=titles(consent.signals),
        # A choice in this request replaces them.
        has_several=visit.choice is None and visit.context.has_several_choices,
        since=since,
        until=until,
    )


def final_signals(visit: Visit) -> frozenset[Signal]:
    """Return the signals of a request that no choice overrides."""
    rules = visit.registry.policy.signals
    return frozenset(one for one in visit.context.facts.signals if rules[one] == "override")


def blocked_by(registry: Registry, signals: Collection[Signal]) -> dict[str, tuple[str, ...]]:
    """Return the offered categories that these signals hold off, each with the signals' names."""
    found = {id: _obstacles(registry, id, signals) for id in registry.offered}
    return {id: names for id, names in found.items() if names}


def titles(signals: Collection[Signal]) -> tuple[str, ...]:
    """Return what people call these signals, in the order of the table."""
    return tuple(one.title for one in SIGNAL_TABLE if one.id in signals)


def closing_receipt(visit: Visit) -> str | None:
    """Return the id of the receipt of a withdrawal in this request; None without a recorder."""
    choice = visit.choice
    return choice.receipt if visit.context.is_recorded and choice and choice.is_withdrawal else None


def _obstacles(registry: Registry, id: str, signals: Collection[Signal]) -> tuple[str, ...]:
    survives = registry.categories[category_of(id)].survives
    return titles([one for one in signals if one not in survives])
