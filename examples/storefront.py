"""What both example shops share: the goods, and the gate."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cookiegate import Gate, Registry

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"

REGISTRY = Registry.load(HERE.parent / "registry" / "billogram.toml")

# Where the demo keeps the receipts of what visitors choose, unless COOKIEGATE_LEDGER says another
# database.
LEDGER_FILE = HERE.parent / ".demo" / "consent.db"

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


def make_gate(registry: Registry = REGISTRY, clock: Callable[[], float] = time.time) -> Gate:
    """Build the gate: the key comes from COOKIEGATE_SECRET_KEY, or is the public demo key."""
    key = os.environ.get("COOKIEGATE_SECRET_KEY") or DEMO_KEY
    # A browser keeps Secure cookies to https; these shops speak plain http on the loopback.
    return Gate(registry, secret_key=key, secure=False, clock=clock)


def ledger_url() -> str:
    """Name the database for receipts; the folder of the demo's own is made."""
    if url := os.environ.get("COOKIEGATE_LEDGER"):
        return url
    LEDGER_FILE.parent.mkdir(exist_ok=True)
    return f"sqlite:///{LEDGER_FILE}"


def port() -> int:
    """Read the port to serve on from PORT (default 8000)."""
    return int(os.environ.get("PORT", "8000"))
