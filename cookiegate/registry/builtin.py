"""Cookiegate's own cookies, as entries: the policy page lists them like any other.

Their texts are in English here; `cookiegate.pages` translates them with its catalogues.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from . import Entry, Lifetime, MinimumAttributes, Registry

__all__ = ["builtin_entries", "form_entry", "gettext_noop"]


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogues, and return it unchanged; what shows it translates it."""
    return text


_LABEL: Final = gettext_noop("Cookie choice")
_PURPOSE: Final = gettext_noop(
    "Remembers which categories of cookies you allowed or refused, so that you are not asked on "
    "every page."
)
_NECESSARY: Final = gettext_noop("Without it, this site could not remember your choice.")
_FORM_LABEL: Final = gettext_noop("Form protection")
_FORM_PURPOSE: Final = gettext_noop("Makes sure that the settings were sent from this site.")
_FORM_NECESSARY: Final = gettext_noop(
    "Without it, this site could not be sure that the settings come from you, and would not save "
    "them."
)
_FORM_WHEN: Final = gettext_noop(
    "only on the cookie settings page, in browsers that do not say where a form comes from"
)


def builtin_entries(registry: Registry, cookie_name: str, domain: str | None) -> tuple[Entry, ...]:
    """
    Return the entries that a registry file does not have to declare.

    Args:
        registry: The registry, for its periods and its first required category.
        cookie_name: The consent cookie's name.
        domain: The domain whose hosts share the cookie; None for the request's host alone.
    """
    site = registry.site
    category = next((id for id in registry.categories if id in registry.required), "")
    return (
        Entry(
            names=(cookie_name,),
            kind="cookie",
            category=category,
            part=category,
            service=None,
            domains=() if domain is None else (domain,),
            expires=Lifetime(max(site.consent_days, site.refusal_days), "days"),
            set_by="server",
            label=_english(_LABEL),
            when=MappingProxyType({}),
            necessary=_english(_NECESSARY),
            purpose=MappingProxyType({"en": (_PURPOSE,)}),
            unconfirmed=False,
            floor=MinimumAttributes(),
            line=0,
        ),
    )


def form_entry(registry: Registry, name: str, minutes: int) -> Entry:
    """
    Return the entry of the cookie that protects the settings form.

    Args:
        registry: The registry, for its first required category.
        name: The cookie's name.
        minutes: Its lifetime.
    """
    (consent_entry,) = builtin_entries(registry, name, None)
    return replace(
        consent_entry,
        expires=Lifetime(minutes, "minutes"),
        label=_english(_FORM_LABEL),
        purpose=MappingProxyType({"en": (_FORM_PURPOSE,)}),
        when=_english(_FORM_WHEN),
        necessary=_english(_FORM_NECESSARY),
    )


def _english(text: str) -> MappingProxyType[str, str]:
    return MappingProxyType({"en": text})
