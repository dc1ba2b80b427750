"""Registry entries for cookies that were counted and that the registry lacks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import Final

import msgspec

from cookiegate.registry import Registry
from cookiegate.registry.errors import in_toml

from .known_cookies import KnownCookie
from .redact import MAX_NAME
from .tally import OTHERS, VerdictRow

__all__ = ["Proposal", "as_toml", "propose"]

_ESCAPED: Final = re.compile(r"\\x([0-9a-f]{2})")
_DIGITS: Final = re.compile("[0-9]+")
# Special in a pattern, and escaped. A "*" stays: it stands for what was redacted.
_SPECIAL: Final = re.compile(r"\\|\?|\[0-9\]")
# As many names that differ only in their digits become one pattern.
_MIN_ALIKE: Final = 3
# A pattern with fewer literal characters in front could match anything.
_MIN_PREFIX: Final = 3
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_FOREVER_SECONDS: Final = 100 * 366 * 86_400


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An entry for the registry."""

    #: A name or pattern; None if no pattern can match the cookie.
    name: str | None
    #: The redacted name.
    subject: str
    count: int
    routes: tuple[str, ...]
    #: The longest one, in seconds; None for the session.
    lifetime: float | None
    known: KnownCookie | None


def propose(
    rows: Iterable[VerdictRow],
    registry: Registry,
    find_known: Callable[[str], KnownCookie | None],
) -> list[Proposal]:
    """
    Return entries for unknown cookies, the most frequent first.

    Args:
        rows: The counts.
        registry: Cookies that it has by now are left out.
        find_known: Return general knowledge about a name.
    """
    by_subject: dict[str, list[VerdictRow]] = {}
    for row in rows:
        if row.key.is_unknown and row.key.subject != OTHERS:
            by_subject.setdefault(row.key.subject, []).append(row)
    alike = Counter(_DIGITS.sub("0", subject) for subject in by_subject)
    by_name: dict[str, tuple[str | None, list[VerdictRow]]] = {}
    for subject, found in by_subject.items():
        name = _pattern(subject, any_digits=alike[_DIGITS.sub("0", subject)] >= _MIN_ALIKE)
        by_name.setdefault(name or subject, (name, []))[1].extend(found)
    proposals = [
        _proposal(name, found, find_known)
        for name, found in by_name.values()
        if name is None or not registry.find(_example(name))
    ]
    return sorted(proposals, key=lambda one: (-one.count, one.subject))


def as_toml(proposals: Sequence[Proposal], registry: Registry) -> str:
    """Return the entries as TOML to append to a registry file."""
    return "\n".join(_entry_text(one, registry) for one in proposals)


def _proposal(
    name: str | None,
    rows: list[VerdictRow],
    find_known: Callable[[str], KnownCookie | None],
) -> Proposal:
    lifetimes = [row.lifetime for row in rows if row.lifetime is not None]
    return Proposal(
        name=name,
        subject=rows[0].key.subject,
        count=sum(row.count for row in rows),
        routes=tuple(sorted({row.key.route for row in rows if row.key.route})),
        lifetime=max(lifetimes, default=None),
        known=None if name is None else find_known(_example(name)),
    )


def _pattern(subject: str, *, any_digits: bool) -> str | None:
    """Return a pattern that matches the names redacted to this one; None if there is none."""
    is_cut = subject.endswith("...") and len(subject) > MAX_NAME - 4
    text = subject.removesuffix("...") if is_cut else subject
    try:
        name = _unescaped(text)
    except UnicodeDecodeError:
        if not is_cut:
            return None
        # It was cut within a character.
        name = _unescaped(text, "ignore")
    if not name or not name.isprintable():
        return None
    pattern = _SPECIAL.sub(lambda found: "\\" + found[0], name)
    if any_digits:
        pattern = _DIGITS.sub("[0-9]+", pattern)
    if is_cut:
        pattern += "*"
    prefix = re.split(r"\*|\[0-9\]\+", pattern, maxsplit=1)[0]
    return pattern if prefix == pattern or len(prefix) >= _MIN_PREFIX else None


def _unescaped(text: str, errors: str = "strict") -> str:
    raw = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).encode("latin-1")
    return raw.decode("utf-8", errors)


def _example(pattern: str) -> str:
    """Return a name that the pattern matches."""
    name = pattern.replace("[0-9]+", "7").replace("*", "123456")
    return re.sub(r"\\(.)", r"\1", name)


def _entry_text(proposal: Proposal, registry: Registry) -> str:
    routes = ", ".join(proposal.routes[:3]) + (", ..." if len(proposal.routes) > 3 else "")
    lines = [f"# Seen {proposal.count:,} times{' at ' + routes if routes else ''}."]
    if proposal.name is None:
        lines.append(
            f"# No name or pattern can match {proposal.subject or 'a cookie without a name'}: "
            "let the application give it a name with a fixed beginning."
        )
        return "\n".join(lines) + "\n"
    known = proposal.known
    if known is not None:
        lines.append(f"# {known.source}")
    if known is not None and known.category in registry.categories:
        category = known.category
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
    if known is not None and known.purpose:
        lines.append(f"purpose.{language} = {in_toml(known.purpose)}")
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
