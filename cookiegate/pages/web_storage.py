"""Storage keys that are not allowed. No server sees them, so `cookiegate.js` removes them."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from cookiegate.registry import Entry
from cookiegate.registry.patterns import Wild, parse_pattern
from cookiegate.visit import Visit

__all__ = ["RefusedStorage", "refused_storage"]

_AREAS: Final = {"local_storage": "localStorage", "session_storage": "sessionStorage"}
# Regular expressions of ECMAScript, with the flag "s".
_WILD: Final = {Wild.RUN: ".*", Wild.ONE: ".", Wild.DIGIT: "[0-9]", Wild.DIGITS: "[0-9]+"}
_SPECIAL: Final = re.compile(r"[\\^$.*+?()\[\]{}|/-]")


class RefusedStorage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys to remove from one area, as regular expressions for whole keys."""

    #: "localStorage" or "sessionStorage".
    area: str
    #: The keys that are not allowed.
    refused: str
    #: The keys that stay, since an allowed entry matches them too.
    kept: str


def refused_storage(visit: Visit) -> list[RefusedStorage]:
    """
    Return the keys that this visitor's browser is to remove now.

    The rule is that of the sweep: `[policy] sweep`, and a choice or a signal.
    """
    found = []
    for kind, area in _AREAS.items():
        entries = [entry for entry in visit.registry.entries if entry.kind == kind]
        refused = [
            entry
            for entry in entries
            if visit.enforces(entry.category) and not visit.allows(entry.part)
        ]
        if refused and visit.context.may_remove:
            kept = [entry for entry in entries if entry not in refused]
            found.append(RefusedStorage(area=area, refused=_any_of(refused), kept=_any_of(kept)))
    return found


def _any_of(entries: list[Entry]) -> str:
    names = [_expression(name) for entry in entries for name in entry.names]
    return f"^(?:{'|'.join(names)})$" if names else "^(?!)"


def _expression(name: str) -> str:
    return "".join(
        _SPECIAL.sub(r"\\\g<0>", token) if isinstance(token, str) else _WILD[token]
        for token in parse_pattern(name).tokens
    )
