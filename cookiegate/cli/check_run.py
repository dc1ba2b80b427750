"""What `cookiegate check` found in a file, before it is written in one form or another."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Final, Literal, NamedTuple

from cookiegate.advice import ADVICE, DEMANDS, advise
from cookiegate.registry import Registry, RegistryError
from cookiegate.registry.load import decode
from cookiegate.registry.registry import read_source

__all__ = ["DOCS", "RULES", "STDIN", "Checked", "Finding", "check_file", "summary"]

Kind = Literal["problem", "demand", "advice"]

#: Where each code has a section.
DOCS = "docs/advice.md"
#: The file that stands for what is typed or piped in.
STDIN: Final = "-"
#: Every code that a finding can have, with a few words.
RULES = {"problem": "The file does not load", **DEMANDS, **ADVICE}


class Finding(NamedTuple):
    """One thing that was found."""

    kind: Kind
    code: str
    #: 0 for the file as a whole.
    line: int
    what: str
    hint: str
    #: The reason that the file itself gives for leaving it so.
    accepted: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it makes the check fail."""
        return self.accepted is None


class Checked(NamedTuple):
    """A file, and what was found in it."""

    file: str
    #: All of it, to quote from.
    text: str
    findings: list[Finding]
    #: None where it does not load.
    registry: Registry | None


def check_file(file: str, *, production: bool) -> Checked:
    """
    Check one registry file.

    Args:
        file: Its path, the name of a shipped one, or STDIN.
        production: Whether to demand what a site in production must not lack.

    Raises:
        OSError: It cannot be opened.
    """
    name = "<stdin>" if file == STDIN else file
    data = b""
    try:
        data = sys.stdin.buffer.read() if file == STDIN else read_source(file)
        text = decode(data, name)
        registry = Registry.parse(text, source=name)
    except RegistryError as error:
        problems = [
            Finding("problem", "problem", one.line, one.what, one.hint) for one in error.problems
        ]
        return Checked(name, _quotable(data.decode("utf-8", "replace")), problems, None)
    findings = [
        Finding(
            "demand" if one.is_demanded else "advice",
            one.code,
            one.line,
            one.what,
            one.hint,
            one.accepted,
        )
        for one in advise(registry, text, production=production)
    ]
    return Checked(name, _quotable(text), findings, registry)


def summary(checked: Checked) -> str:
    """How much there is in a file, and how much was found."""
    counts = Counter(one.kind for one in checked.findings if one.counts)
    accepted = sum(not one.counts for one in checked.findings)
    parts = [
        _counted(counts["problem"], "problem"),
        _counted(counts["demand"], "demand"),
        _counted(counts["advice"], "piece") + " of advice" if counts["advice"] else "",
        f"{accepted:,} accepted" if accepted else "",
    ]
    if checked.registry is not None:
        parts.insert(0, _counted(len(checked.registry.entries), "entry", "entries"))
    return ", ".join(part for part in parts if part) or "nothing in it"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}" if count else ""


def _quotable(text: str) -> str:
    # A byte order mark is no part of the first line.
    return text.removeprefix("\ufeff")
