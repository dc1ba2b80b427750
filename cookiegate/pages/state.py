"""A visitor's state, for the pages: the choice in force, and the effect of signals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from cookiegate.http.signals import SIGNAL_TABLE
from cookiegate.visit import Visit

__all__ = ["State", "closing_receipt", "state_of"]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A visitor's state. The defaults are those of one without a choice and without a signal."""

    #: Ids of the categories that are allowed now.
    allowed: frozenset[str]
    #: Whether a choice is in force.
    has_chosen: bool = False
    #: Why an earlier choice is not: "expired", "outdated" or "invalid"; "" without one.
    lapsed: str = ""
    #: Ids of the categories whose switch is on: granted, and not held off by a signal.
    on: frozenset[str] = frozenset()
    #: Ids of the categories that a signal holds off, whatever the visitor chooses.
    blocked: frozenset[str] = frozenset()
    #: Names of the browser's signals that hold something off now.
    signals: tuple[str, ...] = ()
    #: Whether a choice cannot override the signals.
    is_signal_final: bool = False
    #: Whether the browser sends several choices.
    has_several: bool = False
    since: datetime | None = None
    until: datetime | None = None


def state_of(visit: Visit) -> State:
    """Return the state of a visit."""
    consent, site = visit.consent, visit.registry.site
    blocked = frozenset(visit.registry.offered) - visit.grantable
    since = until = None
    if consent.since is not None:
        since = datetime.fromtimestamp(consent.since, UTC)
        until = since + timedelta(site.consent_days if consent.granted else site.refusal_days)
    return State(
        has_chosen=consent.status == "given",
        lapsed=consent.status if consent.status in ("expired", "outdated", "invalid") else "",
        allowed=consent.allowed,
        on=consent.granted - blocked,
        blocked=blocked,
        signals=tuple(one.title for one in SIGNAL_TABLE if one.id in consent.signals),
        is_signal_final=bool(blocked),
        has_several=visit.context.has_several_choices,
        since=since,
        until=until,
    )


def closing_receipt(visit: Visit) -> str | None:
    """Return the id of the receipt of a withdrawal in this request; None without a recorder."""
    choice = visit.choice
    return choice.receipt if visit.context.is_recorded and choice and choice.is_withdrawal else None
