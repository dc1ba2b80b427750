"""What holds an entry back, where its category is not allowed."""

from __future__ import annotations

from typing import Final, Literal

from cookiegate.enforcement.csp_editor import editable_sources
from cookiegate.registry import Entry, Registry

__all__ = ["Holder", "Holders"]

#: docs/what-holds-what.md says of each what it does, and what it cannot.
Holder = Literal["header gate", "CSP", "sweep", "cookiegate.js", "nothing"]

_STORAGE: Final = ("local_storage", "session_storage")


class Holders:
    """
    What holds the entries of one registry back.

    Held-back tags are the pages' own work: a registry does not know of them.

    Args:
        registry: The registry.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        editable = {source.text.decode() for source in editable_sources(registry)}
        self._held_by_csp = {
            id
            for id, service in registry.services.items()
            if service.sources
            and registry.policy.csp == "edit"
            and all(source.lower() in editable for source in service.sources)
        }

    def of(self, entry: Entry) -> tuple[Holder, ...]:
        """What holds an entry back; nobody holds a required one, so then there is none."""
        if entry.category in self._registry.required:
            return ()
        found: list[Holder] = []
        is_cookie = entry.kind == "cookie"
        # An entry that does not say who sets it could be set by the server.
        if is_cookie and entry.set_by in ("server", None):
            found.append("header gate")
        if entry.set_by != "server" and entry.service in self._held_by_csp:
            found.append("CSP")
        is_swept = self._registry.policy.sweep in ("on", "always")
        if is_cookie and entry.set_by != "third_party" and is_swept:
            found.append("sweep")
        if entry.kind in _STORAGE and entry.set_by != "third_party":
            found.append("cookiegate.js")
        return tuple(found) or ("nothing",)
