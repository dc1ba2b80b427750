"""Whether one registry may take another's place while the site runs.

A file cut short by a failing deployment still parses. What would strip a site's own sessions, or
much of what it knows, is not put in force unless its author says that it is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from . import Entry, Problem, Registry

__all__ = ["refusals"]

# More than this part of the entries gone at once is more likely an accident than an edit.
_MOST_GONE: Final = 0.1


def refusals(old: Registry, new: Registry) -> list[Problem]:
    """What speaks against putting `new` in the place of `old`; nothing does if its version rose."""
    if new.site.version > old.site.version:
        return []
    hint = f"raise [site] version above {old.site.version} if it is meant"

    def problem(what: str) -> Problem:
        return Problem(source=new.source, line=0, what=what, hint=hint)

    found = [
        problem(f"the required category {id!r} is gone or no longer required")
        for id in sorted(old.required - new.required)
    ]
    known, kept = _keys(old.entries), _keys(new.entries)
    required = _keys(entry for entry in old.entries if entry.category in old.required)
    still = _keys(entry for entry in new.entries if entry.category in new.required)
    found += [
        problem(
            f"the required {kind} {name!r} is "
            + ("no longer required" if (kind, name) in kept else "gone")
        )
        for kind, name in sorted(required - still)
    ]
    gone = known - kept
    if len(gone) > _MOST_GONE * len(known):
        found.append(problem(f"{len(gone)} of {len(known)} names are gone"))
    return found


def _keys(entries: Iterable[Entry]) -> set[tuple[str, str]]:
    return {(entry.kind, name) for entry in entries for name in entry.names}
