"""Print a receipt for people, or return it for machines."""

from __future__ import annotations

from typing import Any

import msgspec

from cookiegate.cli.console import TableRow
from cookiegate.cli.formatting import format_time
from cookiegate.ledger import Receipt

__all__ = ["receipt_rows", "receipt_values"]

_KINDS = {
    "grant": "a grant",
    "change": "a grant that replaces another",
    "withdrawal": "a withdrawal of everything",
    "refusal": "a refusal",
    "void": "a void: the grant never took effect",
}

_SURFACES = {"code": "code: the application chose, and Cookiegate asked nobody"}


def receipt_rows(receipt: Receipt) -> list[TableRow]:
    """Return the rows that show a receipt."""
    time = format_time(receipt.time)
    rows: list[TableRow] = [
        ("receipt", receipt.id, "bold"),
        ("what", _KINDS[receipt.kind], ""),
        ("time", time.removesuffix(" 00:00:00 UTC") if receipt.kind == "refusal" else time, ""),
        ("registry", f"{receipt.site}, version {receipt.version}, {receipt.registry[:12]}…", ""),
        ("offered", _listed(receipt.offered), ""),
        ("granted", _listed(receipt.granted), ""),
        ("refused", _listed(receipt.refused), ""),
        ("signals", _listed(receipt.signals), ""),
        ("surface", _SURFACES.get(receipt.surface, receipt.surface), ""),
        ("sent by", _sender(receipt), ""),
        ("language", receipt.language or "not known", ""),
        ("presentation", receipt.presentation or "not Cookiegate's", ""),
    ]
    if receipt.lacks_evidence:
        rows.append(("evidence", "none: the application granted it without evidence", "red"))
    for label in ("evidence", "closes", "address"):
        if text := getattr(receipt, label):
            rows.append((label, text, ""))
    return rows


def receipt_values(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt for JSON."""
    values: dict[str, Any] = msgspec.to_builtins(receipt)
    return values


def _sender(receipt: Receipt) -> str:
    if receipt.sent_by:
        return f"a {receipt.sent_by}"
    return "the application" if receipt.surface == "code" else "not known"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "none"
