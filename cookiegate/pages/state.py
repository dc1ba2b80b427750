"""What the pages say about one visitor: the choice in force, and what a signal does to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from cookiegate.http.signals import SIGNALS
from cookiegate.registry import Registry
from cookiegate.visit import Visit

__all__ = ["SIGNAL_NAMES", "State", "blank_state", "closing_receipt", "state_of"]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """One visitor's choice, as the pages show it."""

    #: Whether there is a choice that holds.
    has_chosen: bool
    #: Why an earlier choice does not: "expired", "outdated" or "invalid"; "" for none of them.
    lapsed: str
    #: Ids of what was granted and holds now.
    allowed: frozenset[str]
    #: Ids whose switch stands on: granted, and not held off by the browser.
    on: frozenset[str]
    #: Ids that the browser's signal holds off, whatever is chosen.
    blocked: frozenset[str]
    #: The browser's signals that hold something off now, by their own names.
    signals: tuple[str, ...]
    #: Whether a choice made now overrides the signals.
    is_signal_final: bool
    #: Whether several choices meet in one request.
    has_several: bool
    since: datetime | None
    until: datetime | None


#: What the signals are called, in every language.
SIGNAL_NAMES: Final = {"dnt": "Do Not Track", "gpc": "Global Privacy Control"}


def state_of(visit: Visit) -> State:
    """The state of a visit, as it is now."""
    consent, registry = visit.consent, visit.registry
    blocked = frozenset(registry.offered) - visit.grantable
    since, until = _period(consent.since, bool(consent.granted), registry)
    return State(
        has_chosen=consent.status == "given",
        lapsed=consent.status if consent.status in ("expired", "outdated", "invalid") else "",
        allowed=consent.allowed,
        on=consent.granted - blocked,
        blocked=blocked,
        signals=tuple(SIGNAL_NAMES[one] for one in SIGNALS if one in consent.signals),
        is_signal_final=bool(blocked),
        has_several=visit.context.has_several_choices,
        since=since,
        until=until,
    )


def blank_state(registry: Registry) -> State:
    """The state of somebody who has not chosen, and whose browser sends no signal."""
    return State(
        has_chosen=False,
        lapsed="",
        allowed=registry.required,
        on=frozenset(),
        blocked=frozenset(),
        signals=(),
        is_signal_final=False,
        has_several=False,
        since=None,
        until=None,
    )


def closing_receipt(visit: Visit) -> str | None:
    """The id of the receipt that closes what was withdrawn in this request, if one is kept."""
    choice = visit.choice
    return choice.receipt if visit.context.is_recorded and choice and choice.is_withdrawal else None


def _period(
    since: int | None, is_grant: bool, registry: Registry
) -> tuple[datetime | None, datetime | None]:
    if since is None:
        return None, None
    days = registry.site.consent_days if is_grant else registry.site.refusal_days
    start = datetime.fromtimestamp(since, UTC)
    return start, start + timedelta(days=days)
