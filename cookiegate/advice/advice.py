"""Advice with its line in the file, and the reason if the file accepts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from cookiegate.registry import Registry
from cookiegate.registry.errors import Path, did_you_mean, quoted
from cookiegate.registry.validation.line_locator import Span

from .lines import LineIndex
from .rules import Violation, production_violations, violations

__all__ = ["ADVICE", "DEMANDS", "Advice", "advise"]

#: Each code with a short description.
ADVICE: Final[Mapping[str, str]] = {
    "required-third-party": "A required cookie of another company",
    "required-tracker": "A required cookie with the name of a tracker",
    "required-lifetime": "A required cookie that stays for more than a year",
    "required-reason": "A required cookie without the reason why it is necessary",
    "unreachable-pattern": "A pattern that can never match",
    "missing-language": "A text that lacks one of the site's languages",
    "capped-lifetime": "A lifetime that browsers shorten",
    "early-refusal": "Visitors who refused are asked again early",
    "early-pruning": "Receipts are deleted before their consent ends",
    "missing-without": "A category that does not say what a refusal costs",
    "missing-controller": "No controller is named",
    "missing-contact": "The controller has no email and no address",
    "missing-authority": "No authority for complaints is named",
    "empty-category": "A category without entries",
    "single-services": "Visitors choose by service, and there is nothing to choose",
    "shared-source": "A source shared by services that are not allowed together",
    "csp-admits": "The added Content-Security-Policy does not hold a service back",
    "widest-domain": "A cookie on a wider domain that the entry does not declare",
    "unconfirmed-name": "A name that is a guess",
    "unused-acceptance": "Advice is accepted that does not apply",
}
#: Codes of what is demanded, not only advised: by the pages, or with --production.
DEMANDS: Final[Mapping[str, str]] = {
    "missing-catalog": "A language without a translation of the pages",
    "report-mode": "Report mode in production",
    "missing-text": "A missing text in production",
}


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of advice."""

    code: str
    line: int
    what: str
    #: What to write instead.
    hint: str
    #: The column in the line, from 1, and how many characters; 0 and 0 for the whole line.
    column: int = 0
    length: int = 0
    #: The reason that the file gives for not following it, or None.
    accepted: str | None = None
    #: Whether it is demanded, not only advised.
    is_demanded: bool = False


def advise(
    registry: Registry,
    text: str,
    *,
    production: bool = False,
    demands: Iterable[Violation] = (),
) -> list[Advice]:
    """
    Return advice on a registry, in the order of the file.

    Args:
        registry: The registry that was parsed from the text.
        text: The file's text, for line numbers.
        production: Include what a site in production must have.
        demands: What higher layers demand of the registry.
    """
    lines = LineIndex(text, registry.entries)
    accepted = dict(_accepted(registry))
    found = [(one, False) for one in violations(registry) if _is_chosen(one, lines)]
    found += [(one, True) for one in demands]
    if production:
        found += [(one, True) for one in production_violations(registry)]
    advice: list[Advice] = []
    used: set[tuple[Path, str]] = set()
    for one, is_demanded in found:
        # Tables without `accepted`, such as [policy], use that of [site].
        owner: Path = one.table if one.table in accepted else ("site",)
        used.add((owner, one.code))
        line, column, length = lines.span(_path(one))
        advice.append(
            Advice(
                code=one.code,
                line=line,
                what=one.what,
                hint=one.hint,
                column=column,
                length=length,
                accepted=accepted[owner].get(one.code),
                is_demanded=is_demanded,
            )
        )
    for table, codes in accepted.items():
        for code in codes:
            # A demand may be accepted before it is made.
            if (table, code) not in used and code not in DEMANDS:
                advice.append(_unused(code, lines.span((*table, "accepted", code), of_key=True)))
    return sorted(advice, key=lambda one: one.line)


def _is_chosen(violation: Violation, lines: LineIndex) -> bool:
    # Nobody who wrote neither has chosen how long a refusal holds.
    keys = ("refusal_days", "consent_days")
    return violation.code != "early-refusal" or any(lines.has(("site", one)) for one in keys)


def _path(violation: Violation) -> Path:
    keys = violation.key.split(".") if violation.key else []
    return (*violation.table, *(int(key) if key.isdigit() else key for key in keys))


def _unused(code: str, span: Span) -> Advice:
    if code in ADVICE:
        what, hint = f"{quoted(code)} is accepted here but does not apply", "leave it out"
    else:
        what = f"unknown code {quoted(code)} in accepted"
        hint = did_you_mean(code, [*ADVICE, *DEMANDS])
    line, column, length = span
    return Advice(
        code="unused-acceptance", line=line, what=what, hint=hint, column=column, length=length
    )


def _accepted(registry: Registry) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Yield each table that can accept advice, with its codes and reasons."""
    yield ("site",), registry.site.accepted
    for id, category in registry.categories.items():
        yield ("categories", id), category.accepted
    for id, service in registry.services.items():
        yield ("services", id), service.accepted
    for number, entry in enumerate(registry.entries):
        yield ("cookies", number), entry.accepted
