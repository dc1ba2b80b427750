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

# The demo's database of receipts. COOKIEGATE_LEDGER names another one.
LEDGER_FILE = HERE.parent / ".demo" / "consent.db"

# Only for use on your own machine: this key is public.
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
    # Browsers send Secure cookies only over https. These shops use plain http on the loopback.
    return Gate(registry, secret_key=key, secure=False, clock=clock)


def ledger_url() -> str:
    """Return the URL of the database for receipts. Create the folder of the demo's own."""
    if url := os.environ.get("COOKIEGATE_LEDGER"):
        return url
    LEDGER_FILE.parent.mkdir(exist_ok=True)
    return f"sqlite:///{LEDGER_FILE}"


def port() -> int:
    """Read the port to serve on from PORT (default 8000)."""
    return int(os.environ.get("PORT", "8000"))
