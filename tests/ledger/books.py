"""Ledgers with receipts as a site writes them, without a site."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, text

from cookiegate.ledger.audit.signing import Signer, make_key
from cookiegate.ledger.receipts import Receipt, StoredPresentation, page_hash
from cookiegate.ledger.recording.writer import new_receipt
from cookiegate.ledger.storage.database import open_engine, upgrade
from cookiegate.ledger.storage.rows import NewReceipt
from cookiegate.ledger.storage.store import Store
from tests.registries import NOON

__all__ = ["PAGE", "SIGNER", "execute", "fill", "items", "made", "receipt"]

SIGNER = Signer(make_key())
_HTML = "<!doctype html><title>Settings</title>"
PAGE = StoredPresentation(hash=page_hash(_HTML), surface="settings", language="en", html=_HTML)


def receipt(number: int, **changes: Any) -> Receipt:
    """Return a grant; its id is "r" and the number."""
    values: dict[str, Any] = {
        "id": f"r{number}",
        "kind": "grant",
        "time": NOON + number,
        "site": "shop",
        "version": 1,
        "registry": "0" * 64,
        "offered": ("analysis", "marketing"),
        "granted": ("analysis",),
        "refused": ("marketing",),
        "signals": (),
        "surface": "settings",
        "language": "en",
        "presentation": PAGE.hash,
    }
    return Receipt(**(values | changes))


def items(receipts: Iterable[Receipt]) -> list[NewReceipt]:
    """Return receipts that can be committed."""
    return [new_receipt(one, PAGE if one.presentation else None) for one in receipts]


def made(url: str) -> Engine:
    """Return the engine of an empty ledger."""
    engine = open_engine(url)
    upgrade(engine)
    return engine


def fill(engine: Engine, *writers: Iterable[Receipt], size: int = 4) -> list[str]:
    """Commit receipts, those of each writer in batches; return the writers' names, in order."""
    store, names = Store(engine), []
    for receipts in writers:
        chain = store.chain_end(secrets.token_hex(16))
        rest = items(receipts)
        while rest:
            chain = store.append(chain, rest[:size])
            rest = rest[size:]
        names.append(chain.writer)
    return names


def execute(engine: Engine, statement: str, **values: object) -> None:
    """Change the tables without the ledger."""
    with engine.begin() as connection:
        connection.execute(text(statement), values)
