"""Checks whether one registry may replace another while the site runs.

A file that a failing deployment has cut short may still load. A registry that would strip the
site's required cookies, or lacks many entries, is not used unless its version is raised.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from . import Entry, Problem, Registry

__all__ = ["refusals"]

# If a larger share of the entries is gone, it is more likely an accident than an edit.
_MOST_GONE: Final = 0.1


def refusals(old: Registry, new: Registry) -> list[Problem]:
    """Return why `new` must not replace `old`; nothing if it may or has a higher version."""
    if new.site.version > old.site.version:
        return []
    hint = f"raise [site] version above {old.site.version} if this is intended"

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
