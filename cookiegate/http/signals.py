"""The browser's own words about tracking: `DNT: 1` and `Sec-GPC: 1`.

Do Not Track is the W3C's "Tracking Preference Expression"; Global Privacy Control is the W3C's
"Global Privacy Control (GPC)". Both say one thing, and only the value 1 says it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

__all__ = ["NO_SIGNALS", "SIGNALS", "SIGNAL_NAMES", "Signal", "in_force", "is_on", "strongest"]

Signal = Literal["dnt", "gpc"]

# In the order in which they are shown; the last one on is the one that is named.
SIGNALS: Final[tuple[Signal, ...]] = ("dnt", "gpc")
#: What they are called, in every language.
SIGNAL_NAMES: Final[dict[Signal, str]] = {"dnt": "Do Not Track", "gpc": "Global Privacy Control"}
NO_SIGNALS: Final[frozenset[Signal]] = frozenset()


def is_on(value: bytes) -> bool:
    """Whether a DNT or Sec-GPC value says 1. A proxy may have joined several with commas."""
    return any(part.strip() == b"1" for part in value.split(b","))


def in_force(
    sent: Collection[Signal],
    policy: Mapping[Signal, str],
    *,
    chosen_under: Collection[Signal] | None,
) -> frozenset[Signal]:
    """
    Which of the signals sent hold now.

    `chosen_under` are the signals that were on when the visitor's valid choice was made; None
    where there is no such choice. By policy: "override" always holds; "confirm" holds against
    every choice but one made while it was on; "default" holds until there is a choice; "ignore"
    never holds.
    """
    held: set[Signal] = set()
    for signal in sent:
        precedence = policy[signal]
        if (
            precedence == "override"
            or (precedence == "confirm" and (chosen_under is None or signal not in chosen_under))
            or (precedence == "default" and chosen_under is None)
        ):
            held.add(signal)
    return frozenset(held)


def strongest(held: Collection[Signal]) -> Signal | None:
    """The one signal to name where one is wanted: "gpc" when both are in force."""
    if "gpc" in held:
        return "gpc"
    return "dnt" if "dnt" in held else None
