"""What both example shops share: the goods, the gate, and what the settings page shows."""

import os
from dataclasses import dataclass
from pathlib import Path

from cookiegate import Gate, Registry, Visit

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"

REGISTRY = Registry.load(HERE.parent / "registry" / "billogram.toml")

# Good for trying things on your own machine, and for nothing else: it is public.
DEMO_KEY = "demo key, known to everyone who reads this file"


@dataclass(frozen=True, slots=True)
class Article:
    """One thing that the shop sells."""

    slug: str
    name: str
    text: str
    price: int


GOODS = {
    article.slug: article
    for article in (
        Article(
            "notebook", "Notebook, dotted", "160 pages that lie flat, bound in grey linen.", 189
        ),
        Article("envelopes", "Envelopes, 25", "Cotton paper, lined with the northern sky.", 95),
        Article("pencil", "Pencil, soft", "Cedar and graphite, 4B. It forgives a lot.", 24),
        Article("stamp", "Rubber stamp, PAID", "For the pleasure of settling an invoice.", 140),
    )
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One switch of the settings page."""

    id: str
    title: str
    description: str
    without: str
    granted: bool
    held_off: bool  # the browser's DNT or GPC signal stands above the switch


def make_gate() -> Gate:
    """Build the gate: the key comes from COOKIEGATE_SECRET_KEY, or is the public demo key."""
    key = os.environ.get("COOKIEGATE_SECRET_KEY") or DEMO_KEY
    # A browser keeps Secure cookies to https; these shops speak plain http on the loopback.
    return Gate(REGISTRY, secret_key=key, secure=False)


def choices(visit: Visit) -> list[Choice]:
    """List what the visitor can say yes or no to, as it stands now."""
    consent = visit.consent
    return [
        Choice(
            id=category.id,
            title=category.title.get("en", category.id),
            description=category.description.get("en", ""),
            without=category.without.get("en", ""),
            granted=category.id in consent.granted,
            held_off=consent.signal is not None and consent.signal not in category.survives,
        )
        for category in map(REGISTRY.category, REGISTRY.offered)
    ]


def chosen(button: str, ticked: list[str]) -> list[str]:
    """Say which categories a submitted settings form grants."""
    return {"all": list(REGISTRY.offered), "none": []}.get(button, ticked)


def is_from_here(fetch_site: str | None) -> bool:
    """Tell whether a form came from this site: no other page may choose for the visitor.

    Browsers send Sec-Fetch-Site with every request; what sends none is not driven by a page.
    """
    return fetch_site in (None, "same-origin", "none")


def port() -> int:
    """Read the port to serve on from PORT (default 8000)."""
    return int(os.environ.get("PORT", "8000"))
