"""Print findings for people: file and line, the quoted line, and what to write instead."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from cookiegate.advice import Coverage
from cookiegate.cli.check_run import CheckedFile, CheckFinding
from cookiegate.cli.escape import escape_control

from .excerpt import excerpt

__all__ = ["print_checked", "print_coverage"]

# Findings printed per code. A large registry would fill the screen with one kind of advice.
_PRINTED_PER_CODE: Final = 20
# The width of quoted lines without a terminal, and their least width.
_DEFAULT_WIDTH: Final = 160
_MIN_WIDTH: Final = 20
# Legible on dark and on light backgrounds.
_COLOURS: Final = {"problem": "red", "demand": "red", "advice": "magenta"}
_MARGIN: Final = " " * 10


def print_checked(
    checked: Sequence[CheckedFile], console: Console, *, verbose: bool = False
) -> None:
    """
    Print the findings and a summary of each file.

    Args:
        checked: The files.
        console: Where to print.
        verbose: Whether to print every finding, however many have the same code.
    """
    printer = _Printer(console)
    for one in checked:
        printer.print_file(one, verbose=verbose)
    findings = [finding for one in checked for finding in one.findings]
    if any(one.counts and one.kind != "problem" for one in findings):
        line = "To explain a code in brackets: cookiegate check --explain CODE"
        printer.print_line(Text(line, "dim"))


def print_coverage(checked: Sequence[CheckedFile]) -> None:
    """Print for each entry what holds it back if its category is not allowed."""
    registries = [one.registry for one in checked if one.registry is not None]
    # Not a table: rich takes seconds for a large registry.
    rows = [
        (escape_control(entry.names[0]), entry.category, coverage.mechanisms(entry))
        for registry in registries
        for coverage in [Coverage(registry)]
        for entry in registry.entries
    ]
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, category, mechanisms in rows:
        click.echo(f"{name:<{width}}  {category}: {', '.join(mechanisms) or 'required'}")


class _Printer:
    """Prints with colours and fitted to a terminal, or as plain text without one."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def print_line(self, text: Text) -> None:
        """Print a line without wrapping it: editors jump to it, and people copy it."""
        if self._console.is_terminal:
            self._console.print(text, soft_wrap=True, highlight=False)
        else:
            click.echo(text.plain)

    def print_file(self, checked: CheckedFile, *, verbose: bool) -> None:
        """Print the findings of one file."""
        lines = checked.lines
        name = escape_control(checked.file)
        # Counted apart, so that accepted findings do not displace the others.
        counts: Counter[tuple[str, bool]] = Counter()
        for finding in checked.findings:
            group = finding.code, finding.counts
            counts[group] += 1
            if verbose or finding.kind == "problem" or counts[group] <= _PRINTED_PER_CODE:
                self._print_finding(name, lines, finding)
        for (code, is_open), count in counts.items():
            more = count - _PRINTED_PER_CODE
            if more > 0 and code != "problem" and not verbose:
                which = code if is_open else f"{code}, accepted"
                self.print_line(Text(f"{name}: and {more:,} more: {which} (--verbose prints all)"))
        self.print_line(Text(f"{name}: {checked.summary}", "bold"))

    def _print_finding(self, name: str, lines: list[str], finding: CheckFinding) -> None:
        place = f"{name}:{finding.line}" if finding.line else name
        is_accepted = finding.accepted is not None
        colour = "dim" if is_accepted else _COLOURS[finding.kind]
        code = "" if finding.kind == "problem" else f" [{finding.code}]"
        self.print_line(Text.assemble(f"{place}: ", (_plain(finding.what), colour), (code, "dim")))
        if 0 < finding.line <= len(lines) and (line := lines[finding.line - 1].rstrip()):
            width = self._console.width if self._console.is_terminal else _DEFAULT_WIDTH
            width = max(width - len(_MARGIN) - 2, _MIN_WIDTH)
            quoted = excerpt(line, finding.column, finding.length, width)
            self.print_line(Text(f"{finding.line:>9} | {quoted.text}", "dim"))
            if not is_accepted:
                self.print_line(Text.assemble((f"{_MARGIN}| ", "dim"), (quoted.underline, colour)))
        if finding.accepted is None:
            self._print_prose(finding.hint, "")
        else:
            # A reason may have several lines.
            self._print_prose("accepted: " + " ".join(finding.accepted.split()), "dim")

    def _print_prose(self, text: str, style: str) -> None:
        width = max(self._console.width - len(_MARGIN), _MIN_WIDTH)
        text = "= " + _plain(text)
        for line in textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False):
            self.print_line(Text(_MARGIN + line, style))


def _plain(text: str) -> str:
    """Return text that may quote the registry, on one line and safe for a terminal."""
    return "".join(one if one.isprintable() else escape_control(one) for one in text)
