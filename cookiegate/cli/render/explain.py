"""Print an explanation of a verdict for people, or return it for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cookiegate.cli.console import TableRow
from cookiegate.consent.model import Consent
from cookiegate.enforcement.verdict import Verdict
from cookiegate.explain import Explanation, Match, NameExplained
from cookiegate.registry import Entry, Registry

__all__ = ["explanation_rows", "to_json"]

_ACTIONS: Final = {"keep": "kept", "strip": "stripped", "rewrite": "rewritten", "sweep": "expired"}
_COLOURS: Final = {"keep": "green", "strip": "red", "rewrite": "yellow", "sweep": "yellow"}
_OUTCOMES: Final = {"meant": "matched", "elsewhere": "elsewhere", "outranked": "lost"}
_STATUSES: Final = {
    "missing": "has made no choice",
    "expired": "made a choice that has expired",
    "invalid": "sends a consent cookie that is not valid",
    "outdated": "made a choice about another version of the registry",
}
_SET_BY: Final = {
    "server": "a server",
    "script": "a script in the browser, out of the gate's reach",
    "third_party": "another site, out of the gate's reach",
}


def explanation_rows(explanation: Explanation, registry: Registry) -> Iterator[TableRow]:
    """Yield the rows that explain a verdict to people."""
    verdict = explanation.verdict
    action = _ACTIONS[verdict.action]
    if verdict.action == "keep" and not verdict.allowed:
        action += ", though it is not allowed"
    yield "verdict", f"{action} ({verdict.reason})", _COLOURS[verdict.action]
    yield "", verdict.reason.text, ""
    for note in verdict.notes:
        yield "note", f"{note.text} ({note})", ""
    yield "header", _as_text(explanation.header), ""
    if verdict.header == explanation.header:
        yield "sent", "unchanged", ""
    else:
        yield "sent", "nothing" if verdict.header is None else _as_text(verdict.header), ""
    yield "visitor", _visitor(explanation.consent), ""
    for name in explanation.names:
        yield "", "", ""
        yield from _name_rows(name, registry, explanation.consent)


def _as_text(header: bytes) -> str:
    return header.decode("utf-8", "surrogateescape")


def _visitor(consent: Consent) -> str:
    if consent.status in _STATUSES:
        did = _STATUSES[consent.status]
    elif consent.granted:
        did = f"has chosen {_listed(consent.granted)}"
    else:
        did = "has refused everything optional"
    signals = f"; {_listed(consent.signals)} in force" if consent.signals else ""
    return f"{did}{signals}; allows {_listed(consent.allowed)}"


def _listed(ids: frozenset[str]) -> str:
    return ", ".join(sorted(ids)) or "nothing"


def _name_rows(name: NameExplained, registry: Registry, consent: Consent) -> Iterator[TableRow]:
    yield "name", name.name or "(no name): some browsers store it without a name", "bold"
    if not name.matches:
        yield "matched", "no entry", ""
    if name.near is not None:
        yield "near", f"{name.near} is in the registry; did you mean it?", ""
    for entry in name.not_cookies:
        where = _where(entry, registry)
        yield "not this", f"a {entry.kind} entry, which no header sets ({where})", ""
    for match in name.matches:
        where = "built in" if match.is_own else _where(match.entry, registry)
        yield _OUTCOMES[match.outcome], f"{match.written} ({where})", ""
        yield "", match.why, ""
        is_short = match.outcome != "meant"
        yield from _entry_rows(match.entry, registry, is_short=is_short)
        if not is_short and match.entry.part != match.entry.category:
            is_allowed = match.entry.part in consent.allowed
            yield "chosen as", f"{match.entry.part}: {'' if is_allowed else 'not '}allowed", ""


def _where(entry: Entry, registry: Registry) -> str:
    return f"{registry.source}:{entry.line}"


def _entry_rows(entry: Entry, registry: Registry, *, is_short: bool) -> Iterator[TableRow]:
    language = registry.site.languages[0]
    category = registry.categories.get(entry.category)
    if category is not None:
        title = category.title.get(language)
        about = f" ({title})" if title else ""
        yield "category", f"{category.id}{about}{', required' * category.required}", ""
    if is_short:
        return
    if entry.service is not None:
        provider = registry.services[entry.service].provider
        yield "service", entry.service + (f", by {provider}" if provider else ""), ""
    yield "domains", ", ".join(entry.domains) or "this site", ""
    yield "lifetime", "not declared" if entry.expires is None else str(entry.expires), ""
    if entry.set_by is not None:
        yield "set by", _SET_BY[entry.set_by], ""
    for number, purpose in enumerate(entry.purpose.get(language, ())):
        yield "" if number else "purpose", purpose, ""


def to_json(explanation: Explanation, registry: Registry) -> dict[str, Any]:
    """Return the explanation for JSON. Headers are decoded as latin-1, one character per byte."""
    consent = explanation.consent
    return {
        "registry": registry.source,
        "header": explanation.header.decode("latin-1"),
        "host": explanation.host,
        "visitor": {
            "status": consent.status,
            "granted": sorted(consent.granted),
            "signals": sorted(consent.signals),
            "allowed": sorted(consent.allowed),
        },
        "verdict": _verdict_json(explanation.verdict),
        "names": [
            {
                "name": _json_name(name.name),
                "matches": [_match_json(match, registry) for match in name.matches],
                "near": name.near,
                "not_cookies": [_entry_json(entry, registry) for entry in name.not_cookies],
            }
            for name in explanation.names
        ],
    }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "allowed": verdict.allowed,
        "action": verdict.action,
        "name": _json_name(verdict.name),
        "category": verdict.category,
        "reason": verdict.reason.value,
        "text": verdict.reason.text,
        "notes": [{"reason": note.value, "text": note.text} for note in verdict.notes],
        "header": None if verdict.header is None else verdict.header.decode("latin-1"),
    }


def _match_json(match: Match, registry: Registry) -> dict[str, Any]:
    return {
        "written": match.written,
        "rank": None if match.rank is None else list(match.rank),
        "outcome": match.outcome,
        "why": match.why,
        "built_in": match.is_own,
        "entry": _entry_json(match.entry, registry),
    }


def _entry_json(entry: Entry, registry: Registry) -> dict[str, Any]:
    service = None if entry.service is None else registry.services[entry.service]
    return {
        # 0 for a built-in entry, which has no file.
        "line": entry.line or None,
        "names": list(entry.names),
        "kind": entry.kind,
        "category": entry.category or None,
        "service": entry.service,
        # What a visitor must allow: the category, or the service in it.
        "part": entry.part or None,
        "provider": None if service is None else service.provider,
        "domains": list(entry.domains),
        "expires": None if entry.expires is None else str(entry.expires),
        "set_by": entry.set_by,
        "purpose": {language: list(texts) for language, texts in entry.purpose.items()},
    }


def _json_name(name: str) -> str:
    # A lone surrogate is not valid in JSON, so a byte that is not UTF-8 becomes "\\xff".
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
