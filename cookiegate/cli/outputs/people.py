"""For people: a line that editors jump to, the line it is about, and what to write instead."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from cookiegate.advice import holder_of
from cookiegate.cli.escaping import shown
from cookiegate.cli.findings import DOCS, Checked, Finding

__all__ = ["print_checked", "print_holders"]

# Of advice with one code; a registry of thousands of entries would fill the screen with it.
_MOST: Final = 20
# Of a line that is quoted.
_LONGEST: Final = 160
_COLOURS: Final = {"problem": "red", "demand": "red", "advice": "yellow"}


def print_checked(checked: Sequence[Checked]) -> None:
    """Print what was found in each file, and how much it is."""
    # Never wrapped: a terminal breaks long lines itself, and keeps them one to copy.
    console = Console(width=1_000_000, highlight=False, soft_wrap=True, no_color=_is_plain())
    for one in checked:
        _print_file(console, one)
    findings = [finding for one in checked for finding in one.findings]
    if any(one.counts and one.kind != "problem" for one in findings):
        console.print(Text(f"{DOCS} has a section for each code in brackets.", "dim"))


def print_holders(checked: Sequence[Checked]) -> None:
    """Print for each entry what holds it back where its category is not allowed."""
    entries = [
        entry for one in checked if one.registry is not None for entry in one.registry.entries
    ]
    width = max((len(shown(entry.names[0])) for entry in entries), default=0)
    for entry in entries:
        click.echo(f"{shown(entry.names[0]):<{width}}  {entry.category}: {holder_of(entry)}")


def _is_plain() -> bool:
    return not sys.stdout.isatty()


def _print_file(console: Console, checked: Checked) -> None:
    told: Counter[str] = Counter()
    for finding in checked.findings:
        told[finding.code] += 1
        if finding.kind != "advice" or told[finding.code] <= _MOST:
            _print_finding(console, checked, finding)
    for code, count in told.items():
        if count > _MOST and code != "problem":
            console.print(Text(f"{shown(checked.file)}: and {count - _MOST:,} more: {code}"))
    console.print(Text(f"{shown(checked.file)}: {_summary(checked)}", "bold"))


def _print_finding(console: Console, checked: Checked, finding: Finding) -> None:
    place = f"{checked.file}:{finding.line}" if finding.line else checked.file
    is_accepted = finding.accepted is not None
    colour = "dim" if is_accepted else _COLOURS[finding.kind]
    code = "" if finding.kind == "problem" else f" [{finding.code}]"
    console.print(Text.assemble(f"{shown(place)}: ", (finding.what, colour), (code, "dim")))
    if 0 < finding.line <= len(checked.lines):
        quoted = shown(checked.lines[finding.line - 1].strip()[:_LONGEST])
        console.print(Text(f"    {finding.line:>5} | {quoted}", "dim"))
    if is_accepted:
        console.print(Text(f"          = accepted: {finding.accepted}", "dim"))
    else:
        console.print(Text(f"          = {finding.hint}"))


def _summary(checked: Checked) -> str:
    counts = Counter(one.kind for one in checked.findings if one.counts)
    accepted = sum(not one.counts for one in checked.findings)
    parts = [
        _counted(counts["problem"], "problem"),
        _counted(counts["demand"], "demand"),
        _counted(counts["advice"], "piece") + " of advice" if counts["advice"] else "",
        f"{accepted} accepted" if accepted else "",
    ]
    if checked.registry is not None:
        parts.insert(0, _counted(len(checked.registry.entries), "entry", "entries"))
    return ", ".join(part for part in parts if part) or "nothing in it"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}" if count else ""
