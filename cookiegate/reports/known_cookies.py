"""General knowledge about cookies that a registry lacks, by name."""

from __future__ import annotations

import msgspec

from cookiegate.advice import known_tracker
from cookiegate.registry import Registry

__all__ = ["KnownCookie", "KnownCookies"]


class KnownCookie(msgspec.Struct, frozen=True, kw_only=True):
    """General knowledge about a cookie."""

    #: A sentence that names the source.
    source: str
    #: A category's id, which the site's registry may lack.
    category: str | None = None
    purpose: str | None = None


class KnownCookies:
    """
    Find cookies of frameworks, from the shipped starter registry, and of well-known trackers.

    Args:
        registry: The site's registry, for its first language.
    """

    def __init__(self, registry: Registry) -> None:
        self._language = registry.site.languages[0]
        self._starter = Registry.load("cookiegate:starter")

    def find(self, name: str) -> KnownCookie | None:
        """Return what is known about a name, or None."""
        if entries := self._starter.find(name):
            entry = entries[0]
            return KnownCookie(
                source=f"The starter registry knows it as {', '.join(entry.names)}.",
                category=entry.category,
                purpose=" ".join(entry.purpose.get(self._language, ())) or None,
            )
        if tracker := known_tracker(name):
            source = f"Known from {tracker.service} ({tracker.provider})."
            return KnownCookie(source=source, category=tracker.category)
        return None
