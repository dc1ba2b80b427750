"""What a visitor allows.

A `Record` is what the consent cookie carries: one choice, signed. A `Consent` is what records,
signals and the registry come to at one moment. Nothing here reads a clock or a header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, combinations
from typing import Final, Literal

import msgspec

from cookiegate.http.signals import NO_SIGNALS, SIGNALS, Signal, in_force, strongest
from cookiegate.registry import Registry
from cookiegate.registry.errors import nearest

__all__ = [
    "FUTURE_SECONDS",
    "SECONDS_PER_DAY",
    "Consent",
    "Record",
    "Status",
    "Terms",
    "dump_record",
    "parse_record",
]

Status = Literal["given", "missing", "expired", "invalid", "outdated"]

SECONDS_PER_DAY: Final = 86_400
# How far a stamp may lie ahead of our clock and still be ours: servers' clocks differ a little.
FUTURE_SECONDS: Final = 300

_NOTHING: Final[frozenset[str]] = frozenset()
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LETTERS: Final[dict[Signal, str]] = {"dnt": "d", "gpc": "g"}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One choice, as the consent cookie carries it."""

    site: str
    version: int
    #: Unix seconds; a refusal's are those of the day's first moment (UTC).
    time: int
    #: Optional categories that were granted; empty for a refusal.
    granted: frozenset[str]
    #: The signals that were on when the choice was made.
    signals: frozenset[Signal]
    #: Where the ledger finds the receipt; None for a refusal, which numbers nobody.
    receipt: str | None

    def __repr__(self) -> str:
        # Without the receipt: it has no place in a log.
        return f"<Record of {self.site!r}, version {self.version}: {sorted(self.granted)}>"


def dump_record(record: Record) -> str:
    """The record as text. docs/consent-cookie.md describes the fields."""
    return ".".join(
        (
            "1",
            record.site,
            str(record.version),
            str(record.time),
            "~".join(sorted(record.granted)),
            "".join(_LETTERS[signal] for signal in SIGNALS if signal in record.signals),
            record.receipt or "",
        )
    )


def parse_record(text: bytes) -> Record | None:
    """The record that `dump_record` wrote, or None when the text is not one."""
    try:
        form, site, version, time, granted, signals, receipt = text.decode("ascii").split(".")
        if form != "1":
            return None
        return Record(
            site=site,
            version=int(version),
            time=int(time),
            granted=frozenset(granted.split("~")) if granted else _NOTHING,
            signals=_SIGNALS_OF[signals],
            receipt=receipt or None,
        )
    except (ValueError, KeyError):
        return None


_SIGNALS_OF: Final[dict[str, frozenset[Signal]]] = {
    "".join(_LETTERS[signal] for signal in some): frozenset(some)
    for some in chain.from_iterable(combinations(SIGNALS, n) for n in range(3))
}


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What one visitor allows at one moment."""

    #: How the consent cookie was found.
    status: Status
    #: The signal in force; "gpc" when both are.
    signal: Signal | None
    #: What the visitor chose: optional categories. Empty unless the status is "given".
    granted: frozenset[str]
    #: What holds now, with required categories and signals applied.
    allowed: frozenset[str]
    #: Every signal in force.
    signals: frozenset[Signal] = NO_SIGNALS
    #: What was granted by a choice that holds no more.
    previous: frozenset[str] = _NOTHING
    #: Whether a choice is outdated since it was made about a newer version than this registry's,
    #: as on a server that is behind while a new version is rolled out.
    is_ahead: bool = False
    #: When the choice in force was made, in Unix seconds; None where there is none.
    since: int | None = None
    #: The receipt of the choice in force.
    receipt: str | None = None
    #: Every category of the registry.
    categories: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        # Without the receipt: it has no place in a log.
        signal = "" if self.signal is None else f" under {self.signal}"
        return f"<Consent {self.status}{signal}: allows {sorted(self.allowed)}>"

    def allows(self, category: str) -> bool:
        """
        Whether cookies of a category may be set.

        Raises:
            ValueError: The registry has no such category. The text suggests one it has.
        """
        if category not in self.categories and category not in self.allowed:
            near = nearest(str(category), self.categories)
            known = f"write {near!r}" if near else f"there are {sorted(self.categories)}"
            raise ValueError(f"unknown category {category!r}; {known}")
        return category in self.allowed


class Terms:
    """A registry's terms of consent: how long choices hold, and what signals do to them."""

    __slots__ = (
        "_ceilings",
        "_missing",
        "_optional",
        "_signals",
        "categories",
        "registry",
        "required",
    )

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.required = registry.required
        self.categories = frozenset(registry.categories)
        self._optional = self.categories - self.required
        self._signals = registry.policy.signals
        self._ceilings = {
            held: frozenset(
                id
                for id, category in registry.categories.items()
                if category.required or held <= category.survives
            )
            for held in _SIGNALS_OF.values()
        }
        # The commonest visitor by far is asked for once and handed out ever after.
        self._missing = self.evaluate((), copies=0, sent=NO_SIGNALS, now=0)

    def max_allowed(self, held: frozenset[Signal]) -> frozenset[str]:
        """The most that can be allowed while these signals are in force."""
        return self._ceilings[held]

    def grantable(self, sent: frozenset[Signal]) -> frozenset[str]:
        """The categories that would hold if the visitor granted everything under these signals."""
        # A signal that yields to a choice holds none of them off.
        return self.max_allowed(frozenset(s for s in sent if self._signals[s] == "override"))

    def without_choice(self, sent: frozenset[Signal]) -> Consent:
        """The consent of a visitor who brings no consent cookie."""
        return self.evaluate((), copies=0, sent=sent, now=0) if sent else self._missing

    def record(
        self,
        granted: frozenset[str],
        *,
        signals: frozenset[Signal],
        now: float,
        new_id: Callable[[], str],
    ) -> Record:
        """
        The record of a choice made at `now` (Unix seconds); of a refusal it keeps the least.

        A refusal gets no id and only the day of its time: that somebody said no is no reason to
        number them (GDPR, article 5(1)(c)).
        """
        granted -= self.required
        time = int(now)
        receipt = new_id() if granted else None
        if receipt is not None and not (isinstance(receipt, str) and _ID.fullmatch(receipt)):
            raise ValueError(
                "new_id gives an id that no cookie can carry; "
                "let it give 1 to 64 of A-Z, a-z, 0-9, '_' and '-'"
            )
        return Record(
            site=self.registry.site.id,
            version=self.registry.site.version,
            time=time if granted else time - time % SECONDS_PER_DAY,
            granted=granted,
            signals=signals,
            receipt=receipt,
        )

    def holds(self, record: Record) -> tuple[int, int]:
        """The moments (Unix seconds) from which a record holds, and from which it does no more."""
        site = self.registry.site
        days = site.consent_days if record.granted else site.refusal_days
        return record.time - FUTURE_SECONDS, record.time + days * SECONDS_PER_DAY

    def status_of(self, record: Record, now: float) -> Status:
        """Whether a verified record holds at `now` (Unix seconds), and if not, why."""
        site = self.registry.site
        since, until = self.holds(record)
        if record.site != site.id or now < since:
            return "invalid"
        if now >= until:
            return "expired"
        return "given" if record.version == site.version else "outdated"

    def alone(self, record: Record) -> Consent:
        """What a single record comes to without signals, at any moment at which it holds."""
        if self.status_of(record, record.time) == "given":
            return self._given(record, NO_SIGNALS)
        return self.evaluate([record], copies=1, sent=NO_SIGNALS, now=record.time)

    def evaluate(
        self,
        records: Sequence[Record],
        *,
        copies: int,
        sent: frozenset[Signal],
        now: float,
    ) -> Consent:
        """
        What the records of one request come to.

        Args:
            records: Those whose signature is ours.
            copies: How many consent cookies the request carried, ours or not.
            sent: The signals that are on.
            now: Unix seconds.
        """
        chosen: Record | None = None
        previous = _NOTHING
        is_ahead = False
        status: Status = "invalid" if copies else "missing"
        for record in records:
            one = self.status_of(record, now)
            if one == "given":
                chosen = record if chosen is None else _common(chosen, record)
            elif one != "invalid":
                # Of a lapsed choice and an outdated one, the outdated says more.
                status = one if status != "outdated" else status
                is_ahead = is_ahead or record.version > self.registry.site.version
                previous |= record.granted
        if chosen is None:
            held = in_force(sent, self._signals, chosen_under=None) if sent else NO_SIGNALS
            return Consent(
                status=status,
                signal=strongest(held),
                granted=_NOTHING,
                allowed=self.required,
                signals=held,
                previous=previous,
                is_ahead=is_ahead,
                categories=self.categories,
            )
        held = in_force(sent, self._signals, chosen_under=chosen.signals) if sent else NO_SIGNALS
        return self._given(chosen, held)

    def _given(self, record: Record, held: frozenset[Signal]) -> Consent:
        # A category the registry no longer knows is ignored, and a required one is not a choice.
        granted = record.granted & self._optional
        return Consent(
            status="given",
            signal=strongest(held),
            granted=granted,
            allowed=self.required | (granted & self._ceilings[held]),
            signals=held,
            since=record.time,
            receipt=record.receipt,
            categories=self.categories,
        )


def _common(one: Record, other: Record) -> Record:
    # Of two copies only what both grant holds, and only a signal that both were made under.
    newest = max(one, other, key=lambda record: record.time)
    return msgspec.structs.replace(
        newest, granted=one.granted & other.granted, signals=one.signals & other.signals
    )
