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
# German, cells are separated by semicolons, and quotes around a comma's cell have no effect. Each
# run of separators, quotes and blanks is read once, so the time grows with the length.
_RUN: Final = re.compile(r'(?<![;"\s])[;"\s]++(?=[=+\-@\uff1d\uff0b\uff0d\uff20])')
_SEPARATORS: Final = frozenset(";\t\n")
# What could control a terminal, or change the order in which a text is read: the categories Cc
# without tab and line feed, Bidi_Control, and the separators of lines and paragraphs.
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def export(bodies: Iterable[bytes], to: TextIO, form: ExportFormat) -> None:
    """
    Write receipts, one for each line.

    Args:
        bodies: Their JSON.
        to: The file.
        form: "csv", with a header line; or "jsonl", the values that were hashed. In both, control
            characters are escaped.

    Raises:
        LedgerError: A body is not a valid receipt.
    """
    if form == "jsonl":
        for body in bodies:
            receipt_in(body)  # only valid receipts are exported
            # JSON allows line ends between values.
            text = body.decode().replace("\r", " ").replace("\n", " ")
            to.write(_CONTROL.sub(lambda one: f"\\u{ord(one[0]):04x}", text) + "\n")
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
    text = _CONTROL.sub(_escape, text)
    # Every spreadsheet takes a cell that starts with an apostrophe as text.
    text = _RUN.sub(lambda run: run[0] if _SEPARATORS.isdisjoint(run[0]) else f"{run[0]}'", text)
    is_formula = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text


def _escape(one: re.Match[str]) -> str:
    code = ord(one[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
