"""For people: a line that editors jump to, the line it is about, and what to write instead."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from cookiegate.advice import Holders
from cookiegate.cli.check_run import DOCS, Checked, Finding, summary
from cookiegate.cli.escape import shown

from .excerpt import excerpt

__all__ = ["print_checked", "print_holders"]

# Of findings with one code; a registry of thousands of entries would fill the screen with them.
_MOST: Final = 20
# Of a line that is quoted where no terminal says how wide it is.
_LONGEST: Final = 160
_SHORTEST: Final = 20
# Legible on dark and on light.
_COLOURS: Final = {"problem": "red", "demand": "red", "advice": "magenta"}
_MARGIN: Final = " " * 10


def print_checked(
    checked: Sequence[Checked], *, verbose: bool = False, console: Console | None = None
) -> None:
    """
    Print what was found in each file, and how much it is.

    Args:
        checked: The files.
        verbose: Whether to print everything, however much of one kind there is.
        console: The terminal, where there is one.
    """
    printer = _Printer(console)
    for one in checked:
        printer.file(one, verbose=verbose)
    findings = [finding for one in checked for finding in one.findings]
    if any(one.counts and one.kind != "problem" for one in findings):
        printer.line(Text(f"{DOCS} has a section for each code in brackets.", "dim"))


def print_holders(checked: Sequence[Checked]) -> None:
    """Print for each entry what holds it back where its category is not allowed."""
    rows = []
    for one in checked:
        if one.registry is not None:
            holders = Holders(one.registry)
            for entry in one.registry.entries:
                held = ", ".join(holders.of(entry)) or "required"
                rows.append((shown(entry.names[0]), entry.category, held))
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, category, held in rows:
        click.echo(f"{name:<{width}}  {category}: {held}")


class _Printer:
    """Prints in colours and to the terminal's width, or plainly where there is none."""

    def __init__(self, console: Console | None) -> None:
        self._console = console

    @property
    def _width(self) -> int | None:
        return None if self._console is None else self._console.width

    def line(self, text: Text) -> None:
        """Print a line, and never break it: editors jump to it, and it is copied as one."""
        if self._console is None:
            click.echo(text.plain)
        else:
            self._console.print(text, soft_wrap=True, highlight=False)

    def file(self, checked: Checked, *, verbose: bool) -> None:
        """Print the findings of one file."""
        lines = checked.text.split("\n")
        name = shown(checked.file)
        told: Counter[tuple[str, bool]] = Counter()
        for finding in checked.findings:
            # What is accepted must not crowd out what is not.
            alike = finding.code, finding.counts
            told[alike] += 1
            if verbose or finding.kind == "problem" or told[alike] <= _MOST:
                self._finding(name, lines, finding)
        for (code, counts), count in told.items():
            if count > _MOST and code != "problem" and not verbose:
                which = code if counts else f"{code}, accepted"
                self.line(Text(f"{name}: and {count - _MOST:,} more: {which} (--verbose has all)"))
        self.line(Text(f"{name}: {summary(checked)}", "bold"))

    def _finding(self, name: str, lines: list[str], finding: Finding) -> None:
        place = f"{name}:{finding.line}" if finding.line else name
        is_accepted = finding.accepted is not None
        colour = "dim" if is_accepted else _COLOURS[finding.kind]
        code = "" if finding.kind == "problem" else f" [{finding.code}]"
        self.line(Text.assemble(f"{place}: ", (_plain(finding.what), colour), (code, "dim")))
        if 0 < finding.line <= len(lines) and (line := lines[finding.line - 1].rstrip()):
            width = self._width or _LONGEST
            quoted = excerpt(line, finding.what, max(width - len(_MARGIN) - 2, _SHORTEST))
            self.line(Text(f"{finding.line:>9} | {quoted.text}", "dim"))
            if not is_accepted:
                self.line(Text.assemble((f"{_MARGIN}| ", "dim"), (quoted.underline, colour)))
        if finding.accepted is None:
            self._prose("= ", finding.hint, "")
        else:
            # It may be of several lines.
            self._prose("= accepted: ", " ".join(finding.accepted.split()), "dim")

    def _prose(self, sign: str, text: str, style: str) -> None:
        text = sign + _plain(text)
        if self._width is None:
            lines = [text]
        else:
            width = max(self._width - len(_MARGIN), _SHORTEST)
            lines = textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)
        for line in lines:
            self.line(Text(_MARGIN + line, style))


def _plain(text: str) -> str:
    """A text of the registry, or with parts of it, on one line that garbles no terminal."""
    return "".join(one if one.isprintable() else shown(one) for one in text)
