"""The shape of a registry file: every key, its type, its default, what it means.

These types read the file, and the JSON Schema for editors is made from them.  Rules that bind
several keys together are not here: they are checked in ``building``.
"""

from datetime import date
from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct, field

from .forms import (
    DOMAIN_FORM,
    ID_FORM,
    LANGUAGE_FORM,
    SOURCE_FORM,
    URL_FORM,
)
from .model import (
    Kind,
    LifetimeRule,
    LinkKind,
    Mode,
    SetBy,
    Signal,
    SignalRule,
    UnknownRule,
)

__all__ = [
    "AuthorityShape",
    "CategoryShape",
    "ControllerShape",
    "CookieShape",
    "File",
    "LinkShape",
    "PolicyShape",
    "ServiceShape",
    "SignalsShape",
    "SiteShape",
]

# Browsers keep a cookie for 400 days at most (RFC 6265bis, section 5.5), the answer too.
MOST_DAYS: Final = 400
# Beyond this JSON readers lose digits.
MOST_VERSION: Final = 2**53 - 1

_NAME_FORM = r"^[^;=\x00-\x1F\x7F]+$"
_EXPIRES_FORM = r"^(session|never|[0-9]{1,9} (minute|hour|day|week|month|year)s?)$"

# These forms are for editors; the loader checks them itself, with better words than a pattern has.
# (Never Meta(pattern=...): msgspec 0.22 then now and then crashes the interpreter at its exit,
# msgspec issue 717.)
Text: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": r"\S"})]
Id: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": ID_FORM})]
Language: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": LANGUAGE_FORM})]
Domain: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": DOMAIN_FORM})]
Url: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": URL_FORM})]
Source: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": SOURCE_FORM})]
Name: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": _NAME_FORM})]
Texts: TypeAlias = dict[Language, Text]
TextLists: TypeAlias = dict[Language, Text | Annotated[list[Text], Meta(min_length=1)]]


class _Table(Struct, forbid_unknown_fields=True, kw_only=True):
    """A table that takes no keys but its own."""


class SiteShape(_Table):
    """The site itself."""

    name: Annotated[
        Text, Meta(description="The site's name, as visitors know it.", examples=["Billogram"])
    ]
    languages: Annotated[
        list[Language],
        Meta(
            min_length=1,
            description="The languages of the texts; the first is the default.",
            examples=[["en", "sv"]],
        ),
    ]
    id: Annotated[
        Id | None,
        Meta(
            description="Salts the signature of the consent cookie; made from the name if absent.",
            examples=["billogram"],
        ),
    ] = None
    version: Annotated[
        int,
        Meta(
            ge=1,
            le=MOST_VERSION,
            description="Raise it, and everyone who granted something is asked again.",
            examples=[2],
        ),
    ] = 1
    updated: Annotated[
        date | None,
        Meta(
            description="The day the policy last changed, as the page prints it.",
            examples=[date(2026, 11, 24)],
        ),
    ] = None
    consent_days: Annotated[
        int,
        Meta(
            ge=1,
            le=MOST_DAYS,
            description="Days a grant holds; then the visitor is asked again.",
            examples=[90],
        ),
    ] = 90
    refusal_days: Annotated[
        Annotated[int, Meta(ge=1, le=MOST_DAYS)] | None,
        Meta(
            description="Days a refusal holds; as many as consent_days if absent.", examples=[180]
        ),
    ] = None


class ControllerShape(_Table):
    """Who answers for the data."""

    name: Annotated[
        Text | None, Meta(description="The controller's full name.", examples=["Billogram AB"])
    ] = None
    email: Annotated[
        Text | None,
        Meta(description="Where visitors can write to.", examples=["privacy@example.com"]),
    ] = None
    address: Annotated[
        Text | None,
        Meta(description="The postal address.", examples=["Example Street 1, 111 22 Stockholm"]),
    ] = None
    dpo: Annotated[
        Text | None,
        Meta(
            description="The data protection officer: a name or an address.",
            examples=["dpo@example.com"],
        ),
    ] = None
    privacy_policy: Annotated[
        dict[Language, Url],
        Meta(
            description="The privacy policy's address, one for each language.",
            examples=[{"en": "https://example.com/privacy"}],
        ),
    ] = field(default_factory=dict)


class AuthorityShape(_Table):
    """A supervisory authority visitors may complain to."""

    name: Annotated[
        Text,
        Meta(description="The authority's name.", examples=["Integritetsskyddsmyndigheten"]),
    ]
    url: Annotated[
        Url | None, Meta(description="The authority's web page.", examples=["https://www.imy.se"])
    ] = None


class SignalsShape(_Table):
    """What each signal of the browser means."""

    dnt: Annotated[SignalRule, Meta(description="What `DNT: 1` means.", examples=["override"])] = (
        "override"
    )
    gpc: Annotated[
        SignalRule, Meta(description="What `Sec-GPC: 1` means.", examples=["override"])
    ] = "override"


class PolicyShape(_Table):
    """What the gate does."""

    mode: Annotated[
        Mode,
        Meta(
            description="`enforce` strips what is not allowed; `report` changes nothing and tells.",
            examples=["enforce"],
        ),
    ] = "enforce"
    unknown: Annotated[
        UnknownRule,
        Meta(
            description="What happens to a cookie that no entry names; reported either way.",
            examples=["strip"],
        ),
    ] = "strip"
    lifetime: Annotated[
        LifetimeRule,
        Meta(
            description="What happens to a cookie that outlives its declared lifetime.",
            examples=["report"],
        ),
    ] = "off"
    signals: Annotated[
        SignalRule | SignalsShape,
        Meta(
            description="What DNT and GPC mean: one word for both, or a table.",
            examples=["override", {"dnt": "override", "gpc": "confirm"}],
        ),
    ] = "override"


class CategoryShape(_Table):
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


class LinkShape(_Table):
    """A page of the provider."""

    kind: Annotated[
        LinkKind,
        Meta(description="What the page is for.", examples=["policy"]),
    ]
    url: Annotated[
        Url, Meta(description="The page's address.", examples=["https://example.com/privacy"])
    ]


class ServiceShape(_Table):
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


class CookieShape(_Table):
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
            extra_json_schema={"pattern": _EXPIRES_FORM},
        ),
    ] = None
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


class File(_Table):
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
    services: Annotated[dict[Id, ServiceShape], Meta(description="The services by id.")] = field(
        default_factory=dict
    )
    cookies: Annotated[
        list[CookieShape], Meta(description="The entries: one for each row of the policy.")
    ] = field(default_factory=list)
