"""Receipts that tests count."""

from typing import Any

from cookiegate.ledger import Receipt
from tests.registries import NOON

OFFERED = ("analysis", "functional", "marketing")


def receipt(*granted: str, **facts: Any) -> Receipt:
    """Return a choice on the banner at noon: a first grant, or a refusal if nothing is granted."""
    defaults: dict[str, Any] = {
        "id": "id",
        "kind": "grant" if granted else "refusal",
        "time": NOON,
        "site": "shop",
        "version": 3,
        "registry": "00" * 32,
        "offered": OFFERED,
        "signals": (),
        "surface": "banner",
        "language": "sv",
    }
    refused = tuple(id for id in OFFERED if id not in granted)
    return Receipt(granted=granted, refused=refused, **{**defaults, **facts})
