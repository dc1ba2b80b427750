"""Texts for cookies that logins, forms and messages need, by kind and language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec

from cookiegate.registry.presets import load_texts

__all__ = ["KindTexts", "required_texts"]


class KindTexts(msgspec.Struct, frozen=True):
    """What such a cookie is for, and what fails without it, by language."""

    purpose: Mapping[str, str]
    necessary: Mapping[str, str]


_ENGLISH: Final = {
    "csrf": (
        "Makes sure that a form was sent from this site.",
        "Without it, the server refuses the forms you send.",
    ),
    "login": ("Keeps you logged in.", "Without it, you could not log in."),
    "session": (
        "Remembers what you have entered, from one page to the next.",
        "Without it, the site would forget you from one page to the next.",
    ),
    "flash": (
        "Carries a note, such as “saved”, to the next page that you see.",
        "Without it, you would not learn whether the last step worked.",
    ),
}


@cache
def required_texts(kind: str) -> KindTexts:
    """Return the texts of a kind: "csrf", "login", "session" or "flash"."""
    purpose, necessary = _ENGLISH[kind]
    return KindTexts(_in_all(purpose), _in_all(necessary))


def _in_all(english: str) -> dict[str, str]:
    found = {language: texts[english] for language, texts in load_texts().items()}
    return {"en": english, **found}
