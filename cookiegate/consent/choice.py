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
    "MAX_EVIDENCE_BYTES",
    "Choice",
    "NotKeptError",
    "Presentation",
    "SentBy",
    "Surface",
    "TooLateError",
    "carried_grants",
    "inherit_evidence",
    "join_evidence",
    "make_choice",
    "remainder",
]

#: Where a choice was made: on one of the pages, by the site's front end through their API, or by
#: the application's code.
Surface = Literal["banner", "settings", "api", "code"]

#: How a choice came from a page: the browser sent its form, or a script sent it. All scripts of a
#: page look the same, also those of third parties.
SentBy = Literal["form", "script"]

#: How long evidence may be, in bytes of UTF-8: a reference to a document, not the document.
MAX_EVIDENCE_BYTES: Final = 4096

_SURFACES: Final = get_args(Surface)
_WAYS: Final = get_args(SentBy)


class TooLateError(CookiegateError, RuntimeError):
    """A choice was made after the response's headers had left."""


class NotKeptError(CookiegateError, RuntimeError):
    """A recorder cannot keep proof of a choice now, so the choice takes no effect."""


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a visitor saw while choosing.

    Raises:
        ValueError: There is no such surface, or no such way to send.
    """

    surface: Surface
    #: The language in which it was shown; None if it is not known.
    language: str | None = None
    #: The page as every visitor sees it, complete in itself; None if the site made its own.
    html: str | None = None
    #: How the choice was sent; None if the application does not say.
    sent_by: SentBy | None = None

    @property
    def hash(self) -> str | None:
        """The SHA-256 of the page, in hexadecimal; None if there is no page."""
        if self.html is None:
            return None
        return sha256(self.html.encode("utf-8", "replace")).hexdigest()

    def __post_init__(self) -> None:
        # Receipts are read for years: no unknown value may get into one.
        if self.surface not in _SURFACES:
            raise ValueError(f"surface is {self.surface!r}; write one of {', '.join(_SURFACES)}")
        if self.sent_by not in (None, *_WAYS):
            raise ValueError(f"sent_by is {self.sent_by!r}; write one of {', '.join(_WAYS)}")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A choice made in this request. A recorder gets it before the response leaves."""

    #: What the consent cookie will carry.
    record: Record
    #: What the visitor allowed when the request came.
    before: Consent
    #: What the visitor allows from now on.
    after: Consent
    #: The registry in force.
    registry: Registry
    #: Unix seconds.
    time: int
    #: The id of its receipt. A refusal has one, too, but its cookie does not carry it.
    receipt: str
    #: What a choice by the application's code rests on, in the application's words.
    evidence: str | None = None
    #: What the visitor saw; None if code chose.
    presentation: Presentation | None = None
    #: The address of the client; None if the server does not say.
    address: str | None = None

    def __repr__(self) -> str:
        # Without the receipt and the address, which must not get into a log.
        return f"<Choice of {sorted(self.after.granted)}>"

    @property
    def widens(self) -> bool:
        """Whether more is allowed or granted than before."""
        before, after = self.before, self.after
        return not (after.granted <= before.granted and after.allowed <= before.allowed)

    @property
    def is_withdrawal(self) -> bool:
        """Whether everything that was granted is taken back."""
        return bool(self.before.granted) and not self.after.granted

    @property
    def is_refusal(self) -> bool:
        """Whether nothing is granted, and nothing was before: so nothing is taken back."""
        return not (self.before.granted or self.after.granted)

    @property
    def replaces(self) -> bool:
        """Whether the browser sent a consent cookie, valid or not, which this choice replaces."""
        return self.before.status != "missing"

    @property
    def takes_back(self) -> bool:
        """Whether some grant ends, also one of an expired or outdated choice."""
        return not (self.before.granted | self.before.previous) <= self.after.granted


def make_choice(
    granted: frozenset[str],
    before: Consent,
    *,
    terms: Terms,
    signals: frozenset[Signal],
    now: float,
    new_id: Callable[[], str],
    evidence: str | None = None,
    presentation: Presentation | None = None,
    address: str | None = None,
    replaces_several: bool = False,
) -> Choice | None:
    """
    Return the choice that grants these ids and no others; None if it changes nothing.

    Args:
        granted: Ids of categories, and of services in categories.
        before: What the visitor allowed when the request came.
        terms: The registry's terms of consent.
        signals: The signals that the request sends.
        now: Unix seconds.
        new_id: Returns the id of a receipt.
        evidence: What a choice by code rests on.
        presentation: What the visitor saw; None if code chose.
        address: The address of the client; None if it is not known.
        replaces_several: Whether the browser sends several choices. Then a choice that allows the
            same is made too, since it replaces them.

    Raises:
        TypeError: The evidence is not text.
        ValueError: The evidence is too long.
    """
    _check_evidence(evidence)
    record = terms.record(granted, signals=signals, now=now, new_id=new_id)
    after = terms.evaluate([record], signals=signals, now=now)
    is_same = (before.status, before.granted, before.allowed) == (
        after.status,
        after.granted,
        after.allowed,
    )
    if is_same and not replaces_several:
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
    return make_choice(
        carried_grants(before, terms) & after.granted,
        before,
        terms=terms,
        signals=choice.record.signals,
        now=choice.time,
        new_id=new_id,
        evidence=choice.evidence,
        presentation=choice.presentation,
        address=choice.address,
    )


def carried_grants(consent: Consent, terms: Terms) -> frozenset[str]:
    """
    Return what was granted and may be copied into a new record.

    The new record carries the signals that are on now. What a "confirm" signal blocks was not
    granted under that signal, and the record must not say so.

    Args:
        consent: The consent in force.
        terms: The registry's terms of consent.
    """
    policy = terms.registry.policy.signals
    unconfirmed = frozenset(signal for signal in consent.signals if policy[signal] == "confirm")
    return consent.granted & terms.max_allowed(unconfirmed)


def _check_evidence(evidence: str | None) -> None:
    if evidence is None:
        return
    if not isinstance(evidence, str):
        raise TypeError(f"evidence is {type(evidence).__name__}; give text, such as 'form 4711'")
    if (size := len(evidence.encode("utf-8", "surrogatepass"))) > MAX_EVIDENCE_BYTES:
        raise ValueError(
            f"evidence has {size} bytes, and a receipt keeps {MAX_EVIDENCE_BYTES}; give a "
            "reference, such as 'form 4711', and keep the document itself elsewhere"
        )


def join_evidence(choice: Choice | None, evidence: str | None) -> str | None:
    """
    Return the evidence of a choice that adds to an earlier one of the same request.

    Args:
        choice: The earlier choice, if any.
        evidence: The evidence of the later choice.
    """
    if choice is None or not choice.evidence or choice.evidence == evidence:
        return evidence
    return f"{choice.evidence}; {evidence}" if evidence else choice.evidence


def inherit_evidence(choice: Choice | None) -> tuple[str | None, Presentation | None]:
    """
    Return evidence and presentation of a choice that takes away from an earlier one.

    They are those of the earlier choice of the same request: what remains was granted there.

    Args:
        choice: The earlier choice, if any.
    """
    return (None, None) if choice is None else (choice.evidence, choice.presentation)
