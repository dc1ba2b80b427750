"""Entries for cookies that were seen and are in no registry, ready to be put into one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import Final

import msgspec

from cookiegate.registry import Registry
from cookiegate.registry.errors import in_toml

from .redact import LONGEST
from .tally import OTHERS, Row

__all__ = ["Guess", "Proposal", "as_toml", "propose"]

_ESCAPED: Final = re.compile(r"\\x([0-9a-f]{2})")
_DIGITS: Final = re.compile("[0-9]+")
# What has a meaning of its own in a pattern. A "*" is left: it is what was folded.
_SPECIAL: Final = re.compile(r"\\|\?|\[0-9\]")
# So many names that differ only in their digits are one name.
_ALIKE: Final = 3
# A pattern with fewer literal characters in front could match anything.
_SHORTEST_PREFIX: Final = 3
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_FOREVER_SECONDS: Final = 100 * 366 * 86_400


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """What is generally known about a cookie of this name."""

    #: Where that is known from, as half a sentence.
    why: str
    #: A category's id; it counts only where the registry has it.
    category: str | None = None
    purpose: str | None = None


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that the registry lacks."""

    #: A name or pattern as the registry has them; None where none can stand for it.
    name: str | None
    #: The name as it was counted.
    subject: str
    count: int
    routes: tuple[str, ...]
    #: In seconds; None for the session.
    lifetime: float | None
    guess: Guess | None


def propose(
    rows: Iterable[Row], registry: Registry, guess: Callable[[str], Guess | None]
) -> list[Proposal]:
    """
    What the registry lacks, by rows of counts; the most frequent first.

    Args:
        rows: The counts.
        registry: What it already has is left out, also when it got it later.
        guess: Knows well-known names.
    """
    seen: dict[str, list[Row]] = {}
    for row in rows:
        if row.finding.is_unknown and row.finding.subject != OTHERS:
            seen.setdefault(row.finding.subject, []).append(row)
    by_name: dict[str, tuple[str | None, list[Row]]] = {}
    for subject, name in _named(list(seen)).items():
        by_name.setdefault(name or subject, (name, []))[1].extend(seen[subject])
    found = [
        _proposal(name, found, guess)
        for name, found in by_name.values()
        if name is None or not registry.find(_example(name))
    ]
    return sorted(found, key=lambda one: (-one.count, one.subject))


def as_toml(proposals: Sequence[Proposal], registry: Registry) -> str:
    """The proposals as text that can be put at the end of a registry file."""
    return "\n".join(_lines_of(one, registry) for one in proposals)


def _proposal(name: str | None, rows: list[Row], guess: Callable[[str], Guess | None]) -> Proposal:
    lifetimes = [row.lifetime for row in rows if row.lifetime is not None]
    return Proposal(
        name=name,
        subject=rows[0].finding.subject,
        count=sum(row.count for row in rows),
        routes=tuple(sorted({row.finding.route for row in rows if row.finding.route})),
        lifetime=max(lifetimes, default=None),
        guess=None if name is None else guess(_example(name)),
    )


def _named(subjects: list[str]) -> dict[str, str | None]:
    alike: dict[str, int] = {}
    for subject in subjects:
        shape = _DIGITS.sub("0", subject)
        alike[shape] = alike.get(shape, 0) + 1
    return {one: _pattern(one, alike[_DIGITS.sub("0", one)] >= _ALIKE) for one in subjects}


def _pattern(subject: str, folds_digits: bool) -> str | None:
    is_cut = subject.endswith("...") and len(subject) > LONGEST - 4
    text = subject.removesuffix("...") if is_cut else subject
    try:
        name = _unescaped(text)
    except UnicodeDecodeError:
        if not is_cut:
            return None
        # Cut within a character.
        name = _unescaped(text, "ignore")
    if not name or not name.isprintable():
        return None
    pattern = _SPECIAL.sub(lambda found: "\\" + found[0], name)
    if folds_digits:
        pattern = _DIGITS.sub("[0-9]+", pattern)
    if is_cut:
        pattern += "*"
    prefix = re.split(r"\*|\[0-9\]\+", pattern, maxsplit=1)[0]
    return pattern if prefix == pattern or len(prefix) >= _SHORTEST_PREFIX else None


def _unescaped(text: str, errors: str = "strict") -> str:
    raw = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).encode("latin-1")
    return raw.decode("utf-8", errors)


def _example(pattern: str) -> str:
    # A name that it matches.
    name = pattern.replace("[0-9]+", "7").replace("*", "123456")
    return re.sub(r"\\(.)", r"\1", name)


def _lines_of(proposal: Proposal, registry: Registry) -> str:
    shown = ", ".join(proposal.routes[:3]) + (", ..." if len(proposal.routes) > 3 else "")
    lines = [f"# Seen {proposal.count:,} times{' at ' + shown if shown else ''}."]
    if proposal.name is None:
        lines.append(
            f"# No name or pattern can stand for {proposal.subject or 'a cookie without a name'}: "
            "let the application give it a name that begins in the same way."
        )
        return "\n".join(lines) + "\n"
    guess = proposal.guess
    if guess is not None:
        lines.append(f"# {guess.why}")
    if guess is not None and guess.category in registry.categories:
        category = guess.category
    else:
        category = (*registry.categories, *registry.optional)[-1]
        lines.append(f"# Choose its category: {', '.join(registry.categories)}.")
    lines += [
        "[[cookies]]",
        f"name = {in_toml(proposal.name)}",
        f"category = {in_toml(category)}",
        f'expires = "{_lifetime_text(proposal.lifetime)}"',
        'set_by = "server"',
    ]
    language = registry.site.languages[0]
    if guess is not None and guess.purpose:
        lines.append(f"purpose.{language} = {in_toml(guess.purpose)}")
    else:
        lines.append(f'# purpose.{language} = "What it is for."')
    return "\n".join(lines) + "\n"


def _lifetime_text(seconds: float | None) -> str:
    if seconds is None:
        return "session"
    if seconds > _FOREVER_SECONDS:
        return "never"
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    count = max(1, ceil(seconds / size))
    return f"{count} {unit}{'' if count == 1 else 's'}"
