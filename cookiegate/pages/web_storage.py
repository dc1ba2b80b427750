"""Keys in a browser's storage that are not allowed: `cookiegate.js` removes them there.

No server sees them, so the script is told what they look like.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from cookiegate.registry import Entry
from cookiegate.registry.patterns import Wild, parse_pattern
from cookiegate.visit import Visit

__all__ = ["RefusedStorage", "refused_storage"]

_AREAS: Final = {"local_storage": "localStorage", "session_storage": "sessionStorage"}
# A regular expression of ECMAScript, with the flag "s".
_WILD: Final = {Wild.RUN: ".*", Wild.ONE: ".", Wild.DIGIT: "[0-9]", Wild.DIGITS: "[0-9]+"}
_SPECIAL: Final = re.compile(r"[\\^$.*+?()\[\]{}|/-]")


class RefusedStorage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to remove from one area, as regular expressions for whole keys."""

    #: "localStorage" or "sessionStorage".
    area: str
    #: What is not allowed; "" for nothing.
    refused: str
    #: What stays all the same, since an entry that is allowed has it too.
    kept: str


def refused_storage(visit: Visit) -> list[RefusedStorage]:
    """
    What this visitor's browser is to remove now: nothing as long as nothing speaks against it.

    The rule is that of the sweep: a choice or a signal, and `[policy] sweep`.
    """
    found = []
    for kind, area in _AREAS.items():
        entries = [entry for entry in visit.registry.entries if entry.kind == kind]
        refused = [e for e in entries if not (visit.allows(e.category) or _only_told(visit, e))]
        if refused and visit.context.may_remove:
            kept = [entry for entry in entries if entry not in refused]
            found.append(RefusedStorage(area=area, refused=_one_of(refused), kept=_one_of(kept)))
    return found


def _only_told(visit: Visit, entry: Entry) -> bool:
    return not visit.enforces(entry.category)


def _one_of(entries: list[Entry]) -> str:
    names = [_expression(name) for entry in entries for name in entry.names]
    return f"^(?:{'|'.join(names)})$" if names else "^(?!)"


def _expression(name: str) -> str:
    return "".join(
        _SPECIAL.sub(r"\\\g<0>", token) if isinstance(token, str) else _WILD[token]
        for token in parse_pattern(name).tokens
    )
