"""Signals: request headers that say that the visitor does not want to be tracked.

Do Not Track is the W3C's "Tracking Preference Expression"; Global Privacy Control is the W3C's
"Global Privacy Control (GPC)". Only the value 1 has a meaning.

`SIGNAL_TABLE` defines the signals. What is read of a request, the letters in the consent cookie,
`Vary`, the registry's keys, the command line's options and the pages are made from it. A verdict's
reason has the same value as the signal (`enforcement/verdict.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain, combinations
from typing import Final, Literal

import msgspec

__all__ = [
    "NO_SIGNALS",
    "SIGNALS",
    "SIGNAL_SETS",
    "SIGNAL_TABLE",
    "Signal",
    "SignalHeader",
    "in_force",
    "is_on",
    "strongest",
]

Signal = Literal["dnt", "gpc"]


class SignalHeader(msgspec.Struct, frozen=True):
    """One signal."""

    id: Signal
    #: The header's name.
    header: str
    #: What people call it, in every language.
    title: str
    #: Its letter in the consent cookie.
    letter: str


#: In the order in which they are shown. Of several in force, the last one is named.
SIGNAL_TABLE: Final = (
    SignalHeader("dnt", "DNT", "Do Not Track", "d"),
    SignalHeader("gpc", "Sec-GPC", "Global Privacy Control", "g"),
)
#: The ids, in the same order.
SIGNALS: Final[tuple[Signal, ...]] = tuple(one.id for one in SIGNAL_TABLE)
NO_SIGNALS: Final[frozenset[Signal]] = frozenset()
#: Each set of signals, by its letters in the consent cookie.
SIGNAL_SETS: Final[Mapping[str, frozenset[Signal]]] = {
    "".join(one.letter for one in some): frozenset(one.id for one in some)
    for some in chain.from_iterable(
        combinations(SIGNAL_TABLE, size) for size in range(len(SIGNAL_TABLE) + 1)
    )
}


def is_on(value: bytes) -> bool:
    """Return whether a signal's value is 1. A proxy may have joined several with commas."""
    return any(part.strip() == b"1" for part in value.split(b","))


def in_force(
    signals: Collection[Signal],
    policy: Mapping[Signal, str],
    *,
    chosen_under: Collection[Signal] | None,
) -> frozenset[Signal]:
    """
    Return which of a request's signals hold.

    Args:
        signals: The signals that the request sends.
        policy: By signal: "override" always holds; "confirm" holds against every choice but one
            made while the signal was on; "default" holds until there is a choice; "ignore" never
            holds.
        chosen_under: The signals that were on when the visitor's valid choice was made; None if
            there is no such choice.
    """
    active: set[Signal] = set()
    for signal in signals:
        precedence = policy[signal]
        if (
            precedence == "override"
            or (precedence == "confirm" and (chosen_under is None or signal not in chosen_under))
            or (precedence == "default" and chosen_under is None)
        ):
            active.add(signal)
    return frozenset(active)


def strongest(active: Collection[Signal]) -> Signal | None:
    """Return the signal to name: of several, the last in the table; None without a signal."""
    for signal in reversed(SIGNALS) if active else ():
        if signal in active:
            return signal
    return None
