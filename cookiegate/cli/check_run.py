"""Check a registry file and collect the findings, independent of the output format."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Final, Literal, NamedTuple

from cookiegate.advice import ADVICE, DEMANDS, Violation, advise
from cookiegate.registry import Registry, RegistryError
from cookiegate.registry.load import decode
from cookiegate.registry.registry import read_source

from .formatting import plural
from .languages import language_errors

__all__ = ["DOCS", "RULES", "STDIN", "CheckFinding", "CheckedFile", "FindingKind", "check_file"]

FindingKind = Literal["problem", "demand", "advice"]

#: The page with a section for each code.
DOCS = "docs/advice.md"
#: The file name that stands for standard input.
STDIN: Final = "-"
#: Every code of a finding, with a short description.
RULES = {"problem": "The file does not load", **DEMANDS, **ADVICE}


class CheckFinding(NamedTuple):
    """One finding."""

    kind: FindingKind
    code: str
    #: 0 for the whole file.
    line: int
    what: str
    hint: str
    #: The reason that the file gives for leaving it as it is.
    accepted: str | None = None
    #: The column in the line, from 1, and how many characters; 0 and 0 for the whole line.
    column: int = 0
    length: int = 0

    @property
    def counts(self) -> bool:
        """Whether the finding makes the check fail."""
        return self.accepted is None


class CheckedFile(NamedTuple):
    """A file and its findings."""

    file: str
    #: The whole text, to quote from.
    text: str
    findings: list[CheckFinding]
    #: None if the file does not load.
    registry: Registry | None

    @property
    def lines(self) -> list[str]:
        """The text's lines as TOML counts them, without a byte order mark."""
        return self.text.removeprefix("\ufeff").split("\n")

    @property
    def summary(self) -> str:
        """The numbers of entries and findings."""
        counts = Counter(one.kind for one in self.findings if one.counts)
        accepted = sum(not one.counts for one in self.findings)
        entries = 0 if self.registry is None else len(self.registry.entries)
        parts = (
            plural(entries, "entry", "entries") if entries else "",
            plural(counts["problem"], "problem") if counts["problem"] else "",
            plural(counts["demand"], "demand") if counts["demand"] else "",
            plural(counts["advice"], "piece") + " of advice" if counts["advice"] else "",
            f"{accepted:,} accepted" if accepted else "",
        )
        return ", ".join(filter(None, parts)) or "no entries"


def check_file(file: str, *, production: bool) -> CheckedFile:
    """
    Check one registry file.

    Args:
        file: Its path, the name of a shipped file, or STDIN.
        production: Whether to apply the additional demands for a site in production.

    Raises:
        OSError: The file cannot be opened.
    """
    name = "<stdin>" if file == STDIN else file
    data = b""
    try:
        data = sys.stdin.buffer.read() if file == STDIN else read_source(file)
        text = decode(data, name)
        registry = Registry.parse(text, source=name)
    except RegistryError as error:
        problems = [
            CheckFinding(
                *("problem", "problem", one.line, one.what, one.hint),
                column=one.column,
                length=one.length,
            )
            for one in error.problems
        ]
        return CheckedFile(name, data.decode("utf-8", "replace"), problems, None)
    findings = [
        CheckFinding(
            "demand" if one.is_demanded else "advice",
            *(one.code, one.line, one.what, one.hint, one.accepted, one.column, one.length),
        )
        for one in advise(
            registry, text, production=production, demands=_missing_catalogs(registry)
        )
    ]
    return CheckedFile(name, text, findings, registry)


def _missing_catalogs(registry: Registry) -> list[Violation]:
    errors = language_errors(registry)
    return [
        Violation("missing-catalog", ("site",), f"languages.{number}", error.what, error.hint)
        for number, language in enumerate(registry.site.languages)
        if (error := errors.get(language))
    ]
