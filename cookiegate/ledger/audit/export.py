"""Receipts for other programs: CSV that no spreadsheet executes, and JSON lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

from cookiegate.ledger.storage.store import receipt_in

__all__ = ["COLUMNS", "ExportFormat", "export"]

ExportFormat = Literal["csv", "jsonl"]

COLUMNS: Final = (
    *("id", "kind", "time", "site", "version", "registry", "offered", "granted", "refused"),
    *("signals", "surface", "language", "presentation", "evidence", "closes", "address"),
)
# What spreadsheets take for the start of a formula (OWASP, CSV injection), also in full width.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The same where a spreadsheet may start another cell or row inside of one: in Swedish, Finnish and
# German, cells are separated by semicolons, and quotes around a comma's cell have no effect.
_INNER_FORMULA: Final = re.compile(r'([;\t\r\n]["\s]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])')


def export(bodies: Iterable[bytes], to: TextIO, form: ExportFormat) -> None:
    """
    Write receipts, one for each line.

    Args:
        bodies: Their JSON.
        to: The file.
        form: "csv", with a header line; or "jsonl", as the receipts were hashed.

    Raises:
        LedgerError: A body is not a valid receipt.
    """
    if form == "jsonl":
        for body in bodies:
            receipt_in(body)  # only valid receipts are exported
            to.write(body.decode() + "\n")
        return
    table = csv.writer(to)  # line ends as in RFC 4180
    table.writerow(COLUMNS)
    for body in bodies:
        receipt = receipt_in(body)
        values = {column: getattr(receipt, column) for column in COLUMNS}
        values["time"] = _format_time(receipt.time)
        table.writerow(map(_cell, values.values()))


def _format_time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        # Out of the calendar's range.
        return str(seconds)


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        value = " ".join(value)
    text = "" if value is None else str(value)
    # Every spreadsheet takes a cell that starts with an apostrophe as text.
    text = _INNER_FORMULA.sub(r"\1'", text)
    is_formula = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text
