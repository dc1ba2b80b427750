"""Registry entries for cookies that were counted and that the registry lacks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Final

import msgspec

from cookiegate.advice.trackers import known_tracker, tracker_among
from cookiegate.registry import Registry
from cookiegate.registry.errors import InvalidValueError, in_toml
from cookiegate.registry.patterns import Pattern, parse_pattern
from cookiegate.registry.values import check_name

from .current import example_names, judge_now, pattern_of
from .known_cookies import KnownCookie, kind_of
from .required_texts import required_texts
from .tally import OTHERS, VerdictRow

__all__ = ["Proposal", "as_toml", "propose"]

_DIGITS: Final = re.compile("[0-9]+")
# As many names that differ only in their digits become one pattern.
_MIN_ALIKE: Final = 3
# A pattern with fewer literal characters in front could match anything.
_MIN_PREFIX: Final = 3
_DAY: Final = 86_400
_UNITS: Final = ((_DAY, "day"), (3_600, "hour"), (60, "minute"))
# Browsers keep no cookie for longer (RFC 6265bis, section 5.5); `cookiegate check` advises against
# more, and against more than a year for a required cookie.
_CAP_DAYS: Final = 400
_REQUIRED_CAP_DAYS: Final = 365
_KIND_WORDS: Final[Mapping[str | None, str]] = {
    "csrf": "CSRF",
    "login": "login",
    "session": "session",
    "flash": "message",
}


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
    #: The category to propose; None if a person must decide.
    category: str | None = None


def propose(
    rows: Iterable[VerdictRow],
    registry: Registry,
    find_known: Callable[[str], KnownCookie | None],
) -> list[Proposal]:
    """
    Return entries for unknown cookies, the most frequent first.

    Only cookies that are generally known, or whose name says that a login, a form or a message
    needs them, have a category. One that a visit needs never has an optional one.

    Args:
        rows: The counts.
        registry: Cookies that it has by now are left out.
        find_known: Return general knowledge about a name.
    """
    by_subject: dict[str, list[VerdictRow]] = {}
    for now in judge_now(rows, registry):
        key = now.row.key
        if now.is_unknown and key.is_set_cookie and key.subject != OTHERS:
            by_subject.setdefault(key.subject, []).append(now.row)
    alike = Counter(_DIGITS.sub("0", subject) for subject in by_subject)
    named: dict[str, tuple[str | None, list[VerdictRow]]] = {}
    for subject, found in by_subject.items():
        name = _name(subject, any_digits=alike[_DIGITS.sub("0", subject)] >= _MIN_ALIKE)
        if name is not None and "*" in name and (known := find_known(_example(name))):
            name = known.name
        named.setdefault(name or subject, (name, []))[1].extend(found)
    proposals = [
        _proposal(name, found, registry, find_known)
        for name, found in named.values()
        if name is None or not any(map(registry.find, example_names(name)))
    ]
    return sorted(proposals, key=lambda one: (-one.count, one.subject))


def as_toml(proposals: Sequence[Proposal], registry: Registry) -> str:
    """
    Return the entries as TOML to append to a registry file.

    An entry without a category is disabled by `#`: the file loads, and the cookie stays unknown
    until a person decides.
    """
    patterns = [parse_pattern(name) for entry in registry.entries for name in entry.names]
    texts = []
    for proposal in proposals:
        pattern = None if proposal.name is None else parse_pattern(proposal.name)
        rival = None if pattern is None else _rival(pattern, patterns)
        if pattern is not None and rival is None and proposal.category is not None:
            patterns.append(pattern)
        texts.append(_entry_text(proposal, registry, rival))
    return "\n".join(texts)


def _name(subject: str, *, any_digits: bool) -> str | None:
    """Return a pattern for the registry that matches the names redacted to this one, or None."""
    pattern = pattern_of(subject)
    if pattern is None:
        return None
    if any_digits:
        pattern = _DIGITS.sub("[0-9]+", pattern)
    parsed = parse_pattern(pattern)
    if parsed.exact is None and len(parsed.prefix) < _MIN_PREFIX:
        return None
    try:
        return check_name(pattern)
    except InvalidValueError:
        return None


def _example(pattern: str) -> str:
    return next(example_names(pattern))


def _rival(pattern: Pattern, others: Iterable[Pattern]) -> Pattern | None:
    """Return a pattern that no file may have beside this one: neither precedes the other."""
    if pattern.exact is not None:
        return None
    same_rank = (one for one in others if one.exact is None and one.rank == pattern.rank)
    return next((one for one in same_rank if one.overlaps(pattern)), None)


def _proposal(
    name: str | None,
    rows: list[VerdictRow],
    registry: Registry,
    find_known: Callable[[str], KnownCookie | None],
) -> Proposal:
    lifetimes = [row.lifetime for row in rows if row.lifetime is not None]
    known = None if name is None else find_known(_example(name))
    return Proposal(
        name=name,
        subject=rows[0].key.subject,
        count=sum(row.count for row in rows),
        routes=tuple(sorted({row.key.route for row in rows if row.key.route})),
        lifetime=max(lifetimes, default=None),
        known=known,
        category=None if name is None else _category(name, known, registry),
    )


def _category(name: str, known: KnownCookie | None, registry: Registry) -> str | None:
    kind = kind_of(name)
    if known is not None and not known.is_required:
        # A short pattern of a tracker may match the login of the site itself.
        is_sure = kind is None or parse_pattern(known.name).exact or known.name.startswith("_")
        return known.category if is_sure and known.category in registry.optional else None
    if (known is None and kind is None) or known_tracker(name) or tracker_among(name):
        return None
    return next((id for id in registry.categories if id in registry.required), None)


def _entry_text(proposal: Proposal, registry: Registry, rival: Pattern | None) -> str:
    name, routes = proposal.name, ", ".join(proposal.routes[:3])
    places = f" at {routes}{', ...' if len(proposal.routes) > 3 else ''}" if routes else ""
    lines = [f"# Seen {proposal.count:,} times{places}."]
    if name is None:
        lines.append(
            f"# No name or pattern can match {proposal.subject or 'a cookie without a name'}: "
            "let the application give it a name with a fixed beginning."
        )
    elif rival is not None:
        lines.append(
            f"# {name} and {rival.text} of another entry could match one name: "
            "make one of them narrower."
        )
    elif proposal.category is None:
        lines += _undecided(name, proposal, registry)
    else:
        lines += _decided(name, proposal.category, proposal, registry)
    return "\n".join(map(_printable, lines)) + "\n"


def _printable(line: str) -> str:
    # A file of counts may come from anywhere.
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)


def _undecided(name: str, proposal: Proposal, registry: Registry) -> Iterator[str]:
    if proposal.known is not None:
        yield f"# {proposal.known.source}"
    yield "# Decide what it is for: complete the entry, and remove the # in front of each line."
    yield "#[[cookies]]"
    yield f"#name = {in_toml(name)}"
    yield f'#category = ""  # {", ".join(registry.categories)}'
    yield f"#{_expires_line(proposal.lifetime, _CAP_DAYS)}"
    yield '#set_by = "server"'
    for language in registry.site.languages:
        yield f'#purpose.{language} = ""'
    for language in registry.site.languages:
        yield f'#necessary.{language} = ""  # if the category is required: what fails without it'


def _decided(name: str, category: str, proposal: Proposal, registry: Registry) -> Iterator[str]:
    known, kind, is_required = proposal.known, kind_of(name), category in registry.required
    by_name = f"Its name is that of a {_KIND_WORDS.get(kind)} cookie. Make sure that it is one."
    yield f"# {by_name if known is None else known.source}"
    yield "[[cookies]]"
    yield f"name = {in_toml(name)}"
    yield f"category = {in_toml(category)}"
    yield _expires_line(proposal.lifetime, _REQUIRED_CAP_DAYS if is_required else _CAP_DAYS)
    yield 'set_by = "server"'
    purpose, necessary = dict[str, str](), dict[str, str]()
    if is_required and kind is not None:
        purpose |= required_texts(kind).purpose
        necessary |= required_texts(kind).necessary
    if known is not None:
        purpose |= known.purpose
        necessary |= known.necessary
    yield from _text_lines("purpose", "What it is for.", purpose, registry)
    if is_required:
        yield from _text_lines("necessary", "What fails without it.", necessary, registry)


def _text_lines(
    key: str, missing: str, texts: Mapping[str, str], registry: Registry
) -> Iterator[str]:
    for language in registry.site.languages:
        if language in texts:
            yield f"{key}.{language} = {in_toml(texts[language])}"
        else:
            yield f'# {key}.{language} = "{missing}"'


def _expires_line(seconds: float | None, cap_days: int) -> str:
    if seconds is None:
        return 'expires = "session"'
    if seconds <= cap_days * _DAY:
        return f'expires = "{_counted(seconds)}"'
    return f'expires = "{cap_days} days"  # it asks for {_counted(seconds)}: let it ask for less'


def _counted(seconds: float) -> str:
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    count = max(1, ceil(seconds / size))
    return f"{count} {unit}{'' if count == 1 else 's'}"
