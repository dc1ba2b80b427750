"""A choice that a visitor makes in one request."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final, Literal, get_args

import msgspec

from cookiegate.errors import CookiegateError
from cookiegate.http.signals import Signal
from cookiegate.registry import Registry

from .model import Consent, Record
from .terms import Terms

__all__ = [
    "Choice",
    "NotKeptError",
    "Presentation",
    "Surface",
    "TooLateError",
    "choice_of",
    "joined",
    "made_by",
    "remainder",
    "still_held",
]

#: Where a choice was made: on one of the pages, by a front end of the site's own that speaks to
#: their API, or by the application's code.
Surface = Literal["banner", "settings", "api", "code"]

_SURFACES: Final = get_args(Surface)


class TooLateError(CookiegateError, RuntimeError):
    """A choice was made after the response's headers had left."""


class NotKeptError(CookiegateError, RuntimeError):
    """No proof of a choice can be kept now, so it takes no effect; a recorder raises it."""


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a visitor had before their eyes while choosing.

    Raises:
        ValueError: There is no such surface.
    """

    surface: Surface
    #: The language it was in; None where that is not known.
    language: str | None = None
    #: The page as it is shown to everybody, complete in itself; None where somebody else made it.
    html: str | None = None

    @property
    def hash(self) -> str | None:
        """The SHA-256 of the page, in hexadecimal; None where there is none."""
        if self.html is None:
            return None
        return sha256(self.html.encode("utf-8", "replace")).hexdigest()

    def __post_init__(self) -> None:
        # What is written now is to be read in years.
        if self.surface not in _SURFACES:
            raise ValueError(f"surface is {self.surface!r}; write one of {', '.join(_SURFACES)}")


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
    #: What the visitor was shown; None where code chose.
    presentation: Presentation | None = None
    #: Where the request came from, as the server says; None where it does not.
    address: str | None = None

    def __repr__(self) -> str:
        # Without the receipt and the address: they have no place in a log.
        return f"<Choice of {sorted(self.after.granted)}>"

    @property
    def widens(self) -> bool:
        """Whether something is allowed, or granted, that was not before."""
        before, after = self.before, self.after
        return not (after.granted <= before.granted and after.allowed <= before.allowed)

    @property
    def is_withdrawal(self) -> bool:
        """Whether everything is taken back that was granted."""
        return bool(self.before.granted) and not self.after.granted

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
    presentation: Presentation | None = None,
    address: str | None = None,
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
        shown: What the visitor was shown.
        address: Where the request came from.

    Raises:
        TypeError: The evidence is no text.
    """
    if not isinstance(evidence, str | None):
        raise TypeError(f"evidence is {type(evidence).__name__}; give text, such as 'form 4711'")
    record = terms.record(granted, signals=sent, now=now, new_id=new_id)
    after = terms.evaluate([record], copies=1, sent=sent, now=now)
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
        presentation=presentation,
        address=address,
    )


def remainder(
    choice: Choice, error: BaseException, terms: Terms, new_id: Callable[[], str]
) -> Choice | None:
    """
    Return what of a choice takes effect although the recorder failed; None for nothing.

    If proof cannot be kept now, what the choice newly grants does not take effect. What it takes
    back does: a missing proof is no reason to go on with what the visitor has withdrawn (GDPR,
    article 7(3)). The remainder never widens: under a "confirm" signal, what the signal holds off
    goes too, since a record made now would confirm it.

    Args:
        choice: The choice that was not recorded.
        error: What the recorder raised.
        terms: The registry's terms of consent.
        new_id: Returns the id of a receipt.
    """
    before, after = choice.before, choice.after
    is_mixed = choice.widens and not before.granted <= after.granted
    if not (is_mixed and isinstance(error, NotKeptError)):
        return None
    return choice_of(
        still_held(before, terms) & after.granted,
        before,
        terms=terms,
        sent=choice.record.signals,
        now=choice.time,
        new_id=new_id,
        evidence=choice.evidence,
        presentation=choice.presentation,
        address=choice.address,
    )


def still_held(consent: Consent, terms: Terms) -> frozenset[str]:
    """
    What was granted and may go over into a new record.

    That is made under the signals of now: what a "confirm" holds off was not granted under it,
    and must not seem so.
    """
    policy = terms.registry.policy.signals
    unconfirmed = frozenset(signal for signal in consent.signals if policy[signal] == "confirm")
    return consent.granted & terms.max_allowed(unconfirmed)


def joined(choice: Choice | None, evidence: str | None) -> str | None:
    """What a choice rests on that adds to another of the same request: what both do."""
    if choice is None or not choice.evidence or choice.evidence == evidence:
        return evidence
    return f"{choice.evidence}; {evidence}" if evidence else choice.evidence


def made_by(choice: Choice | None) -> tuple[str | None, Presentation | None]:
    """What a choice rests on that takes away from another of the same request: what that does."""
    return (None, None) if choice is None else (choice.evidence, choice.presentation)
