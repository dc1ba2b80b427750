"""What the gate decides about one Set-Cookie, and why."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

import msgspec

__all__ = ["Action", "Reason", "Verdict", "kept", "stripped"]

Action = Literal["keep", "strip", "rewrite", "sweep"]


class Reason(StrEnum):
    """
    Why a verdict is what it is. Values are stable: logs and metrics carry them.

    `Reason.X.text` is one English sentence for people.
    """

    # The policy lets it pass.
    REQUIRED = "required"
    ALLOWED = "allowed"
    UNKNOWN_ALLOWED = "unknown_allowed"
    CONSENT_COOKIE = "consent_cookie"
    HOOK_ALLOWED = "hook_allowed"
    # The policy does not.
    NO_CONSENT = "no_consent"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_INVALID = "consent_invalid"
    CONSENT_OUTDATED = "consent_outdated"
    NOT_GRANTED = "not_granted"
    DNT = "dnt"
    GPC = "gpc"
    UNKNOWN = "unknown"
    NAMELESS = "nameless"
    UNREADABLE = "unreadable"
    CONSENT_COOKIE_NOT_OURS = "consent_cookie_not_ours"
    CONSENT_COOKIE_SUPERSEDED = "consent_cookie_superseded"
    HOOK_REFUSED = "hook_refused"
    FAILURE = "failure"
    # Not allowed, and yet something may leave.
    DELETION = "deletion"
    # Notes: worth a report, whatever the verdict.
    OTHER_SITE = "other_site"
    AMBIGUOUS = "ambiguous"
    OUTLIVES = "outlives"
    CLAMPED = "clamped"
    SECURE_ADDED = "secure_added"
    HTTP_ONLY_ADDED = "http_only_added"
    SAME_SITE_RAISED = "same_site_raised"
    PARTITIONED_ADDED = "partitioned_added"
    SAME_SITE_NONE = "same_site_none"
    REPORT_MODE = "report_mode"
    STILL_SENT = "still_sent"
    SWEPT_IN_VAIN = "swept_in_vain"
    CSP_ADMITS = "csp_admits"

    @property
    def text(self) -> str:
        """One sentence for people."""
        return _TEXTS[self]


_TEXTS: Final = MappingProxyType(
    {
        Reason.REQUIRED: "Its category is required.",
        Reason.ALLOWED: "The visitor allows its category.",
        Reason.UNKNOWN_ALLOWED: "It is not in the registry, which lets unknown cookies pass.",
        Reason.CONSENT_COOKIE: "It is Cookiegate's own, just as the gate writes it.",
        Reason.HOOK_ALLOWED: "The hook put it into a category that is allowed.",
        Reason.NO_CONSENT: "The visitor has made no choice yet.",
        Reason.CONSENT_EXPIRED: "The visitor's choice has expired.",
        Reason.CONSENT_INVALID: "The visitor's consent cookie is not one this gate wrote.",
        Reason.CONSENT_OUTDATED: "The visitor's choice was about another version of the registry.",
        Reason.NOT_GRANTED: "The visitor has not granted its category.",
        Reason.DNT: "The browser sends Do Not Track.",
        Reason.GPC: "The browser sends Global Privacy Control.",
        Reason.UNKNOWN: "It is not in the registry.",
        Reason.NAMELESS: "It has no name, so nothing in the registry can be meant.",
        Reason.UNREADABLE: "It holds a line break or a NUL, and could be two headers.",
        Reason.CONSENT_COOKIE_NOT_OURS: (
            "It bears the consent cookie's name and is not what the gate would write now."
        ),
        Reason.CONSENT_COOKIE_SUPERSEDED: "A choice was made in this request; its cookie leaves.",
        Reason.HOOK_REFUSED: "The hook refused it.",
        Reason.FAILURE: "Something went wrong while it was judged.",
        Reason.DELETION: "It may not be set, but this deletes it, and so it only deletes.",
        Reason.OTHER_SITE: "This site set it, though the registry knows it as another site's.",
        Reason.AMBIGUOUS: "Several entries share the name, and each of them counted.",
        Reason.OUTLIVES: "It would live longer than the registry declares.",
        Reason.CLAMPED: "Its lifetime was lowered to what the registry declares.",
        Reason.SECURE_ADDED: "Secure was added, as the registry asks.",
        Reason.HTTP_ONLY_ADDED: "HttpOnly was added, as the registry asks.",
        Reason.SAME_SITE_RAISED: "Its SameSite was raised to the one the registry asks for.",
        Reason.PARTITIONED_ADDED: "Partitioned was added, as the registry asks.",
        Reason.SAME_SITE_NONE: "It says SameSite=None without Secure, which browsers refuse.",
        Reason.REPORT_MODE: "Nothing was changed: its category only reports.",
        Reason.STILL_SENT: "The browser holds it already, and sends it.",
        Reason.CSP_ADMITS: "The Content-Security-Policy lets this service load all the same.",
        Reason.SWEPT_IN_VAIN: "It was expired three times, and the browser still sends it.",
    }
)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """
    The gate's answer about one Set-Cookie value.

    Or, told to listeners alone and noted as `still_sent`, about a cookie that the browser sends:
    "keep" leaves it there, "sweep" expires it. Or, noted as `csp_admits`, about a service that
    the response's Content-Security-Policy admits; the name is its id.
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
    #: Told to listeners alone: the first name or pattern of the entry that decided.
    entry: str | None = None
    #: Told to listeners alone: the template of the route that set it, where a framework has one;
    #: never a path, which could hold anything.
    route: str | None = None
    #: Told to listeners alone, of cookies that are not in the registry: how many seconds the
    #: browser is asked to keep it, at the longest; None for the session.
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
