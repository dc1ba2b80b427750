"""Print counts of verdicts as a table for people, or return them for machines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import click
from rich.text import Text

from cookiegate.cli.console import make_table, print_table
from cookiegate.cli.escape import escape_control
from cookiegate.cli.formatting import plural
from cookiegate.enforcement.verdict import Reason
from cookiegate.reports.log import as_dict
from cookiegate.reports.sqlite import StoredRow

__all__ = ["needs_fixing", "print_report", "to_json"]

_COLOURS: Final = {"strip": "red", "rewrite": "yellow", "keep": "", "sweep": "yellow"}
_OUTCOMES: Final = {
    "strip": "stripped",
    "rewrite": "only deletes",
    "keep": "kept",
    "sweep": "expired",
}
_ROUTES_SHOWN: Final = 3


class _Line(NamedTuple):
    """A cookie and what happens to it, wherever it was set."""

    cookie: str
    category: str
    outcome: str
    why: str
    colour: str


def needs_fixing(row: StoredRow) -> bool:
    """Return whether the registry or the application needs a fix, whatever visitors choose."""
    key = row.key
    return any(reason.needs_action for reason in (key.reason, *key.notes))


def print_report(rows: Sequence[StoredRow], file: str, *, everything: bool) -> None:
    """Print what is held back or needs fixing, or everything; the most frequent first."""
    if not rows:
        click.echo(f"No cookies were seen yet ({escape_control(file)}).")
        return
    total = plural(sum(row.count for row in rows), "cookie")
    click.echo(f"{total} judged{_period(rows)} ({escape_control(file)}).")
    shown = [row for row in rows if everything or _is_shown(row)]
    if shown:
        click.echo()
        _print_table(shown)
        click.echo()
    held = sum(row.count for row in rows if row.key.is_held_back)
    if held:
        click.echo(f"{held:,} of them were or would be held back.")
    else:
        click.echo("Nothing was or would be held back.")
    unknown = {row.key.subject for row in rows if row.key.is_unknown}
    if unknown:
        names = plural(len(unknown), "name is", "names are")
        click.echo(f"{names} not in the registry; to add: cookiegate report --propose")


def to_json(rows: Iterable[StoredRow], *, everything: bool) -> dict[str, Any]:
    """Return the rows for JSON."""
    return {
        "rows": [
            {**as_dict(row), "first_seen": row.first_seen, "last_seen": row.last_seen}
            for row in rows
            if everything or _is_shown(row)
        ]
    }


def _is_shown(row: StoredRow) -> bool:
    return row.key.is_held_back or needs_fixing(row)


def _period(rows: Sequence[StoredRow]) -> str:
    first = datetime.fromtimestamp(min(row.first_seen for row in rows), UTC)
    last = datetime.fromtimestamp(max(row.last_seen for row in rows), UTC)
    return f" from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"


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
        cookie=escape_control(key.subject) or "(no name)",
        category=key.category or "none",
        outcome=outcome,
        why=" ".join([key.reason.text, *notes]),
        colour=colour,
    )


def _print_table(rows: Iterable[StoredRow]) -> None:
    counts: Counter[_Line] = Counter()
    routes: defaultdict[_Line, dict[str, None]] = defaultdict(dict)
    for row in rows:
        line = _line(row)
        counts[line] += row.count
        if row.key.route:
            routes[line][escape_control(row.key.route)] = None
    table = make_table()
    for title in ("cookie", "category", "outcome", "times", "where", "why"):
        table.add_column(title, justify="right" if title == "times" else "left", overflow="fold")
    for line, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        places = list(routes[line]) or ["not known"]
        more = len(places) - _ROUTES_SHOWN
        where = ", ".join(places[:_ROUTES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        cookie, outcome = Text(line.cookie, "bold"), Text(line.outcome, line.colour)
        texts = Text(line.category), outcome, Text(f"{count:,}"), Text(where), Text(line.why)
        table.add_row(cookie, *texts)
    print_table(table)
