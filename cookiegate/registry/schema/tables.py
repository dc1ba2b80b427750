"""The shape of a registry file: every key, its type, its default, what it means.

These types, with those of ``siteshape``, read the file, and the JSON Schema for editors is made
from them.  Rules that bind several keys together are not here: they are checked in ``building``.
"""

from typing import Annotated

from msgspec import Meta, field

from cookiegate.registry.model import Kind, LinkKind, Mode, SetBy, Signal

from .site_tables import (
    AuthorityShape,
    ControllerShape,
    LedgerShape,
    MinimumAttributesShape,
    PolicyShape,
    SiteShape,
)
from .types import (
    EXPIRES_FORM,
    Accepted,
    ConsentSignal,
    CookiePath,
    Domain,
    Id,
    Name,
    Source,
    Table,
    Text,
    TextLists,
    Texts,
    Url,
)

__all__ = [
    "CategoryShape",
    "CookieShape",
    "File",
    "LinkShape",
    "ServiceShape",
]


class CategoryShape(Table):
    """What a visitor allows or refuses as a whole."""

    required: Annotated[
        bool,
        Meta(
            description="The site cannot work without it: never asked about, always allowed.",
            examples=[True],
        ),
    ] = False
    title: Annotated[
        Texts,
        Meta(
            description="What the category is called, by language.", examples=[{"en": "Analysis"}]
        ),
    ] = field(default_factory=dict)
    description: Annotated[
        Texts,
        Meta(
            description="What it is for, by language.",
            examples=[{"en": "Shows us which pages are read."}],
        ),
    ] = field(default_factory=dict)
    without: Annotated[
        Texts,
        Meta(
            description="What a visitor loses who refuses it, by language.",
            examples=[{"en": "Nothing changes for you."}],
        ),
    ] = field(default_factory=dict)
    survives_signal: Annotated[
        bool | list[Signal],
        Meta(
            description="The signals under which it stays allowed when it was granted: "
            "true for both, or a list.",
            examples=[True, ["dnt"]],
        ),
    ] = False
    mode: Annotated[
        Mode | None,
        Meta(description="The category's own mode; the site's if absent.", examples=["report"]),
    ] = None
    floor: Annotated[
        MinimumAttributesShape,
        Meta(
            description="The least that its cookies' attributes must say; the policy's if absent.",
            examples=[{"http_only": True}],
        ),
    ] = field(default_factory=MinimumAttributesShape)
    consent_mode: Annotated[
        list[ConsentSignal],
        Meta(
            description="What it grants in Google's consent mode, or to another vendor.",
            examples=[["ad_storage", "ad_user_data", "ad_personalization"]],
        ),
    ] = field(default_factory=list)
    accepted: Annotated[
        Accepted,
        Meta(
            description="Advice that was considered and is not followed: its code, and why.",
            examples=[{"empty-category": "It is for a feature that comes soon."}],
        ),
    ] = field(default_factory=dict)


class LinkShape(Table):
    """A page of the provider."""

    kind: Annotated[
        LinkKind,
        Meta(description="What the page is for.", examples=["policy"]),
    ]
    url: Annotated[
        Url, Meta(description="The page's address.", examples=["https://example.com/privacy"])
    ]


class ServiceShape(Table):
    """What several cookies share."""

    provider: Annotated[
        Text | None, Meta(description="Who runs the service.", examples=["Google"])
    ] = None
    category: Annotated[
        Id | None,
        Meta(description="The category of its cookies that name none.", examples=["analysis"]),
    ] = None
    domain: Annotated[
        Domain | None, Meta(description="Short for one domain.", examples=["stripe.com"])
    ] = None
    domains: Annotated[
        list[Domain] | None,
        Meta(
            description="Where its cookies belong, subdomains included, unless they say so "
            "themselves; this site if absent.",
            examples=[["stripe.com"]],
        ),
    ] = None
    links: Annotated[
        list[LinkShape],
        Meta(
            description="The provider's pages.",
            examples=[[{"kind": "policy", "url": "https://example.com/privacy"}]],
        ),
    ] = field(default_factory=list)
    sources: Annotated[
        list[Source],
        Meta(
            description="The origins it is loaded from, for the Content-Security-Policy.",
            examples=[["https://www.googletagmanager.com"]],
        ),
    ] = field(default_factory=list)
    purpose: Annotated[
        TextLists,
        Meta(
            description="What its cookies are for, unless they say so themselves: "
            "a text or a list of texts, by language.",
            examples=[{"en": "Counts visits."}],
        ),
    ] = field(default_factory=dict)
    accepted: Annotated[
        Accepted,
        Meta(
            description="Advice that was considered and is not followed: its code, and why.",
            examples=[
                {"shared-source": "Both are loaded from one host, and are told apart by path."}
            ],
        ),
    ] = field(default_factory=dict)


class CookieShape(Table):
    """One row of the policy: a cookie, or a like technique."""

    name: Annotated[
        Name | Annotated[list[Name], Meta(min_length=1)],
        Meta(
            description="The name on the wire, a pattern, or a list of them.",
            examples=["_ga", ["_ga", "_ga_*"]],
        ),
    ]
    service: Annotated[
        Id | None,
        Meta(description="The service that sets it; absent: the site.", examples=["stripe"]),
    ] = None
    category: Annotated[
        Id | None,
        Meta(description="Its category; the service's if absent.", examples=["analysis"]),
    ] = None
    domain: Annotated[
        Domain | None, Meta(description="Short for one domain.", examples=["example.com"])
    ] = None
    domains: Annotated[
        list[Domain] | None,
        Meta(
            description="The domains it belongs to, subdomains included; the service's if absent. "
            "An empty list means this site.",
            examples=[["google.com", "google.se"]],
        ),
    ] = None
    expires: Annotated[
        str | None,
        Meta(
            description='How long it lives: "session", "never", or a count and a unit.',
            examples=["30 days", "session"],
            extra_json_schema={"pattern": EXPIRES_FORM},
        ),
    ] = None
    path: Annotated[
        CookiePath,
        Meta(description="The path it is set for; a sweep looks there.", examples=["/shop"]),
    ] = "/"
    kind: Annotated[Kind, Meta(description="What it is stored as.", examples=["cookie"])] = "cookie"
    set_by: Annotated[
        SetBy | None,
        Meta(description="Who sets it; printed on the policy page.", examples=["server"]),
    ] = None
    label: Annotated[
        Texts,
        Meta(
            description="A display name where the wire name says nothing, by language.",
            examples=[{"en": "Session cookie"}],
        ),
    ] = field(default_factory=dict)
    purpose: Annotated[
        TextLists,
        Meta(
            description="What it is for: a text or a list of texts, by language; "
            "the service's if absent.",
            examples=[{"en": "Keeps you logged in."}],
        ),
    ] = field(default_factory=dict)
    when: Annotated[
        Texts,
        Meta(
            description="When it is set, if not always, by language.",
            examples=[{"en": "only when you pay by card"}],
        ),
    ] = field(default_factory=dict)
    necessary: Annotated[
        Texts,
        Meta(
            description="In a required category: what fails without it, by language.",
            examples=[{"en": "Without it you cannot log in."}],
        ),
    ] = field(default_factory=dict)
    unconfirmed: Annotated[
        bool,
        Meta(
            description="The name is a guess until it is seen on the wire.",
            examples=[True],
        ),
    ] = False
    floor: Annotated[
        MinimumAttributesShape,
        Meta(
            description="The least that its attributes must say; the category's if absent.",
            examples=[{"http_only": False}],
        ),
    ] = field(default_factory=MinimumAttributesShape)
    accepted: Annotated[
        Accepted,
        Meta(
            description="Advice that was considered and is not followed: its code, and why.",
            examples=[{"required-lifetime": "The visitor asked for it."}],
        ),
    ] = field(default_factory=dict)


class File(Table):
    """A Cookiegate registry: the single truth about a site's cookies."""

    site: Annotated[SiteShape, Meta(description="The site itself.")]
    categories: Annotated[
        dict[Id, CategoryShape],
        Meta(min_length=1, description="The categories by id, in the order visitors see them."),
    ]
    controller: Annotated[ControllerShape | None, Meta(description="Who answers for the data.")] = (
        None
    )
    authorities: Annotated[
        list[AuthorityShape], Meta(description="Authorities visitors may complain to.")
    ] = field(default_factory=list)
    policy: Annotated[PolicyShape, Meta(description="What the gate does.")] = field(
        default_factory=PolicyShape
    )
    ledger: Annotated[LedgerShape, Meta(description="What becomes of receipts.")] = field(
        default_factory=LedgerShape
    )
    services: Annotated[dict[Id, ServiceShape], Meta(description="The services by id.")] = field(
        default_factory=dict
    )
    cookies: Annotated[
        list[CookieShape], Meta(description="The entries: one for each row of the policy.")
    ] = field(default_factory=list)
