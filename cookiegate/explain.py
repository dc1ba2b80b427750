"""Explain the verdict on one Set-Cookie: which entries match, and which of them count.

The verdict is that of `Gate.judge`, which also enforces it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

import msgspec

from .consent.model import Consent, Status
from .consent.terms import SECONDS_PER_DAY
from .enforcement.entry_match import matching_entries
from .enforcement.sweep_targets import DeletionTarget
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
# The parts of a pattern's rank, in their order.
_RANKED_BY: Final = (
    "Literal characters at the start",
    "Literal characters at the end",
    "Literal characters in all",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One entry whose name or pattern matches, and whether it counts."""

    #: The name or pattern, as in the registry.
    written: str
    #: Literal characters at the start, at the end, and in all; None for an exact name, which wins.
    rank: tuple[int, int, int] | None
    entry: Entry
    #: "meant": it counts; "elsewhere": it is for another site; "outranked": another match wins.
    outcome: Outcome
    #: One sentence for people.
    why: str
    #: Whether it is a built-in entry, for one of Cookiegate's cookies.
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NameExplained:
    """One of the names of a cookie, and its matches in the registry."""

    #: As in `Verdict.name`; "" for nameless.
    name: str
    matches: tuple[Match, ...]
    #: A similar name or pattern of the registry, if nothing matches.
    near: str | None
    #: Entries of this name that are not cookies, which no header can set.
    not_cookies: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One Set-Cookie value, its matches in the registry, and the verdict."""

    header: bytes
    host: str | None
    consent: Consent
    #: Every name under which some browser or server knows it; each must be allowed.
    names: tuple[NameExplained, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweepable:
    """A cookie that a sweep deletes if the browser sends it, and the deletion targets."""

    #: The name or pattern, as in the registry.
    written: str
    entry: Entry
    #: Why it is not allowed.
    reason: Reason
    #: The likeliest targets first; see `cookiegate.enforcement.sweep_targets`. None for a name that
    #: cannot stand in every Set-Cookie.
    targets: tuple[DeletionTarget, ...]


def visitor(
    gate: Gate,
    *,
    granted: Iterable[str] = (),
    status: Status = "given",
    signals: Iterable[Signal] = (),
    now: float | None = None,
) -> Consent:
    """
    Return the consent of a visitor who sends a consent cookie in some state.

    Args:
        gate: The gate, which writes and reads the cookie.
        granted: The ids of the categories that were granted; none for a refusal.
        status: The state of the cookie; "missing" for none.
        signals: The signals that the browser sends; none was on when the choice was made.
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
    request_cookie = cookie.dump(record).encode().partition(b";")[0]
    if status == "invalid":
        request_cookie = f"{gate.cookie_name}=not-ours".encode()
    if status != "missing":
        headers.append((b"cookie", request_cookie))
    return gate.read(headers, now=now)


def header_of(gate: Gate, text: bytes, consent: Consent, *, now: float | None = None) -> bytes:
    """
    Return a Set-Cookie value as it is; for a name alone, a plain value with this name.

    Args:
        gate: The gate, which writes the value if the name is the consent cookie's.
        text: `name`, `name=value; Path=/`, or either after `Set-Cookie:`. After `Set-Cookie:`, a
            name alone is a value, too.
        consent: The visitor's consent, for the consent cookie.
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
        gate: The gate that enforces, or one with the same options.
        header: The value.
        consent: The visitor's consent, from `Gate.read` or `visitor`.
        host: The request's host, which distinguishes entries of one name.
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
    Return what a sweep deletes for a visitor, if the browser sends all cookies of the registry.

    Args:
        gate: The gate that enforces, or one with the same options.
        consent: The visitor's consent.
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
        allowed = any(one.part in consent.allowed for one in entries)
        if entry.kind == "cookie" and entries and not allowed:
            reason = gate.pipeline.judge.reason_against(entries[0].part, consent)
            targets: tuple[DeletionTarget, ...] = ()
            if exact is None or sweeper.is_deletable(exact.encode()):
                found_at = sweeper.targets(text.encode(), host, path, entries, secure=True)
                targets = tuple(found_at)
            found.append(Sweepable(written=text, entry=entry, reason=reason, targets=targets))
    return found


def _explain_name(gate: Gate, raw: bytes, cookie: SetCookie, host: str | None) -> NameExplained:
    name = raw.decode("utf-8", "surrogateescape")
    registry = gate.registry
    if name == gate.cookie_name:
        # The gate has rules for its cookie, whatever the registry says.
        found = candidates(gate.builtin_entries, name)
        why = "It is Cookiegate's own."
        matches = [_match(one, "meant", why, is_own=True) for one in found]
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
    matching, _ = matching_entries(tuple(one.entry for one in leading), cookie, host)
    hosts = " or ".join(dict.fromkeys(h for h in (cookie.domain, host_name(host)) if h))
    inside, outside = [], []
    for one in leading:
        if any(one.entry is entry for entry in matching):
            inside.append(_match(one, "meant", _why_matching(one, len(found))))
        else:
            domains = ", ".join(one.entry.domains)
            why = f"It is for {domains}, and this cookie for {hosts}."
            outside.append(_match(one, "elsewhere", why))
    outranked = [
        _match(one, "outranked", _why_outranked(one, best)) for one in found[len(leading) :]
    ]
    return inside + outside + outranked


def _match(one: Candidate, outcome: Outcome, why: str, *, is_own: bool = False) -> Match:
    return Match(
        written=one.pattern.text,
        rank=None if one.pattern.exact is not None else one.pattern.rank,
        entry=one.entry,
        outcome=outcome,
        why=why,
        is_own=is_own,
    )


def _why_matching(one: Candidate, count: int) -> str:
    if one.pattern.exact is not None:
        return "It is this very name."
    if count == 1:
        return "It is the only pattern that matches."
    return "No other matching pattern ranks higher."


def _why_outranked(one: Candidate, best: Candidate) -> str:
    if best.pattern.exact is not None:
        return "An exact name ranks before every pattern."
    ranks = zip(one.pattern.rank, best.pattern.rank, _RANKED_BY, strict=True)
    this, other, what = next(ranked for ranked in ranks if ranked[0] != ranked[1])
    return f"{what}: the other has {other}, this one {this}."
