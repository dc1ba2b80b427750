"""Refusals by visitors who had granted nothing: counted, without a receipt for each."""

from __future__ import annotations

from typing import Literal

import msgspec

from cookiegate.consent.choice import Choice
from cookiegate.consent.terms import SECONDS_PER_DAY

__all__ = ["RefusalKey", "RefusalRule", "refusal_key"]

#: What the ledger does with a refusal that takes nothing back: count it, or keep a receipt.
RefusalRule = Literal["count", "keep"]


class RefusalKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a counted refusal; there are few of these, whatever visitors send."""

    #: The start of the day (UTC), in Unix seconds.
    day: int
    #: The registry: its site and its version.
    site: str
    version: int
    surface: str
    #: One of the registry's; "" for any other.
    language: str
    #: Signals that the browser sent, sorted and separated by a space.
    signals: str


def refusal_key(choice: Choice) -> RefusalKey:
    """Return what is counted of a refusal."""
    presentation, languages = choice.presentation, choice.registry.site.languages
    language = None if presentation is None else presentation.language
    return RefusalKey(
        day=choice.time - choice.time % SECONDS_PER_DAY,
        site=choice.record.site,
        version=choice.record.version,
        surface="code" if presentation is None else presentation.surface,
        # A site's own page may pass a visitor's input as the language.
        language=language if language in languages else "",
        signals=" ".join(sorted(choice.record.signals)),
    )
