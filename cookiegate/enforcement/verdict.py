"""What the gate decides about one Set-Cookie, and why."""

from __future__ import annotations

from enum import Flag, StrEnum, auto
from typing import Literal, Self

import msgspec

__all__ = ["Action", "Reason", "Trait", "Verdict", "kept", "stripped"]

Action = Literal["keep", "strip", "rewrite", "sweep"]


class Trait(Flag):
    """What is true of a reason, whichever cookie it is about."""

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
    #: Whether no hook has a say.
    is_final: bool
    #: Whether no entry of the registry names the cookie.
    is_unknown: bool
    #: Whether it is about something that the response does not set.
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

    # The policy lets it pass.
    REQUIRED = "required", "Its category is required."
    ALLOWED = "allowed", "The visitor allows its category."
    UNKNOWN_ALLOWED = (
        "unknown_allowed",
        "It is not in the registry, which lets unknown cookies pass.",
        Trait.UNKNOWN | Trait.NEEDS_ACTION,
    )
    CONSENT_COOKIE = (
        "consent_cookie",
        "It is Cookiegate's own, just as the gate writes it.",
        Trait.FINAL,
    )
    HOOK_ALLOWED = "hook_allowed", "The hook put it into a category that is allowed."
    # The policy does not.
    NO_CONSENT = "no_consent", "The visitor has made no choice yet."
    CONSENT_EXPIRED = "consent_expired", "The visitor's choice has expired."
    CONSENT_INVALID = "consent_invalid", "The visitor's consent cookie is not one this gate wrote."
    CONSENT_OUTDATED = (
        "consent_outdated",
        "The visitor's choice was about another version of the registry.",
    )
    NOT_GRANTED = "not_granted", "The visitor has not granted its category."
    DNT = "dnt", "The browser sends Do Not Track."
    GPC = "gpc", "The browser sends Global Privacy Control."
    UNKNOWN = "unknown", "It is not in the registry.", Trait.UNKNOWN | Trait.NEEDS_ACTION
    NAMELESS = (
        "nameless",
        "It has no name, so nothing in the registry can be meant.",
        Trait.FINAL | Trait.NEEDS_ACTION,
    )
    UNREADABLE = (
        "unreadable",
        "It holds a line break or a NUL, and could be two headers.",
        Trait.FINAL | Trait.NEEDS_ACTION,
    )
    CONSENT_COOKIE_NOT_OURS = (
        "consent_cookie_not_ours",
        "It bears the consent cookie's name and is not what the gate would write now.",
        Trait.FINAL | Trait.NEEDS_ACTION,
    )
    CONSENT_COOKIE_SUPERSEDED = (
        "consent_cookie_superseded",
        "A choice was made in this request; its cookie leaves.",
        Trait.FINAL,
    )
    HOOK_REFUSED = "hook_refused", "The hook refused it."
    FAILURE = "failure", "Something went wrong while it was judged.", Trait.NEEDS_ACTION
    # Not allowed, and yet something may leave.
    DELETION = "deletion", "It may not be set, but this deletes it, and so it only deletes."
    # Notes: worth a report, whatever the verdict.
    OTHER_SITE = (
        "other_site",
        "This site set it, though the registry knows it as another site's.",
        Trait.NEEDS_ACTION,
    )
    AMBIGUOUS = (
        "ambiguous",
        "Several entries share the name, and each of them counted.",
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
        "It says SameSite=None without Secure, which browsers refuse.",
        Trait.NEEDS_ACTION,
    )
    REPORT_MODE = "report_mode", "Nothing was changed: its category only reports."
    STILL_SENT = "still_sent", "The browser holds it already, and sends it.", Trait.NOT_SET
    SWEPT_IN_VAIN = "swept_in_vain", "It was expired three times, and the browser still sends it."
    CSP_ADMITS = (
        "csp_admits",
        "The Content-Security-Policy lets this service load all the same.",
        Trait.NOT_SET | Trait.NEEDS_ACTION,
    )


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """
    The gate's answer about one Set-Cookie value.

    Callbacks get two more kinds. One noted as `still_sent` is about a cookie that the browser
    sends: "keep" leaves it there, "sweep" deletes it. One noted as `csp_admits` is about a service
    that the response's Content-Security-Policy admits; the name is the service's id.
    """

    #: The policy's answer, whatever the mode.
    allowed: bool
    #: What happens to the header.
    action: Action
    #: The bytes to send, of several the first; None when stripped, and where nothing is sent.
    header: bytes | None
    #: Of the names the header goes by, the one that decided; "" for nameless. UTF-8, with
    #: surrogates in place of bytes that are not (so that `os.fsencode` gives the bytes back).
    name: str
    #: The category that decided; None where none did.
    category: str | None
    reason: Reason
    #: What else is worth a report.
    notes: tuple[Reason, ...] = ()
    #: Whether another consent could have changed this verdict, so that caches must be told.
    depends: bool = False
    #: For callbacks: the first name or pattern of the entry that decided.
    entry: str | None = None
    #: For callbacks: the template of the route that set it, where a framework has one; never a
    #: path, which could hold anything.
    route: str | None = None
    #: For callbacks, about cookies that are not in the registry: how many seconds the browser is
    #: asked to keep it, at the longest; None for the session.
    lifetime: float | None = None

    def __repr__(self) -> str:
        # Without the header: a value has no place in a log.
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
    """The verdict that lets a header pass, byte for byte."""
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
    """The verdict that takes a header out."""
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
