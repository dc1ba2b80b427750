"""Verdicts: what the gate decides about one Set-Cookie, and why."""

from __future__ import annotations

from enum import Flag, StrEnum, auto
from typing import Literal, Self

import msgspec

__all__ = ["Action", "Reason", "Trait", "Verdict", "kept", "stripped"]

Action = Literal["keep", "strip", "rewrite", "sweep"]


class Trait(Flag):
    """Properties of a reason, whatever the cookie."""

    NONE = 0
    FINAL = auto()
    UNKNOWN = auto()
    NOT_SET = auto()
    NEEDS_ACTION = auto()


class Reason(StrEnum):
    """
    Why a verdict is what it is. Values are stable: logs and metrics carry them.

    A reason is defined in one place: here, with its value, its text and its traits.
    """

    #: One English sentence for people.
    text: str
    #: Whether no hook can change the verdict.
    is_final: bool
    #: Whether the cookie has no entry in the registry.
    is_unknown: bool
    #: Whether the verdict is about something that the response does not set.
    is_not_set: bool
    #: Whether the site's author should look at it.
    needs_action: bool

    def __new__(cls, value: str, text: str = "", traits: Trait = Trait.NONE) -> Self:
        """Make a member."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        member.is_final = Trait.FINAL in traits
        member.is_unknown = Trait.UNKNOWN in traits
        member.is_not_set = Trait.NOT_SET in traits
        member.needs_action = Trait.NEEDS_ACTION in traits
        return member

    # The policy allows the cookie.
    REQUIRED = "required", "Its category is required."
    ALLOWED = "allowed", "The visitor allows its category."
    UNKNOWN_ALLOWED = (
        "unknown_allowed",
        "It is not in the registry, which allows unknown cookies.",
        Trait.UNKNOWN | Trait.NEEDS_ACTION,
    )
    CONSENT_COOKIE = (
        "consent_cookie",
        "It is Cookiegate's own cookie, exactly as the gate writes it.",
        Trait.FINAL,
    )
    HOOK_ALLOWED = "hook_allowed", "The hook put it into a category that is allowed."
    # The policy does not allow the cookie.
    NO_CONSENT = "no_consent", "The visitor has made no choice yet."
    CONSENT_EXPIRED = "consent_expired", "The visitor's choice has expired."
    CONSENT_INVALID = "consent_invalid", "The visitor's consent cookie is not one this gate wrote."
    CONSENT_OUTDATED = (
        "consent_outdated",
        "The visitor's choice was about another version of the registry.",
    )
    NOT_GRANTED = "not_granted", "The visitor has not granted its category or service."
    DNT = "dnt", "The browser sends Do Not Track."
    GPC = "gpc", "The browser sends Global Privacy Control."
    UNKNOWN = "unknown", "It is not in the registry.", Trait.UNKNOWN | Trait.NEEDS_ACTION
    NAMELESS = (
        "nameless",
        "It has no name, so no entry of the registry can match it.",
        Trait.FINAL | Trait.NEEDS_ACTION,
    )
    UNREADABLE = (
        "unreadable",
        "It holds a line break or a NUL, and could be two headers.",
        Trait.FINAL | Trait.NEEDS_ACTION,
    )
    CONSENT_COOKIE_NOT_OURS = (
        "consent_cookie_not_ours",
        "It has the consent cookie's name, but is not what the gate would write now.",
        Trait.FINAL | Trait.NEEDS_ACTION,
    )
    CONSENT_COOKIE_SUPERSEDED = (
        "consent_cookie_superseded",
        "A choice was made in this request, and that choice's cookie is sent instead.",
        Trait.FINAL,
    )
    CONSENT_COOKIE_NOT_RECORDED = (
        "consent_cookie_not_recorded",
        "It grants something without a receipt, on a site that records choices: use visit.grant.",
        Trait.FINAL | Trait.NEEDS_ACTION,
    )
    HOOK_REFUSED = "hook_refused", "The hook refused it."
    FAILURE = "failure", "Something went wrong while it was judged.", Trait.NEEDS_ACTION
    # The policy does not allow the cookie, but its deletion.
    DELETION = "deletion", "It is not allowed, but this is a deletion, so it may only delete."
    # Notes for a report, whatever the verdict.
    OTHER_SITE = (
        "other_site",
        "This site sets it, although the registry lists it as another site's.",
        Trait.NEEDS_ACTION,
    )
    AMBIGUOUS = (
        "ambiguous",
        "Several entries share its name, and each of them counts.",
        Trait.NEEDS_ACTION,
    )
    OUTLIVES = "outlives", "It would live longer than the registry declares.", Trait.NEEDS_ACTION
    CLAMPED = "clamped", "Its lifetime was lowered to what the registry declares."
    SECURE_ADDED = "secure_added", "Secure was added, as the registry asks."
    HTTP_ONLY_ADDED = "http_only_added", "HttpOnly was added, as the registry asks."
    SAME_SITE_RAISED = (
        "same_site_raised",
        "Its SameSite was raised to the one the registry asks for.",
    )
    PARTITIONED_ADDED = "partitioned_added", "Partitioned was added, as the registry asks."
    SAME_SITE_NONE = (
        "same_site_none",
        "It has SameSite=None without Secure, which browsers refuse.",
        Trait.NEEDS_ACTION,
    )
    REPORT_MODE = "report_mode", "Nothing was changed: the site or the category only reports."
    STILL_SENT = "still_sent", "The browser already has it, and sends it.", Trait.NOT_SET
    SWEPT_IN_VAIN = "swept_in_vain", "It was deleted three times, and the browser still sends it."
    NOT_DELETABLE = (
        "not_deletable",
        "No Set-Cookie can delete it everywhere: its name is too long, or is not a token.",
    )
    NO_ROOM = "no_room", "The response had no room for its deletion; a later one deletes it."
    CSP_ADMITS = (
        "csp_admits",
        "The Content-Security-Policy still lets this service load.",
        Trait.NOT_SET | Trait.NEEDS_ACTION,
    )


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the gate decides about one Set-Cookie value.

    Callbacks get two more kinds. A verdict with the note `still_sent` is about a request cookie:
    "keep" leaves it in the browser, "sweep" deletes it. A verdict with the note `csp_admits` is
    about a service that the response's Content-Security-Policy admits; its name is the service.
    """

    #: Whether the policy allows the cookie, whatever the mode.
    allowed: bool
    #: What happens to the header.
    action: Action
    #: The Set-Cookie value to send, of several the first; None if nothing is sent.
    header: bytes | None
    #: Of the cookie's names, the one that decided; "" for nameless. Decoded as UTF-8, with
    #: surrogates for other bytes (`os.fsencode` returns the bytes).
    name: str
    #: The category that decided; None if none did.
    category: str | None
    #: Why the verdict is what it is.
    reason: Reason
    #: Further reasons, for a report.
    notes: tuple[Reason, ...] = ()
    #: Whether another consent could have changed this verdict, so that caches must not share the
    #: response.
    depends: bool = False
    #: For callbacks: the first name or pattern of the entry that decided.
    entry: str | None = None
    #: For callbacks: the template of the route that set it, never a path; None without a framework.
    route: str | None = None
    #: For callbacks: for how many seconds a cookie would live at most that is not in the registry,
    #: or that outlives its entry; None for the session.
    lifetime: float | None = None

    def __repr__(self) -> str:
        # Without the header: a value must not get into a log.
        return (
            f"<Verdict {self.action} {self.name!r}: {self.reason.value}"
            f"{''.join(f', {note.value}' for note in self.notes)} (category {self.category!r})>"
        )


def kept(
    reason: Reason,
    header: bytes,
    *,
    name: str,
    category: str | None,
    depends: bool = False,
    notes: tuple[Reason, ...] = (),
) -> Verdict:
    """Return the verdict that keeps a header, byte for byte."""
    return Verdict(
        allowed=True,
        action="keep",
        header=header,
        name=name,
        category=category,
        reason=reason,
        notes=notes,
        depends=depends,
    )


def stripped(
    reason: Reason,
    *,
    name: str,
    category: str | None = None,
    depends: bool = False,
    notes: tuple[Reason, ...] = (),
) -> Verdict:
    """Return the verdict that strips a header."""
    return Verdict(
        allowed=False,
        action="strip",
        header=None,
        name=name,
        category=category,
        reason=reason,
        notes=notes,
        depends=depends,
    )
