"""The mechanisms that hold an entry back if its category is not allowed."""

from __future__ import annotations

from typing import Final, Literal

from cookiegate.registry import Entry, Registry
from cookiegate.registry.csp_sources import editable_sources

__all__ = ["Coverage", "Mechanism"]

#: docs/what-holds-what.md describes each, with its limits.
Mechanism = Literal["header gate", "CSP", "sweep", "cookiegate.js", "nothing"]

_STORAGE: Final = ("local_storage", "session_storage")


class Coverage:
    """
    Find the mechanisms for the entries of a registry.

    Withheld tags are not among them: they are in the pages, not in the registry.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        editable = {source.text.decode() for source in editable_sources(registry)}
        self._csp_services = {
            id
            for id, service in registry.services.items()
            if service.sources
            and registry.policy.csp == "edit"
            and all(source.lower() in editable for source in service.sources)
        }

    def mechanisms(self, entry: Entry) -> tuple[Mechanism, ...]:
        """Return what holds an entry back; empty for a required entry, which nothing does."""
        if entry.category in self._registry.required:
            return ()
        found: list[Mechanism] = []
        is_cookie = entry.kind == "cookie"
        # Without `set_by` the server may set it.
        if is_cookie and entry.set_by in ("server", None):
            found.append("header gate")
        if entry.set_by != "server" and entry.service in self._csp_services:
            found.append("CSP")
        is_swept = self._registry.policy.sweep in ("on", "always")
        if is_cookie and entry.set_by != "third_party" and is_swept:
            found.append("sweep")
        if entry.kind in _STORAGE and entry.set_by != "third_party":
            found.append("cookiegate.js")
        return tuple(found) or ("nothing",)
