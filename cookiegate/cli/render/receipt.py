"""A receipt, for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from cookiegate.cli.commands.ledger.shared import as_moment
from cookiegate.cli.console import Row
from cookiegate.cli.escape import shown

if TYPE_CHECKING:
    from cookiegate.ledger import Receipt

__all__ = ["harmless", "receipt_rows", "receipt_values"]

_WORDS = {
    "grant": "a grant",
    "change": "a grant in the place of another",
    "withdrawal": "a withdrawal of everything",
    "refusal": "a refusal",
    "void": "a grant that never took effect",
}


def receipt_rows(receipt: Receipt) -> list[Row]:
    """What it says, line by line."""
    time = as_moment(receipt.time)
    rows: list[Row] = [
        ("receipt", receipt.id, "bold"),
        ("what", _WORDS[receipt.kind], ""),
        ("time", time.removesuffix(" 00:00:00 UTC") if receipt.kind == "refusal" else time, ""),
        ("registry", f"{receipt.site}, version {receipt.version}, {receipt.registry[:12]}…", ""),
        ("offered", _listed(receipt.offered), ""),
        ("granted", _listed(receipt.granted), ""),
        ("refused", _listed(receipt.refused), ""),
        ("signals", _listed(receipt.signals), ""),
        ("surface", receipt.surface, ""),
        ("language", receipt.language or "not known", ""),
        ("presentation", receipt.presentation or "not Cookiegate's", ""),
    ]
    if receipt.lacks_evidence:
        rows.append(("evidence", "none: the application granted this, and did not say why", "red"))
    elif receipt.evidence is not None:
        rows.append(("evidence", receipt.evidence, ""))
    if receipt.closes is not None:
        rows.append(("closes", receipt.closes, ""))
    if receipt.address is not None:
        rows.append(("address", receipt.address, ""))
    return harmless(rows)


def harmless(rows: Iterable[Row]) -> list[Row]:
    """Rows that a terminal can be shown: who made a ledger or a proof may be anybody."""
    return [(label, shown(text), style) for label, text, style in rows]


def receipt_values(receipt: Receipt) -> dict[str, Any]:
    """The same for machines."""
    values: dict[str, Any] = msgspec.to_builtins(receipt)
    return values


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "none"
