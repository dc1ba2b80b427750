"""What a registry holds once it is read: frozen values, complete and checked.

Mappings from languages to texts hold what the file gives; nothing falls back to another language.
``accepted`` maps codes of advice to the reason for not following it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from .lifetimes import Lifetime

__all__ = [
    "Authority",
    "Category",
    "ClearSiteDataRule",
    "Controller",
    "CspRule",
    "Entry",
    "Kind",
    "Ledger",
    "LifetimeRule",
    "Link",
    "LinkKind",
    "MinimumAttributes",
    "Mode",
    "Policy",
    "RequestCookiesRule",
    "SameSite",
    "SameSiteNoneRule",
    "SetBy",
    "Signal",
    "SignalRule",
    "Site",
    "SweepRule",
    "TextLists",
    "Texts",
    "UnknownRule",
]

Mode = Literal["enforce", "report"]
UnknownRule = Literal["strip", "allow"]
LifetimeRule = Literal["off", "report", "clamp"]
SameSite = Literal["none", "lax", "strict"]
SameSiteNoneRule = Literal["off", "report", "mend"]
SweepRule = Literal["off", "report", "on", "always"]
RequestCookiesRule = Literal["keep", "hide"]
ClearSiteDataRule = Literal["off", "storage"]
CspRule = Literal["edit", "off"]
Signal = Literal["dnt", "gpc"]
SignalRule = Literal["override", "confirm", "default", "ignore"]
Kind = Literal["cookie", "local_storage", "session_storage", "pixel"]
SetBy = Literal["server", "script", "third_party"]
LinkKind = Literal["policy", "opt_out"]

# By language code.
Texts = Mapping[str, str]
TextLists = Mapping[str, tuple[str, ...]]


class _Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    # Values are in no cycle, so the garbage collector need not look at a hundred thousand.
    # Mappings have no hash; values that differ only in them are told apart by their equality.

    def __hash__(self) -> int:
        return hash(
            tuple(
                value
                for name in self.__struct_fields__
                if not isinstance(value := getattr(self, name), Mapping)
            )
        )


class Site(_Value, frozen=True, kw_only=True):
    """The site itself: its name, its languages, and how long an answer holds, in days.

    The first language is the default.  ``version`` is raised to ask everyone again who granted
    something; ``id`` salts the signature of the consent cookie.
    """

    name: str
    id: str
    languages: tuple[str, ...]
    version: int
    updated: date | None
    consent_days: int
    refusal_days: int
    accepted: Mapping[str, str] = {}


class MinimumAttributes(_Value, frozen=True, kw_only=True):
    """The least that a cookie's attributes must say; ``same_site`` "none" asks for nothing."""

    secure: bool = False
    http_only: bool = False
    same_site: SameSite = "none"
    partitioned: bool = False


class Policy(_Value, frozen=True, kw_only=True):
    """What the gate does with cookies that may not stay, are unknown, or outlive their word.

    ``floor`` holds for every cookie whose category or entry does not say otherwise; ``sweep`` and
    ``request_cookies`` are about cookies that browsers send, ``clear_site_data`` about what else
    they store, ``csp`` and ``added_csp`` about what pages may load.
    ``advanced_consent_mode`` is the reason for loading Google's tag before anybody agreed, or "".
    """

    mode: Mode
    unknown: UnknownRule
    lifetime: LifetimeRule
    signals: Mapping[Signal, SignalRule]
    floor: MinimumAttributes
    same_site_none: SameSiteNoneRule
    sweep: SweepRule
    request_cookies: RequestCookiesRule
    clear_site_data: ClearSiteDataRule
    csp: CspRule
    added_csp: str
    advanced_consent_mode: str


class Ledger(_Value, frozen=True, kw_only=True):
    """How long receipts are kept (GDPR art. 5(1)(e)); None: until they are pruned by hand."""

    keep: Lifetime | None


class Controller(_Value, frozen=True, kw_only=True):
    """Who answers for the data (GDPR art. 13(1)(a)); texts are empty where the file gives none."""

    name: str
    email: str
    address: str
    dpo: str | None
    privacy_policy: Texts


class Authority(_Value, frozen=True, kw_only=True):
    """A supervisory authority a visitor may complain to (GDPR art. 77)."""

    name: str
    url: str | None


class Category(_Value, frozen=True, kw_only=True):
    """What a visitor allows or refuses as a whole; a required one is never asked about.

    ``survives`` holds the signals under which it stays allowed *when granted*; ``mode`` is its
    own, or None when the site's holds.  ``consent_mode`` lists what it grants in Google's consent
    mode, or to another vendor.  ``floor`` is resolved: what it does not say, the policy
    says.
    """

    id: str
    required: bool
    title: Texts
    description: Texts
    without: Texts
    survives: frozenset[Signal]
    mode: Mode | None
    floor: MinimumAttributes
    consent_mode: tuple[str, ...] = ()
    accepted: Mapping[str, str] = {}


class Link(_Value, frozen=True, kw_only=True):
    """A provider's page: its policy, or the place to opt out."""

    kind: LinkKind
    url: str


class Service(_Value, frozen=True, kw_only=True):
    """What several entries share: the provider, a category, domains, links, purposes.

    ``sources`` are the origins it is loaded from, as a Content-Security-Policy names them.
    """

    id: str
    provider: str | None
    category: str | None
    domains: tuple[str, ...]
    links: tuple[Link, ...]
    sources: tuple[str, ...]
    purpose: TextLists
    accepted: Mapping[str, str] = {}


class Entry(_Value, frozen=True, kw_only=True):
    """One row of the policy: a cookie (or a like technique), by its names and patterns.

    Category, domains and purpose are resolved: where the entry gives none they are its service's.
    So is the floor: what the entry does not say, its category says.
    Domains are in lower case without a leading dot; none means this site, whatever its host.
    ``path`` is the path that it is set for; ``line`` is where the entry begins in its file, 0 when
    that is not known.
    """

    names: tuple[str, ...]
    kind: Kind
    category: str
    service: str | None
    domains: tuple[str, ...]
    expires: Lifetime | None
    set_by: SetBy | None
    label: Texts
    when: Texts
    necessary: Texts
    purpose: TextLists
    unconfirmed: bool
    floor: MinimumAttributes
    line: int
    path: str = "/"
    accepted: Mapping[str, str] = {}
