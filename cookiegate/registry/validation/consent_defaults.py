"""Explains why a registry cannot allow cookies by default.

Other tools have switches for that, so authors try them. The hint says why this file has no
such switch.
"""

import re
from typing import Final

from cookiegate.registry.errors import Path

__all__ = ["consent_hint"]

_NO_DEFAULT_ON: Final = (
    "leave it out: nothing is ever on by default, because silence, a ticked box or doing nothing "
    "is not consent (GDPR recital 32; CJEU C-673/17, Planet49)"
)
_NO_INTEREST: Final = (
    "leave it out: 'legitimate interest' is not a legal basis for a cookie; either the visitor "
    "asked for what needs it (required = true), or consent is needed "
    "(ePrivacy directive art. 5(3); GDPR recital 32; CJEU C-673/17, Planet49)"
)
# Letters only, as in "default-on", "default_on", "defaultOn". Switches in every table:
_PLAIN_WORDS: Final = frozenset(
    {
        "alwayson",
        "assumeconsent",
        "assumed",
        "assumedconsent",
        "defaultstate",
        "defaultvalue",
        "granted",
        "implicit",
        "implicitconsent",
        "implied",
        "impliedconsent",
        "initiallyon",
        "optedin",
        "prechecked",
        "preselected",
        "preticked",
        "softoptin",
    }
)
# Switches in a category, a service or an entry; other words elsewhere.
_ON_WORDS: Final = _PLAIN_WORDS | {
    *("accepted", "active", "allowed", "checked", "default", "enable", "enabled", "on"),
    *("preset", "selected"),
}
# Together with "default" each of these is such a switch.
_WITH_DEFAULT: Final = frozenset(
    {
        *("accept", "accepted", "active", "allow", "allowed", "checked", "consent", "enable"),
        *("enabled", "grant", "granted", "on", "selected", "true"),
    }
)
# In a service this is more likely a link.
_OUT_WORDS: Final = frozenset({"optout", "optoutonly"})
_INTEREST_WORDS: Final = ("legitimateinterest", "legint", "berechtigtesinteresse")
_TABLES: Final = ("categories", "services", "cookies")
# "default", "On" in "defaultOn"; "DEFAULT", "ON" in "DEFAULT_ON".
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# A longer text is a sentence, not a switch.
_LONGEST: Final = 40


def consent_hint(word: object, path: Path) -> str | None:
    """Return the hint for a key or value that would allow cookies by default, else None."""
    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    folded = "".join(filter(str.isalpha, word.lower()))
    if any(interest in folded for interest in _INTEREST_WORDS):
        return _NO_INTEREST
    # An id may be any word.
    if len(path) == 2 and path[0] in ("categories", "services"):
        return None
    parts = {part.lower() for part in _PARTS.findall(word)}
    words = _ON_WORDS if path[0] in _TABLES else _PLAIN_WORDS
    if folded in words or ("default" in parts and parts & _WITH_DEFAULT):
        return _NO_DEFAULT_ON
    # A table or a rule of defaults; below [site] it may be about languages.
    if folded in ("default", "defaults") and (len(path) == 1 or path[:-1] == ("policy",)):
        return _NO_DEFAULT_ON
    if folded in _OUT_WORDS and path[0] in ("categories", "policy"):
        return _NO_DEFAULT_ON
    return None
