"""A choice that a visitor makes in one request."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from .consent import Consent, Record, Terms
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
    """
    record = terms.record(granted, signals=sent, now=now, new_id=new_id)
    after = terms.weigh([record], copies=1, sent=sent, now=now)
    is_same = (before.status, before.granted, before.allowed) == (
        after.status,
        after.granted,
        after.allowed,
    )
    return None if is_same else Choice(record=record, before=before, after=after)


def still_held(consent: Consent, terms: Terms) -> frozenset[str]:
    """
    What was granted and may go over into a new record.

    That is made under the signals of now: what a "confirm" holds off was not granted under it,
    and must not seem so.
    """
    policy = terms.registry.policy.signals
    unconfirmed = frozenset(signal for signal in consent.signals if policy[signal] == "confirm")
    return consent.granted & terms.ceiling(unconfirmed)
