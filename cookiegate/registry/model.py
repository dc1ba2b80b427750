"""What a registry holds once it is read: frozen values, complete and checked.

A table of the file whose keys need no conversion is read straight into its type here. Where some
keys do, the others are in a base class (``PolicyKeys``, ``CategoryKeys`` ...), which the table's
type in ``schema.tables`` shares. So each key is defined once: its type, its default, its meaning.

Texts are mappings from languages to what the file says; no text falls back to another language.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal

from msgspec import field

from cookiegate.http.signals import Signal

from .lifetimes import Lifetime
from .policy import MinimumAttributes, Mode
from .schema.types import (
    Accepted,
    ConsentSignal,
    CookiePath,
    Country,
    Id,
    Language,
    OptionalText,
    Source,
    Table,
    Text,
    Texts,
    Url,
    Value,
    key,
    no_items,
)

__all__ = [
    "Authority",
    "Category",
    "CategoryKeys",
    "Controller",
    "Duty",
    "Entry",
    "EntryKeys",
    "Granularity",
    "Kind",
    "Ledger",
    "Link",
    "LinkKind",
    "Service",
    "ServiceKeys",
    "SetBy",
    "Site",
    "TextLists",
    "Texts",
]

Kind = Literal["cookie", "local_storage", "session_storage", "pixel"]
SetBy = Literal["server", "script", "third_party"]
LinkKind = Literal["policy", "opt_out"]
Granularity = Literal["category", "service"]
Duty = Literal["data", "cookies"]

# By language code.
TextLists = Mapping[str, tuple[str, ...]]

# Browsers keep a cookie for at most 400 days (RFC 6265bis, section 5.5), the consent cookie too.
_MOST_DAYS: Final = 400
# JSON readers lose digits of larger numbers.
_MOST_VERSION: Final = 2**53 - 1


class Site(Value, frozen=True, kw_only=True):
    """The site itself: its name, its languages, and how long a choice holds."""

    name: Annotated[Text, key("The site's name, as visitors know it.", "Billogram")]
    languages: Annotated[
        tuple[Language, ...],
        key("The languages of all texts. The first is the default.", ["en", "sv"], min_length=1),
    ]
    id: Annotated[
        Id,
        key(
            "Part of the consent cookie and of the key that signs it. A changed id, or a changed "
            "name where the id is made from it, voids every choice made so far.",
            "billogram",
            min_length=1,
        ),
    ] = field(default_factory=str)
    version: Annotated[
        int,
        key(
            "A choice holds for the version it was made under. After a raise, everyone who granted "
            "something is asked again.",
            2,
            ge=1,
            le=_MOST_VERSION,
        ),
    ] = 1
    updated: Annotated[
        date | None,
        key("The day the policy last changed, without quotes.", date(2026, 11, 24)),
    ] = None
    consent_days: Annotated[
        int,
        key(
            "How many days a grant holds; then the visitor is asked again. Browsers keep no cookie "
            "for more than 400 days.",
            90,
            ge=1,
            le=_MOST_DAYS,
        ),
    ] = 90
    refusal_days: Annotated[
        int, key("How many days a refusal holds.", 180, ge=1, le=_MOST_DAYS)
    ] = field(default_factory=int)
    granularity: Annotated[
        Granularity,
        key(
            "What visitors choose: `category` has a switch for each optional category, `service` "
            "also one for each of its services. A choice of the other kind stays valid: a category "
            "that was allowed as a whole stays so, and single services are off under `category`.",
            "service",
        ),
    ] = "category"
    catalogs: Annotated[
        OptionalText,
        key(
            "The folder of the site's own translations of the pages, beside this file. They add "
            "languages, or replace single sentences.",
            "locale",
        ),
    ] = field(default_factory=str)
    shares_host: Annotated[
        bool,
        key(
            "Whether another site with Cookiegate is on the same host, under another path. Then "
            "the consent cookie's name ends in the id, so that the sites do not overwrite each "
            "other's choices.",
            True,
        ),
    ] = False
    accepted: Annotated[
        Accepted,
        key(
            "Advice of `cookiegate check` that is deliberately not followed: its code, and why.",
            {"early-refusal": "The policy promises to ask again after 90 days."},
        ),
    ] = field(default_factory=no_items)


class Controller(Value, frozen=True, kw_only=True):
    """Who answers for the data (GDPR art. 13(1)(a)); texts are empty where the file has none."""

    name: Annotated[OptionalText, key("The controller's full name.", "Billogram AB")] = field(
        default_factory=str
    )
    email: Annotated[
        OptionalText, key("The e-mail address for visitors.", "privacy@example.com")
    ] = field(default_factory=str)
    address: Annotated[
        OptionalText, key("The postal address.", "Example Street 1, 111 22 Stockholm")
    ] = field(default_factory=str)
    dpo: Annotated[
        OptionalText | None,
        key("The data protection officer: a name or an address.", "dpo@example.com"),
    ] = None
    privacy_policy: Annotated[
        Mapping[Language, Url],
        key("The address of the privacy policy.", {"en": "https://example.com/privacy"}),
    ] = field(default_factory=no_items)


class Authority(Value, frozen=True, kw_only=True):
    """
    A supervisory authority: for complaints about data (GDPR art. 77), or for cookies (national law
    on art. 5(3) of the ePrivacy directive).

    Where name or address differ between languages they are mappings, and else texts.
    """

    name: Annotated[
        Text | Texts,
        key(
            "The authority's name: one for all languages, or one for each.",
            "Integritetsskyddsmyndigheten",
            {"en": "Swedish Authority for Privacy Protection (IMY)"},
        ),
    ]
    url: Annotated[
        Url | Mapping[Language, Url] | None,
        key("The authority's web page, in the same way.", "https://www.imy.se"),
    ] = None
    country: Annotated[
        Country | None,
        key("Its country, as in ISO 3166. The page says for which country it is.", "SE"),
    ] = None
    oversees: Annotated[
        tuple[Duty, ...],
        key(
            'What it is for: `"data"` (complaints about personal data), `"cookies"` (supervision '
            "of cookies), or both.",
            ["cookies"],
            min_length=1,
        ),
    ] = ("data",)


class Ledger(Value, frozen=True, kw_only=True):
    """How long receipts are kept (GDPR art. 5(1)(e)); None: until they are pruned by hand."""

    keep: Lifetime | None


class CategoryKeys(Table, frozen=True, kw_only=True):
    """The keys of ``[categories.<id>]`` that are read as they are written."""

    required: Annotated[
        bool,
        key(
            "Whether its cookies are always allowed, without a question. This is for what a "
            "service that the visitor asked for needs (ePrivacy directive art. 5(3)).",
            True,
        ),
    ] = False
    title: Annotated[Texts, key("The category's name.", {"en": "Analysis"})] = field(
        default_factory=no_items
    )
    description: Annotated[
        Texts, key("What the category is for.", {"en": "Shows us which pages are read."})
    ] = field(default_factory=no_items)
    without: Annotated[
        Texts, key("What a visitor loses who refuses it.", {"en": "Nothing changes for you."})
    ] = field(default_factory=no_items)
    mode: Annotated[
        Mode | None,
        key("The category's own mode, so that enforcement can begin with one category.", "report"),
    ] = None
    consent_mode: Annotated[
        tuple[ConsentSignal, ...],
        key(
            "What it grants in Google's consent mode, or to another vendor.",
            ["ad_storage", "ad_user_data", "ad_personalization"],
        ),
    ] = ()
    accepted: Annotated[
        Accepted,
        key(
            "As in `[site]`, for advice about the category.",
            {"empty-category": "It is for a feature that comes soon."},
        ),
    ] = field(default_factory=no_items)


class Category(CategoryKeys, Value, frozen=True, kw_only=True):
    """What a visitor allows or refuses as a whole; visitors are never asked about a required one.

    ``survives`` holds the signals under which it stays allowed *when granted*. ``mode`` is None
    where the site's holds. ``floor`` is resolved: what the category leaves out, the policy says.
    """

    id: str
    survives: frozenset[Signal]
    floor: MinimumAttributes


class Link(Value, frozen=True, kw_only=True):
    """A provider's page: its policy, or the place to opt out."""

    kind: Annotated[LinkKind, key("What the page is for.", "policy")]
    url: Annotated[Url, key("The page's address.", "https://example.com/privacy")]


class ServiceKeys(Table, frozen=True, kw_only=True):
    """The keys of ``[services.<id>]`` that are read as they are written."""

    name: Annotated[
        OptionalText | None,
        key(
            "Its name, where visitors choose by service. Without one, it is made from the id.",
            "Google Analytics",
        ),
    ] = None
    provider: Annotated[OptionalText | None, key("Who runs the service.", "Google")] = None
    category: Annotated[
        Id | None, key("The category of its entries that name none.", "analysis")
    ] = None
    links: Annotated[
        tuple[Link, ...],
        key("The provider's pages.", [{"kind": "policy", "url": "https://example.com/privacy"}]),
    ] = ()
    sources: Annotated[
        tuple[Source, ...],
        key(
            "The origins it is loaded from, for the Content-Security-Policy.",
            ["https://www.googletagmanager.com"],
        ),
    ] = ()
    accepted: Annotated[
        Accepted,
        key(
            "As in `[site]`, for advice about the service.",
            {"shared-source": "Both are loaded from one host, and differ by path."},
        ),
    ] = field(default_factory=no_items)


class Service(ServiceKeys, Value, frozen=True, kw_only=True):
    """What several entries share: the provider, a category, domains, links, purposes."""

    id: str
    domains: tuple[str, ...]
    purpose: TextLists


class EntryKeys(Table, frozen=True, kw_only=True):
    """The keys of ``[[cookies]]`` that are read as they are written."""

    service: Annotated[
        Id | None, key("The service that sets it. Without one, the site does.", "stripe")
    ] = None
    path: Annotated[
        CookiePath, key("The path it is set for. A sweep looks there too.", "/shop")
    ] = "/"
    kind: Annotated[
        Kind,
        key(
            "What it is. The gate judges cookies; the other kinds are listed so that the policy "
            "page can name them.",
            "cookie",
        ),
    ] = "cookie"
    set_by: Annotated[SetBy | None, key("Who sets it, for the policy page.", "server")] = None
    label: Annotated[
        Texts,
        key("A display name where the name itself says nothing.", {"en": "Session cookie"}),
    ] = field(default_factory=no_items)
    when: Annotated[
        Texts, key("When it is set, if not always.", {"en": "only when you pay by card"})
    ] = field(default_factory=no_items)
    necessary: Annotated[
        Texts,
        key(
            "In a required category: what fails without it.",
            {"en": "Without it you cannot log in."},
        ),
    ] = field(default_factory=no_items)
    unconfirmed: Annotated[
        bool, key("Whether the name is a guess until it is seen in a response.", True)
    ] = False
    accepted: Annotated[
        Accepted,
        key(
            "As in `[site]`, for advice about the entry.",
            {"required-lifetime": "The visitor asked for it."},
        ),
    ] = field(default_factory=no_items)


class Entry(EntryKeys, Value, frozen=True, kw_only=True):
    """One row of the policy: a cookie (or a like technique), by its names and patterns.

    Category, domains, purpose and ``floor`` are resolved: where the entry gives none they are its
    service's, or its category's. Domains are in lower case without a leading dot; none means this
    site, whatever its host. ``part`` is the id that a visitor must allow: the category's, or that
    of the service in the category. ``line`` is where the entry begins in its file, 0 if not known.
    """

    names: tuple[str, ...]
    category: str
    part: str
    domains: tuple[str, ...]
    expires: Lifetime | None
    purpose: TextLists
    floor: MinimumAttributes
    line: int
