"""Print counts of verdicts as a table for people, or return them for machines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import click
from rich.text import Text

from cookiegate.cli.console import make_table, print_table
from cookiegate.cli.escape import escape_control
from cookiegate.cli.formatting import format_time, plural
from cookiegate.enforcement.verdict import Reason
from cookiegate.reports.current import CurrentRow
from cookiegate.reports.log import as_dict
from cookiegate.reports.sqlite import StoredRow

__all__ = ["print_report", "to_json"]

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


def print_report(rows: Sequence[CurrentRow[StoredRow]], file: str, *, everything: bool) -> None:
    """Print what is held back or needs fixing, or everything; the most frequent first."""
    if not rows:
        click.echo(f"No cookies were seen yet ({escape_control(file)}).")
        return
    total = plural(sum(one.row.count for one in rows), "cookie")
    click.echo(f"{total} judged{_period(rows)} ({escape_control(file)}).")
    shown = [one for one in rows if everything or _is_shown(one)]
    if shown:
        click.echo()
        _print_table(shown)
        click.echo()
    held = sum(one.row.count for one in rows if one.is_held_back)
    if held:
        click.echo(f"{held:,} of them were or would be held back.")
    else:
        click.echo("Nothing was or would be held back.")
    settled = {one.row.key.subject for one in rows if one.is_settled}
    if settled:
        names = plural(len(settled), "name was unknown and is", "names were unknown and are")
        click.echo(f"{names} in the registry now.")
    unknown = {one.row.key.subject for one in rows if one.is_unknown}
    if unknown:
        names = plural(len(unknown), "name is", "names are")
        click.echo(f"{names} not in the registry; to add: cookiegate report --propose")


def to_json(rows: Iterable[CurrentRow[StoredRow]], *, everything: bool) -> dict[str, Any]:
    """Return the rows for JSON."""
    return {
        "rows": [
            {
                **as_dict(one.row),
                "first_seen": one.row.first_seen,
                "last_seen": one.row.last_seen,
            }
            for one in rows
            if everything or _is_shown(one)
        ]
    }


def _is_shown(one: CurrentRow[StoredRow]) -> bool:
    return one.is_held_back or one.needs_fixing


def _period(rows: Sequence[CurrentRow[StoredRow]]) -> str:
    first = format_time(min(one.row.first_seen for one in rows), seconds=False)
    last = format_time(max(one.row.last_seen for one in rows), seconds=False)
    return f" from {first.removesuffix(' UTC')} to {last}"


def _line(one: CurrentRow[StoredRow]) -> _Line:
    key = one.row.key
    is_reported = Reason.REPORT_MODE in key.notes
    outcome = _OUTCOMES[key.action]
    colour = _COLOURS[key.action]
    if is_reported and Reason.STILL_SENT in key.notes:
        outcome, colour = "would be expired", _COLOURS["sweep"]
    elif is_reported and key.is_held_back:
        outcome = "would only delete" if key.reason is Reason.DELETION else "would be stripped"
        colour = _COLOURS["strip"]
    reasons = [reason.text for reason in one.reasons if reason is not Reason.REPORT_MODE]
    return _Line(
        cookie=escape_control(key.subject) or "(no name)",
        category=escape_control(one.category) or "none",
        outcome=outcome,
        why=" ".join(["It is in the registry now.", *reasons] if one.is_settled else reasons),
        colour=colour,
    )


def _print_table(rows: Iterable[CurrentRow[StoredRow]]) -> None:
    counts: Counter[_Line] = Counter()
    routes: defaultdict[_Line, dict[str, None]] = defaultdict(dict)
    for one in rows:
        line = _line(one)
        counts[line] += one.row.count
        if one.row.key.route:
            routes[line][escape_control(one.row.key.route)] = None
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
