"""Receipts for other programs: CSV that no spreadsheet runs, and JSON lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

from cookiegate.ledger.storage.store import receipt_in

__all__ = ["COLUMNS", "ExportForm", "export"]

ExportForm = Literal["csv", "jsonl"]

COLUMNS: Final = (
    *("id", "kind", "time", "site", "version", "registry", "offered", "granted", "refused"),
    *("signals", "surface", "language", "presentation", "evidence", "closes", "address"),
)
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full width too.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# And where another cell or row begins in the middle of one: spreadsheets in Swedish, Finnish or
# German part cells by semicolons, and then know nothing of the quotes around a comma's cell.
_INNER: Final = re.compile(r'([;\t\r\n]["\s]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])')


def export(bodies: Iterable[bytes], to: TextIO, form: ExportForm) -> None:
    """
    Write receipts, one a line.

    Args:
        bodies: Their JSON.
        to: Where to.
        form: "csv", with a line of titles; or "jsonl", as they were hashed.

    Raises:
        LedgerError: One is no receipt.
    """
    if form == "jsonl":
        for body in bodies:
            receipt_in(body)  # what is none is not handed on as one
            to.write(body.decode() + "\n")
        return
    table = csv.writer(to)  # lines as RFC 4180 has them
    table.writerow(COLUMNS)
    for body in bodies:
        receipt = receipt_in(body)
        values = {column: getattr(receipt, column) for column in COLUMNS}
        values["time"] = _moment(receipt.time)
        table.writerow(map(_cell, values.values()))


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        # No calendar has it, and no honest clock.
        return str(seconds)


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        value = " ".join(value)
    text = "" if value is None else str(value)
    # A quotation mark makes text of it, in every spreadsheet.
    text = _INNER.sub(r"\1'", text)
    is_formula = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text
