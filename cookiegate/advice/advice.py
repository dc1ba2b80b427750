"""Advice with the line it is about, and what the file says of it already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from cookiegate.registry import Registry
from cookiegate.registry.errors import Path, did_you_mean, quoted

from .lines import Places
from .rules import Found, advices, demands

__all__ = ["ADVICE", "DEMANDS", "Advice", "advise"]

#: Each code with what it is about, in a few words.
ADVICE: Final[Mapping[str, str]] = {
    "required-third-party": "Required, and another company's",
    "required-tracker": "Required, and known from a tracker",
    "required-lifetime": "Required, and stays for over a year",
    "required-reason": "Required, and does not say what fails without it",
    "unreachable-pattern": "A pattern that can never match",
    "missing-language": "A text lacks one of the site's languages",
    "capped-lifetime": "A lifetime that browsers cut short",
    "early-refusal": "Who refused is asked again early",
    "early-pruning": "Receipts are gone while what they prove holds",
    "missing-without": "A category does not say what refusing costs",
    "missing-controller": "Nobody answers for the data",
    "missing-contact": "The controller cannot be reached",
    "missing-authority": "No authority to complain to",
    "empty-category": "A category without entries",
    "shared-source": "A source shared by services of different categories",
    "csp-admits": "The added Content-Security-Policy holds a service back in vain",
    "unconfirmed-name": "A name that is a guess",
    "unused-acceptance": "Advice is accepted that is not given",
}
#: Codes that are demanded with --production alone.
DEMANDS: Final[Mapping[str, str]] = {
    "report-mode": "In production, and only reporting",
    "missing-text": "In production, and a text lacks",
}


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of advice."""

    code: str
    line: int
    what: str
    #: What to write instead.
    hint: str
    #: The reason that the file gives for not following it; None where it gives none.
    accepted: str | None = None
    #: Whether it is demanded, and not only advised.
    is_demanded: bool = False


def advise(registry: Registry, text: str, *, production: bool = False) -> list[Advice]:
    """
    What is worth a thought in a registry, in the order of the file.

    Args:
        registry: What was read of the text.
        text: The file, for lines.
        production: Whether to demand what a site in production must not lack.
    """
    places = Places(text, registry.entries)
    found = [(one, False) for one in advices(registry)]
    if production:
        found += [(one, True) for one in demands(registry)]
    given = [_advice(one, places, is_demanded) for one, is_demanded in found]
    used = {(one.table, one.code) for one, _ in found} | {
        (("site",), one.code) for one, _ in found if one.accepted is registry.site.accepted
    }
    given += _unused(registry, places, used)
    return sorted(given, key=lambda one: one.line)


def _advice(found: Found, places: Places, is_demanded: bool) -> Advice:
    steps: list[str | int] = [*found.table]
    for part in found.key.split(".") if found.key else ():
        steps.append(int(part) if part.isdigit() else part)
    return Advice(
        code=found.code,
        line=places.line(tuple(steps)),
        what=found.what,
        hint=found.hint,
        accepted=found.accepted.get(found.code),
        is_demanded=is_demanded,
    )


def _unused(registry: Registry, places: Places, used: set[tuple[Path, str]]) -> Iterator[Advice]:
    for table, accepted in _tables(registry):
        for code in accepted:
            # What only production demands may be accepted before.
            if (table, code) in used or code in DEMANDS:
                continue
            line = places.line((*table, "accepted", code))
            if code in ADVICE:
                what, hint = f"{quoted(code)} is accepted here, and is not advised", "leave it out"
            else:
                what = f"unknown code {quoted(code)} in accepted"
                hint = did_you_mean(code, [*ADVICE, *DEMANDS])
            yield Advice(code="unused-acceptance", line=line, what=what, hint=hint)


def _tables(registry: Registry) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield ("site",), registry.site.accepted
    for id, category in registry.categories.items():
        yield ("categories", id), category.accepted
    for id, service in registry.services.items():
        yield ("services", id), service.accepted
    for number, entry in enumerate(registry.entries):
        yield ("cookies", number), entry.accepted
