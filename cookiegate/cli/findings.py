"""What `cookiegate check` found in a file, before it is written in one form or another."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cookiegate.advice import ADVICE, DEMANDS, advise
from cookiegate.registry import Registry, RegistryError
from cookiegate.registry.loading import decode

__all__ = ["DOCS", "RULES", "Checked", "Finding", "check_file"]

Kind = Literal["problem", "demand", "advice"]

#: Where each code has a section.
DOCS = "docs/advice.md"
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
    #: Its lines, to quote from.
    lines: list[str]
    findings: list[Finding]
    #: None where it does not load.
    registry: Registry | None


def check_file(file: str, *, production: bool) -> Checked:
    """
    Check one registry file.

    Args:
        file: Its path.
        production: Whether to demand what a site in production must not lack.

    Raises:
        OSError: It cannot be opened.
    """
    with open(file, "rb") as stream:
        data = stream.read()
    try:
        text = decode(data, file)
        registry = Registry.parse(text, source=file)
    except RegistryError as error:
        lines = data.decode("utf-8", "replace").splitlines()
        problems = [
            Finding("problem", "problem", one.line, one.what, one.hint) for one in error.problems
        ]
        return Checked(file, lines, problems, None)
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
    return Checked(file, text.splitlines(), findings, registry)
