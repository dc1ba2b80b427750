"""Why the gate does to one Set-Cookie what it does: who matched, who lost, and the verdict.

The verdict is that of `Gate.judge`, which enforces; everything here only says how it came about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

import msgspec

from .consent.model import Consent, Status
from .consent.terms import SECONDS_PER_DAY
from .enforcement.entry_match import matching_entries
from .enforcement.verdict import Reason, Verdict
from .gate import Gate
from .http.request import host_name
from .http.set_cookie import SetCookie, read_set_cookie
from .http.signals import SIGNAL_TABLE, Signal
from .registry import Entry
from .registry.candidates import Candidate, candidates
from .registry.errors import nearest
from .registry.model import Kind
from .registry.patterns import parse_pattern

__all__ = [
    "Explanation",
    "Match",
    "NameExplained",
    "Outcome",
    "Sweepable",
    "explain",
    "explain_sweep",
    "header_of",
    "visitor",
]

Outcome = Literal["meant", "elsewhere", "outranked"]

_HEADER: Final = b"set-cookie:"
_OTHER_KINDS: Final = tuple(kind for kind in get_args(Kind) if kind != "cookie")
# What ranks a pattern, in this order.
_RANKED_BY: Final = (
    "Literal characters in front",
    "Literal characters at the end",
    "Literal characters in all",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One entry whose name or pattern matches, and what came of it."""

    #: The name or pattern, as the registry has it.
    written: str
    #: Literal characters in front, at the end, and in all; None for an exact name, which wins.
    rank: tuple[int, int, int] | None
    entry: Entry
    #: "meant" has a say in the verdict; "elsewhere" is about another site; "outranked" is beaten.
    outcome: Outcome
    #: One sentence for people.
    why: str
    #: Whether it is one of Cookiegate's own, which are in no file.
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NameExplained:
    """One of the names that a header goes by, and what the registry has for it."""

    #: As in `Verdict.name`; "" for nameless.
    name: str
    matches: tuple[Match, ...]
    #: The name or pattern that was probably meant, where nothing matches.
    near: str | None
    #: Entries of this name that are no cookies, and which no header can set.
    not_cookies: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One Set-Cookie value, what the registry knows of it, and the gate's answer."""

    header: bytes
    host: str | None
    consent: Consent
    #: Every name by which some browser or server knows it; each would have to be allowed.
    names: tuple[NameExplained, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweepable:
    """A name that a sweep expires when the browser sends it, and where."""

    #: The name or pattern, as the registry has it.
    written: str
    entry: Entry
    #: Why it is not allowed.
    reason: Reason
    #: Domain (None for the very host), Path, and whether in a partition, the likeliest first.
    places: tuple[tuple[str | None, str, bool], ...]


def visitor(
    gate: Gate,
    *,
    granted: Iterable[str] = (),
    status: Status = "given",
    signals: Iterable[Signal] = (),
    now: float | None = None,
) -> Consent:
    """
    The consent of a visitor who sends a consent cookie in this state, read by the gate itself.

    Args:
        gate: It writes the cookie, and reads it.
        granted: The ids of the categories that were chosen; none for a refusal.
        status: What is to be the matter with the cookie; "missing" for none.
        signals: Those that the browser sends now. None was on when the choice was made.
        now: Unix seconds; None for the gate's clock.

    Raises:
        ValueError: The registry has no such category.
    """
    now = gate.clock() if now is None else now
    headers = [(one.header.encode(), b"1") for one in SIGNAL_TABLE if one.id in signals]
    terms, cookie = gate.pipeline.terms, gate.pipeline.consent_cookie
    ids = gate.registry.check_ids(granted)
    days = max(gate.registry.site.consent_days, gate.registry.site.refusal_days)
    made = now - days * SECONDS_PER_DAY if status == "expired" else now
    record = terms.record(ids, signals=frozenset(), now=made, new_id=gate.new_id)
    if status == "outdated":
        record = msgspec.structs.replace(record, version=record.version + 1)
    sent = cookie.dump(record).encode().partition(b";")[0]
    if status == "invalid":
        sent = f"{gate.cookie_name}=not-ours".encode()
    if status != "missing":
        headers.append((b"cookie", sent))
    return gate.read(headers, now=now)


def header_of(gate: Gate, text: bytes, consent: Consent, *, now: float | None = None) -> bytes:
    """
    The Set-Cookie value that is meant: one as it is, or, for a lone name, the plainest there is.

    Args:
        gate: It writes the consent cookie, if that is the name.
        text: `name`, `name=value; Path=/`, or either behind `Set-Cookie:`, which makes the first
            a header as well.
        consent: The visitor's, for the consent cookie.
        now: Unix seconds; None for the gate's clock.
    """
    if text[: len(_HEADER)].lower() == _HEADER:
        return text[len(_HEADER) :].strip(b" \t")
    if b"=" in text or b";" in text:
        return text
    if text == gate.cookie_name.encode():
        return gate.issue(consent.granted, now=now).encode()
    return text + b"=1; Path=/"


def explain(
    gate: Gate,
    header: bytes,
    consent: Consent,
    *,
    host: str | None = None,
    now: float | None = None,
) -> Explanation:
    """
    Explain what the gate does to one Set-Cookie value.

    Args:
        gate: The one that enforces, or one made like it.
        header: The value.
        consent: The visitor's, from `Gate.read` or `visitor`.
        host: The request's host, which tells entries of one name apart.
        now: Unix seconds; None for the gate's clock.
    """
    cookie = read_set_cookie(header)
    return Explanation(
        header=header,
        host=host,
        consent=consent,
        names=tuple(_explain_name(gate, name, cookie, host) for name in cookie.names),
        verdict=gate.judge(header, consent, host=host, now=now),
    )


def explain_sweep(
    gate: Gate, consent: Consent, *, host: str | None, path: bytes, name: str | None = None
) -> list[Sweepable]:
    """
    What a sweep would expire for a visitor, if the browser sent all that the registry knows.

    Args:
        gate: The one that enforces, or one made like it.
        consent: The visitor's.
        host: The request's host.
        path: The request's path.
        name: One cookie's name; None for every name and pattern of the registry.
    """
    registry, sweeper = gate.registry, gate.pipeline.sweeper
    found = []
    written = [(text, entry) for entry in registry.entries for text in entry.names]
    if name is not None:
        written = [(name, entry) for entry in registry.find(name)[:1]]
    for text, entry in dict(written).items():
        exact = text if name is not None else parse_pattern(text).exact
        entries = (entry,) if exact is None else registry.find(exact)
        allowed = any(one.category in consent.allowed for one in entries)
        if entry.kind == "cookie" and entries and not allowed:
            reason = gate.pipeline.judge.reason_against(entries[0].category, consent)
            places = tuple(sweeper.targets(text.encode(), host, path, entries=entries))
            found.append(Sweepable(written=text, entry=entry, reason=reason, places=places))
    return found


def _explain_name(gate: Gate, raw: bytes, cookie: SetCookie, host: str | None) -> NameExplained:
    name = raw.decode("utf-8", "surrogateescape")
    registry = gate.registry
    if name == gate.cookie_name:
        # The gate has rules of its own for it, and asks no file.
        found = candidates(gate.builtin_entries, name)
        matches = [_match(one, "meant", "It is Cookiegate's own.", is_own=True) for one in found]
    else:
        matches = _matches(registry.candidates(name), cookie, host)
    near = None
    if not matches:
        known = {one for entry in registry.entries for one in entry.names}
        near = nearest(name, known | {gate.cookie_name})
    return NameExplained(
        name=name,
        matches=tuple(matches),
        near=near,
        not_cookies=tuple(
            one.entry for kind in _OTHER_KINDS for one in registry.candidates(name, kind)
        ),
    )


def _matches(found: tuple[Candidate, ...], cookie: SetCookie, host: str | None) -> list[Match]:
    if not found:
        return []
    best = found[0]
    leading = [one for one in found if one.precedence == best.precedence]
    meant, _ = matching_entries(tuple(one.entry for one in leading), cookie, host)
    asked = " or ".join(dict.fromkeys(h for h in (cookie.domain, host_name(host)) if h))
    inside, outside = [], []
    for one in leading:
        if any(one.entry is entry for entry in meant):
            inside.append(_match(one, "meant", _why_meant(one, len(found))))
        else:
            domains = ", ".join(one.entry.domains)
            why = f"It is for {domains}, and this cookie for {asked}."
            outside.append(_match(one, "elsewhere", why))
    beaten = [_match(one, "outranked", _why_outranked(one, best)) for one in found[len(leading) :]]
    return inside + outside + beaten


def _match(one: Candidate, outcome: Outcome, why: str, *, is_own: bool = False) -> Match:
    return Match(
        written=one.pattern.text,
        rank=None if one.pattern.exact is not None else one.pattern.rank,
        entry=one.entry,
        outcome=outcome,
        why=why,
        is_own=is_own,
    )


def _why_meant(one: Candidate, count: int) -> str:
    if one.pattern.exact is not None:
        return "It is this very name."
    if count == 1:
        return "It is the only pattern that matches."
    return "Of the patterns that match, none ranks higher."


def _why_outranked(one: Candidate, best: Candidate) -> str:
    if best.pattern.exact is not None:
        return "The exact name goes before any pattern."
    ranks = zip(one.pattern.rank, best.pattern.rank, _RANKED_BY, strict=True)
    mine, its, what = next(ranked for ranked in ranks if ranked[0] != ranked[1])
    return f"{what}: the other has {its}, this one {mine}."
