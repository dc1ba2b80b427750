"""The shape of what a registry file says about the site, its controller and its policy."""

from datetime import date
from typing import Annotated, Final

from msgspec import Meta, field

from cookiegate.registry.model import (
    ClearSiteDataRule,
    CspRule,
    LifetimeRule,
    Mode,
    RequestCookiesRule,
    SameSite,
    SameSiteNoneRule,
    SignalRule,
    SweepRule,
    UnknownRule,
)

from .types import KEEP_FORM, Accepted, Id, Language, PolicyText, Table, Text, Url

__all__ = [
    "AuthorityShape",
    "ControllerShape",
    "LedgerShape",
    "MinimumAttributesShape",
    "PolicyShape",
    "SignalsShape",
    "SiteShape",
]

# Browsers keep a cookie for 400 days at most (RFC 6265bis, section 5.5), the answer too.
_MOST_DAYS: Final = 400
# Beyond this JSON readers lose digits.
_MOST_VERSION: Final = 2**53 - 1


class SiteShape(Table):
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
            le=_MOST_VERSION,
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
            le=_MOST_DAYS,
            description="Days a grant holds; then the visitor is asked again.",
            examples=[90],
        ),
    ] = 90
    refusal_days: Annotated[
        Annotated[int, Meta(ge=1, le=_MOST_DAYS)] | None,
        Meta(
            description="Days a refusal holds; as many as consent_days if absent.", examples=[180]
        ),
    ] = None
    accepted: Annotated[
        Accepted,
        Meta(
            description="Advice that was considered and is not followed: its code, and why.",
            examples=[{"early-refusal": "The policy promises to ask again after 90 days."}],
        ),
    ] = field(default_factory=dict)


class ControllerShape(Table):
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


class AuthorityShape(Table):
    """A supervisory authority visitors may complain to."""

    name: Annotated[
        Text,
        Meta(description="The authority's name.", examples=["Integritetsskyddsmyndigheten"]),
    ]
    url: Annotated[
        Url | None, Meta(description="The authority's web page.", examples=["https://www.imy.se"])
    ] = None


class SignalsShape(Table):
    """What each signal of the browser means."""

    dnt: Annotated[SignalRule, Meta(description="What `DNT: 1` means.", examples=["override"])] = (
        "override"
    )
    gpc: Annotated[
        SignalRule, Meta(description="What `Sec-GPC: 1` means.", examples=["override"])
    ] = "override"


class MinimumAttributesShape(Table):
    """The least that a cookie's attributes must say."""

    secure: Annotated[
        bool | None,
        Meta(description="Add Secure where it is missing.", examples=[True]),
    ] = None
    http_only: Annotated[
        bool | None,
        Meta(
            description="Add HttpOnly where it is missing: scripts cannot read the cookie.",
            examples=[True],
        ),
    ] = None
    same_site: Annotated[
        SameSite | None,
        Meta(description="Raise a weaker SameSite to this one.", examples=["lax"]),
    ] = None
    partitioned: Annotated[
        bool | None,
        Meta(description="Add Partitioned, and Secure with it.", examples=[True]),
    ] = None


class PolicyShape(Table):
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
    floor: Annotated[
        MinimumAttributesShape,
        Meta(
            description="The least that every cookie's attributes must say.",
            examples=[{"secure": True, "same_site": "lax"}],
        ),
    ] = field(default_factory=MinimumAttributesShape)
    same_site_none: Annotated[
        SameSiteNoneRule,
        Meta(
            description="What happens to SameSite=None without Secure, which browsers refuse.",
            examples=["mend"],
        ),
    ] = "off"
    sweep: Annotated[
        SweepRule,
        Meta(
            description="What happens to registered cookies that are not allowed and that the "
            "browser still sends: `on` expires them once a choice or a signal speaks against "
            "them, `always` without a choice too, `report` tells.",
            examples=["report"],
        ),
    ] = "on"
    request_cookies: Annotated[
        RequestCookiesRule,
        Meta(
            description="`hide` takes registered cookies that are not allowed out of what the "
            "application sees of a request.",
            examples=["hide"],
        ),
    ] = "keep"
    clear_site_data: Annotated[
        ClearSiteDataRule,
        CspRule,
        Meta(
            description="`storage` has the browser clear the site's storage when a visitor takes "
            "a consent back; never its cookies.",
            examples=["storage"],
        ),
    ] = "off"
    csp: Annotated[
        CspRule,
        Meta(
            description="`edit` takes the sources of services that are not allowed out of the "
            "application's own Content-Security-Policy.",
            examples=["off"],
        ),
    ] = "edit"
    added_csp: Annotated[
        PolicyText | None,
        Meta(
            description="The Content-Security-Policy of pages that have none; edited like any.",
            examples=["script-src 'self' https://cdn.counter.example"],
        ),
    ] = None
    advanced_consent_mode: Annotated[
        Text | None,
        Meta(
            description="Why Google's tag is loaded before its category is granted (consent mode "
            "in its advanced form); without a reason it is not.",
            examples=["Our counsel advised that pings without cookies need no consent."],
        ),
    ] = None


class LedgerShape(Table):
    """What becomes of receipts, the proof of what visitors chose."""

    keep: Annotated[
        str | None,
        Meta(
            description="How long receipts are kept: a count and a unit; until they are pruned by "
            "hand if absent.",
            examples=["3 years"],
            extra_json_schema={"pattern": KEEP_FORM},
        ),
    ] = None
