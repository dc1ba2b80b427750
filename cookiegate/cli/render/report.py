"""Counts of verdicts as a table for people, and as JSON for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cookiegate.cli.escape import shown
from cookiegate.enforcement.verdict import Reason
from cookiegate.reports.log import as_dict
from cookiegate.reports.sqlite import StoredRow

__all__ = ["is_to_mend", "print_report", "to_json"]

# Wider than any line: what goes into a pipe or a file is not wrapped.
_UNBOUNDED: Final = 1_000_000
# What no visitor's choice explains: the registry or the application is to be mended.
_MEND: Final = frozenset(
    (
        Reason.UNKNOWN,
        Reason.UNKNOWN_ALLOWED,
        Reason.NAMELESS,
        Reason.UNREADABLE,
        Reason.CONSENT_COOKIE_NOT_OURS,
        Reason.FAILURE,
        Reason.OTHER_SITE,
        Reason.AMBIGUOUS,
        Reason.OUTLIVES,
        Reason.SAME_SITE_NONE,
        Reason.CSP_ADMITS,
    )
)
_COLOURS: Final = {"strip": "red", "rewrite": "yellow", "keep": "", "sweep": "yellow"}
_OUTCOMES: Final = {
    "strip": "stripped",
    "rewrite": "only deletes",
    "keep": "kept",
    "sweep": "expired",
}
_ROUTES_SHOWN: Final = 3


class _Line(NamedTuple):
    cookie: str
    category: str
    outcome: str
    why: str
    colour: str


def is_to_mend(row: StoredRow) -> bool:
    """Whether the registry or the application is to be mended, whatever visitors choose."""
    key = row.key
    return key.reason in _MEND or not _MEND.isdisjoint(key.notes)


def print_report(rows: Sequence[StoredRow], file: str, *, everything: bool) -> None:
    """Print what is held back or to be mended, the most frequent first; or everything."""
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else _UNBOUNDED, highlight=False, soft_wrap=True)
    counted = sum(row.count for row in rows)
    held = sum(row.count for row in rows if row.key.is_held_back)
    console.print(f"{counted:,} cookies were judged{_since(rows)} ({shown(file)}).", markup=False)
    lines = _lines(rows if everything else [row for row in rows if _is_shown(row)])
    if lines:
        console.print()
        _print_table(console, lines)
        console.print()
    if held:
        console.print(f"{held:,} of them were or would be held back.")
    else:
        console.print("Nothing was or would be held back.")
    unknown = {row.key.subject for row in rows if row.key.is_unknown}
    if unknown:
        console.print(
            f"{len(unknown):,} {'names are' if len(unknown) > 1 else 'name is'} in no entry: "
            "cookiegate report --propose"
        )


def to_json(rows: Iterable[StoredRow], *, everything: bool) -> dict[str, Any]:
    """The rows as docs/commands.md describes them."""
    return {
        "rows": [
            {**as_dict(row), "first_seen": row.first_seen, "last_seen": row.last_seen}
            for row in rows
            if everything or _is_shown(row)
        ]
    }


def _is_shown(row: StoredRow) -> bool:
    return row.key.is_held_back or is_to_mend(row)


def _since(rows: Sequence[StoredRow]) -> str:
    if not rows:
        return ""
    first = datetime.fromtimestamp(min(row.first_seen for row in rows), UTC)
    last = datetime.fromtimestamp(max(row.last_seen for row in rows), UTC)
    return f" from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"


def _lines(rows: Iterable[StoredRow]) -> list[tuple[_Line, int, list[str]]]:
    # One line for a cookie and what happens to it, wherever it was set.
    found: dict[_Line, tuple[int, dict[str, None]]] = {}
    for row in rows:
        line = _line(row)
        count, routes = found.get(line, (0, {}))
        if row.key.route:
            routes[shown(row.key.route)] = None
        found[line] = count + row.count, routes
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    return [(line, count, list(routes)) for line, (count, routes) in ordered]


def _line(row: StoredRow) -> _Line:
    key = row.key
    is_reported = Reason.REPORT_MODE in key.notes
    outcome = _OUTCOMES[key.action]
    colour = _COLOURS[key.action]
    if is_reported and Reason.STILL_SENT in key.notes:
        outcome, colour = "would be expired", _COLOURS["sweep"]
    elif is_reported and key.is_held_back:
        outcome = "would only delete" if key.reason is Reason.DELETION else "would be stripped"
        colour = _COLOURS["strip"]
    notes = [note.text for note in key.notes if note is not Reason.REPORT_MODE]
    return _Line(
        cookie=shown(key.subject) or "(no name)",
        category=key.category or "none",
        outcome=outcome,
        why=" ".join([key.reason.text, *notes]),
        colour=colour,
    )


def _print_table(console: Console, lines: list[tuple[_Line, int, list[str]]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("cookie", overflow="fold")
    table.add_column("category", overflow="fold")
    table.add_column("outcome", overflow="fold")
    table.add_column("times", justify="right")
    table.add_column("where", overflow="fold")
    table.add_column("why", overflow="fold")
    for line, count, routes in lines:
        more = len(routes) - _ROUTES_SHOWN
        where = ", ".join(routes[:_ROUTES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        table.add_row(
            Text(line.cookie, "bold"),
            Text(line.category),
            Text(line.outcome, line.colour),
            f"{count:,}",
            Text(where or "not known"),
            Text(line.why),
        )
    with console.capture() as captured:
        console.print(table)
    for text in captured.get().splitlines():
        console.file.write(text.rstrip() + "\n")
