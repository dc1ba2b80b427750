"""A choice that a visitor makes in one request."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from .consent import Consent, Record, Terms
from .registry import Registry
from .signals import Signal

__all__ = ["Choice", "TooLate", "choice_of", "still_held"]


class TooLate(RuntimeError):
    """A choice was made after the response's headers had left."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A choice made in this request: what a recorder is given before the response leaves."""

    #: What the consent cookie will carry.
    record: Record
    #: What held when the request came.
    before: Consent
    #: What holds from now on.
    after: Consent
    #: What it was chosen from.
    registry: Registry
    #: When, in Unix seconds.
    time: int
    #: The id of its receipt, also of a refusal, whose cookie carries none.
    receipt: str
    #: What the application says that its code's choice rests on.
    evidence: str | None = None

    def __repr__(self) -> str:
        # Without the receipt: it has no place in a log.
        return f"<Choice of {sorted(self.after.granted)}>"

    @property
    def widens(self) -> bool:
        """Whether something is allowed, or granted, that was not before."""
        before, after = self.before, self.after
        return not (after.granted <= before.granted and after.allowed <= before.allowed)

    @property
    def replaces(self) -> bool:
        """Whether the browser sent a choice, good or not, which this one takes the place of."""
        return self.before.status != "missing"

    @property
    def takes_back(self) -> bool:
        """Whether something that was granted once, also by a choice that has lapsed, is not now."""
        return not (self.before.granted | self.before.previous) <= self.after.granted


def choice_of(
    granted: frozenset[str],
    before: Consent,
    *,
    terms: Terms,
    sent: frozenset[Signal],
    now: float,
    new_id: Callable[[], str],
    evidence: str | None = None,
) -> Choice | None:
    """
    The choice that grants these categories and nothing else; None where it changes nothing.

    Args:
        granted: Ids of categories.
        before: What held when the request came.
        terms: The registry's terms of consent.
        sent: The signals that the request sends.
        now: Unix seconds.
        new_id: Makes the id of a receipt.
        evidence: What a choice by code rests on.
    """
    record = terms.record(granted, signals=sent, now=now, new_id=new_id)
    after = terms.weigh([record], copies=1, sent=sent, now=now)
    is_same = (before.status, before.granted, before.allowed) == (
        after.status,
        after.granted,
        after.allowed,
    )
    if is_same:
        return None
    return Choice(
        record=record,
        before=before,
        after=after,
        registry=terms.registry,
        time=int(now),
        receipt=record.receipt or new_id(),
        evidence=evidence,
    )


def still_held(consent: Consent, terms: Terms) -> frozenset[str]:
    """
    What was granted and may go over into a new record.

    That is made under the signals of now: what a "confirm" holds off was not granted under it,
    and must not seem so.
    """
    policy = terms.registry.policy.signals
    unconfirmed = frozenset(signal for signal in consent.signals if policy[signal] == "confirm")
    return consent.granted & terms.ceiling(unconfirmed)
