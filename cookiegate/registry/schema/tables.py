"""The tables of a registry file, where their form differs from the registry's values.

The JSON Schema for editors is made from these types and those of ``registry.model``. Rules that
bind several keys together are in ``registry.validation``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, defstruct, field

from cookiegate.http.signals import SIGNAL_TABLE, Signal
from cookiegate.registry.model import (
    Authority,
    CategoryKeys,
    Controller,
    EntryKeys,
    ServiceKeys,
    Site,
)
from cookiegate.registry.policy import PolicyKeys, SameSite, SignalRule

from .types import EXPIRES_FORM, KEEP_FORM, Domain, Id, Name, Table, TextOrTexts, key, no_items

__all__ = [
    "CategoryTable",
    "CookieTable",
    "File",
    "LedgerTable",
    "MinimumAttributesTable",
    "PolicyTable",
    "ServiceTable",
    "SignalsTable",
]

_DOMAIN = key("Short for `domains` with one domain. Write one of the two.", "example.com")


if TYPE_CHECKING:

    class SignalsTable(Table, frozen=True, kw_only=True):
        """What each signal of the browser means."""

else:
    # A key for each signal that there is.
    SignalsTable = defstruct(
        "SignalsTable",
        [
            (
                one.id,
                Annotated[SignalRule, key(f"What `{one.header}: 1` means.", "override")],
                "override",
            )
            for one in SIGNAL_TABLE
        ],
        bases=(Table,),
        namespace={"__doc__": "What each signal of the browser means."},
        module=__name__,
        frozen=True,
        kw_only=True,
    )


class MinimumAttributesTable(Table, frozen=True, kw_only=True):
    """The least that a cookie's attributes must say; an absent key says nothing."""

    secure: Annotated[bool | None, key("Add `Secure` where it is missing.", True)] = None
    http_only: Annotated[
        bool | None,
        key("Add `HttpOnly` where it is missing, so that scripts cannot read the cookie.", True),
    ] = None
    same_site: Annotated[
        SameSite | None,
        key('Raise a weaker `SameSite` to this one. `"none"` asks for nothing.', "lax"),
    ] = None
    partitioned: Annotated[
        bool | None,
        key("Add `Partitioned`, and `Secure`, without which browsers refuse it.", True),
    ] = None


class PolicyTable(PolicyKeys, frozen=True, kw_only=True):
    """What the gate does."""

    signals: Annotated[
        SignalRule | SignalsTable,
        key(
            "What Do Not Track and Global Privacy Control mean: one word for both, or a table with "
            "one for each.",
            "override",
            {"dnt": "override", "gpc": "confirm"},
        ),
    ] = "override"
    floor: Annotated[
        MinimumAttributesTable | None,
        key(
            "The least that every cookie's attributes must say.",
            {"secure": True, "same_site": "lax"},
        ),
    ] = None


class LedgerTable(Table, frozen=True, kw_only=True):
    """What becomes of receipts, the proof of what visitors chose (GDPR art. 7(1))."""

    keep: Annotated[
        str | None,
        key(
            "How long each receipt is kept. Without it, receipts are kept until they are pruned by "
            "hand.",
            "3 years",
            extra_json_schema={"pattern": KEEP_FORM},
        ),
    ] = None


class CategoryTable(CategoryKeys, frozen=True, kw_only=True):
    """What a visitor allows or refuses as a whole."""

    survives_signal: Annotated[
        bool | tuple[Signal, ...],
        key(
            "The signals under which it stays allowed when the visitor granted it: `true` for "
            "both, or a list.",
            True,
            ["dnt"],
        ),
    ] = False
    floor: Annotated[
        MinimumAttributesTable | None,
        key("The least that its cookies' attributes must say.", {"http_only": True}),
    ] = None


class ServiceTable(ServiceKeys, frozen=True, kw_only=True):
    """What several cookies share."""

    domain: Annotated[Domain | None, _DOMAIN] = None
    domains: Annotated[
        tuple[Domain, ...] | None,
        key(
            "The domains of its entries, subdomains included. Without any, they are this site's.",
            ["stripe.com"],
        ),
    ] = None
    purpose: Annotated[
        TextOrTexts,
        key("What its entries are for. Several purposes are a list.", {"en": "Counts visits."}),
    ] = field(default_factory=no_items)


# Not kw_only: the keys that are defined here come before those of EntryKeys.
class CookieTable(EntryKeys, frozen=True):
    """One row of the policy: a cookie, or a like technique."""

    name: Annotated[
        Name | Annotated[tuple[Name, ...], Meta(min_length=1)],
        key(
            "The name in the Set-Cookie header, a pattern, or a list of them.",
            "_ga",
            ["_ga", "_ga_*"],
        ),
    ]
    category: Annotated[
        Id | None, key("Its category. Required where no service gives one.", "analysis")
    ] = None
    domain: Annotated[Domain | None, _DOMAIN] = None
    domains: Annotated[
        tuple[Domain, ...] | None,
        key(
            "The domains it belongs to, subdomains included. `[]` means this site, whatever its "
            "host, also where the service has domains.",
            ["google.com", "google.se"],
        ),
    ] = None
    expires: Annotated[
        str | None,
        key(
            'How long it lives: `"session"`, `"never"`, or a count and a unit.',
            "30 days",
            "session",
            extra_json_schema={"pattern": EXPIRES_FORM},
        ),
    ] = None
    purpose: Annotated[
        TextOrTexts,
        key("What it is for. Several purposes are a list.", {"en": "Keeps you logged in."}),
    ] = field(default_factory=no_items)
    floor: Annotated[
        MinimumAttributesTable | None,
        key("The least that its attributes must say.", {"http_only": False}),
    ] = None


class File(Table, frozen=True, kw_only=True):
    """A Cookiegate registry: the single truth about a site's cookies."""

    site: Annotated[Site, key("The site itself.")]
    categories: Annotated[
        Mapping[Id, CategoryTable],
        key("The categories by id, in the order visitors see them.", min_length=1),
    ]
    controller: Annotated[Controller | None, key("Who answers for the data.")] = None
    authorities: Annotated[tuple[Authority, ...], key("The supervisory authorities.")] = ()
    policy: Annotated[PolicyTable, key("What the gate does.")] = field(default_factory=PolicyTable)
    ledger: Annotated[LedgerTable, key("What becomes of receipts.")] = field(
        default_factory=LedgerTable
    )
    services: Annotated[Mapping[Id, ServiceTable], key("The services by id.")] = field(
        default_factory=no_items
    )
    cookies: Annotated[
        tuple[CookieTable, ...], key("The entries: one for each row of the policy.")
    ] = ()
