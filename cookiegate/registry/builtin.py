"""Cookiegate's own cookies, as entries: the policy page lists them like any other."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from . import Entry, Lifetime, MinimumAttributes, Registry

__all__ = ["builtin_entries", "form_entry"]

_LABEL: Final = MappingProxyType(
    {
        "sv": "Val om kakor",
        "en": "Cookie choice",
        "fi": "Evästevalinta",
        "nb": "Valg om informasjonskapsler",
        "de": "Cookie-Auswahl",
    }
)
_PURPOSE: Final = MappingProxyType(
    {
        "sv": (
            "Kommer ihåg vilka kategorier av kakor du har tillåtit eller nekat, "
            "så att du inte blir tillfrågad på varje sida.",
        ),
        "en": (
            "Remembers which categories of cookies you allowed or refused, "
            "so that you are not asked on every page.",
        ),
        "fi": (
            "Muistaa, mitkä evästeluokat olet sallinut tai kieltänyt, "
            "jotta asiaa ei kysytä joka sivulla.",
        ),
        "nb": (
            "Husker hvilke kategorier av informasjonskapsler du har tillatt eller avslått, "
            "slik at du ikke blir spurt på hver side.",
        ),
        "de": (
            "Merkt sich, welche Cookie-Kategorien Sie erlaubt oder abgelehnt haben, "
            "damit Sie nicht auf jeder Seite gefragt werden.",
        ),
    }
)
_NECESSARY: Final = MappingProxyType(
    {
        "sv": "Utan den går det inte att komma ihåg vad du har valt.",
        "en": "Without it, what you chose could not be remembered.",
        "fi": "Ilman sitä valintaasi ei voida muistaa.",
        "nb": "Uten den kan valget ditt ikke bli husket.",
        "de": "Ohne dieses Cookie lässt sich Ihre Auswahl nicht speichern.",
    }
)


def builtin_entries(registry: Registry, cookie_name: str, domain: str | None) -> tuple[Entry, ...]:
    """
    The entries that no registry file has to hold.

    Args:
        registry: The registry, for its periods and its first required category.
        cookie_name: The consent cookie's name.
        domain: The domain whose hosts share it; None for this host alone.
    """
    site = registry.site
    required = [id for id in registry.categories if id in registry.required]
    return (
        Entry(
            names=(cookie_name,),
            kind="cookie",
            category=required[0] if required else "",
            service=None,
            domains=() if domain is None else (domain,),
            expires=Lifetime(max(site.consent_days, site.refusal_days), "days"),
            set_by="server",
            label=_LABEL,
            when=MappingProxyType({}),
            necessary=_NECESSARY,
            purpose=_PURPOSE,
            unconfirmed=False,
            floor=MinimumAttributes(),
            line=0,
        ),
    )


_FORM_LABEL: Final = MappingProxyType(
    {
        "sv": "Formulärskydd",
        "en": "Form protection",
        "fi": "Lomakkeen suojaus",
        "nb": "Skjemabeskyttelse",
        "de": "Formularschutz",
    }
)
_FORM_PURPOSE: Final = MappingProxyType(
    {
        "sv": ("Ser till att inställningarna skickades från den här webbplatsen.",),
        "en": ("Makes sure that the settings were sent from this site.",),
        "fi": ("Varmistaa, että asetukset lähetettiin tältä sivustolta.",),
        "nb": ("Sørger for at innstillingene ble sendt fra dette nettstedet.",),
        "de": ("Stellt sicher, dass die Einstellungen von dieser Website gesendet wurden.",),
    }
)
_FORM_WHEN: Final = MappingProxyType(
    {
        "sv": "bara på sidan med kakinställningar, i webbläsare som inte säger varifrån ett "
        "formulär kommer",
        "en": "only on the page of cookie settings, in browsers that do not say where a form "
        "comes from",
        "fi": "vain evästeasetusten sivulla selaimissa, jotka eivät kerro, mistä lomake tulee",
        "nb": "bare på siden med innstillinger, i nettlesere som ikke sier hvor et skjema kommer "
        "fra",
        "de": "nur auf der Seite der Cookie-Einstellungen, in Browsern, die nicht sagen, woher ein "
        "Formular kommt",
    }
)


def form_entry(registry: Registry, name: str, minutes: int) -> Entry:
    """
    The entry of the cookie that protects the settings form.

    Args:
        registry: The registry, for its first required category.
        name: The cookie's name.
        minutes: How long it lives.
    """
    (own,) = builtin_entries(registry, name, None)
    return replace(
        own,
        expires=Lifetime(minutes, "minutes"),
        label=_FORM_LABEL,
        purpose=_FORM_PURPOSE,
        when=_FORM_WHEN,
    )
