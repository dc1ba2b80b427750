"""What is generally known about a cookie that a registry lacks, by its name alone."""

from __future__ import annotations

from cookiegate.advice import known_tracker
from cookiegate.registry import Registry

from .propose import Guess

__all__ = ["Guesser"]


class Guesser:
    """
    Knows what frameworks set, from the shipped starter registry, and well-known trackers.

    Args:
        registry: The site's, for its languages.
        starter: `Registry.load("cookiegate:starter")`.
    """

    def __init__(self, registry: Registry, starter: Registry) -> None:
        self._language = registry.site.languages[0]
        self._starter = starter

    def __call__(self, name: str) -> Guess | None:
        """What is known about a name; None where nothing is."""
        entries = self._starter.find(name)
        if not entries:
            tracker = known_tracker(name)
            if tracker is None:
                return None
            why = f"Known from {tracker.service} ({tracker.provider})."
            return Guess(why=why, category=tracker.category)
        entry = entries[0]
        purposes = entry.purpose.get(self._language, ())
        return Guess(
            why=f"The starter registry knows it as {', '.join(entry.names)}.",
            category=entry.category,
            purpose=" ".join(purposes) or None,
        )
