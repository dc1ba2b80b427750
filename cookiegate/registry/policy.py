"""The site's policy: the table `[policy]`, its rules, and the minimum attributes of cookies."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import field

from cookiegate.http.signals import Signal

from .schema.types import (
    OptionalText,
    PolicyText,
    Table,
    Value,
    key,
)

__all__ = [
    "ClearSiteDataRule",
    "CspRule",
    "LifetimeRule",
    "MinimumAttributes",
    "Mode",
    "Policy",
    "PolicyKeys",
    "RequestCookiesRule",
    "SameSite",
    "SameSiteNoneRule",
    "SignalRule",
    "SweepRule",
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
SignalRule = Literal["override", "confirm", "default", "ignore"]


class MinimumAttributes(Value, frozen=True, kw_only=True):
    """The least that a cookie's attributes must say; ``same_site`` "none" asks for nothing."""

    secure: bool = False
    http_only: bool = False
    same_site: SameSite = "none"
    partitioned: bool = False


class PolicyKeys(Table, frozen=True, kw_only=True):
    """The keys of ``[policy]`` that are read as they are written."""

    mode: Annotated[
        Mode,
        key(
            "`enforce` strips what is not allowed. `report` changes nothing and reports what would "
            "be stripped.",
            "enforce",
        ),
    ] = "enforce"
    unknown: Annotated[
        UnknownRule,
        key("What happens to a cookie that no entry names. It is reported either way.", "strip"),
    ] = "strip"
    lifetime: Annotated[
        LifetimeRule,
        key(
            "What happens to a cookie that would live longer than its entry says: `report` notes "
            "it, `clamp` shortens it.",
            "report",
        ),
    ] = "off"
    same_site_none: Annotated[
        SameSiteNoneRule,
        key(
            "What happens to a cookie with `SameSite=None` and without `Secure`, which browsers "
            "refuse: `report` notes it, `mend` adds `Secure`.",
            "mend",
        ),
    ] = "off"
    sweep: Annotated[
        SweepRule,
        key(
            "What happens to registered cookies that are not allowed and that the browser still "
            "sends: `on` deletes them once a choice or a signal forbids them, `always` without a "
            "choice too, `report` notes them.",
            "report",
        ),
    ] = "on"
    request_cookies: Annotated[
        RequestCookiesRule,
        key("`hide` removes cookies that are not allowed from the application's request.", "hide"),
    ] = "keep"
    clear_site_data: Annotated[
        ClearSiteDataRule,
        key(
            "`storage` makes the browser clear the site's storage when a visitor withdraws a "
            "consent; never its cookies.",
            "storage",
        ),
    ] = "off"
    csp: Annotated[
        CspRule,
        key(
            "`edit` removes the sources of services that are not allowed from the application's "
            "own Content-Security-Policy.",
            "off",
        ),
    ] = "edit"
    added_csp: Annotated[
        PolicyText,
        key(
            "The Content-Security-Policy of pages that have none, on one line. It is edited too.",
            "script-src 'self' https://cdn.counter.example",
            min_length=1,
        ),
    ] = field(default_factory=str)
    advanced_consent_mode: Annotated[
        OptionalText,
        key(
            "Why Google's tag is loaded before its category is granted (consent mode in its "
            "advanced form). Without a reason it is not.",
            "Our counsel advised that pings without cookies need no consent.",
        ),
    ] = field(default_factory=str)


class Policy(PolicyKeys, Value, frozen=True, kw_only=True):
    """What the gate does with cookies that are not allowed, unknown, or live too long.

    ``floor`` holds for every cookie whose category or entry does not say otherwise.
    """

    signals: Mapping[Signal, SignalRule]
    floor: MinimumAttributes
