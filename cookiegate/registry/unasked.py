"""What a registry has no word for: cookies that are on before the visitor was asked.

Other tools have switches for it, so authors look for them; the answer says why there is none.
"""

from typing import Final

from .problems import Path

__all__ = ["why_not"]

# Told to whoever writes a switch that is on before anybody touched it.
_NO_DEFAULT_ON: Final = (
    "leave it out: nothing is ever on by default, because silence, a ticked box or doing nothing "
    "is no consent (GDPR recital 32; CJEU C-673/17, Planet49)"
)
_NO_INTEREST: Final = (
    "leave it out: 'legitimate interest' is no ground for a cookie; either the visitor asked for "
    "what needs it (required = true), or consent is needed (ePrivacy directive art. 5(3); "
    "GDPR recital 32; CJEU C-673/17, Planet49)"
)
# Letters only, as in "default-on", "default_on", "defaultOn".
_ON_WORDS: Final = frozenset(
    {
        "accepted",
        "active",
        "allowed",
        "checked",
        "default",
        "defaulton",
        "defaultstate",
        "defaultvalue",
        "enable",
        "enabled",
        "granted",
        "implied",
        "impliedconsent",
        "on",
        "prechecked",
        "preselected",
        "preset",
        "preticked",
        "selected",
        "softoptin",
    }
)
# In a service this is a link more often than a wish.
_OUT_WORDS: Final = frozenset({"optout", "optoutonly"})
_INTEREST_WORD: Final = "legitimateinterest"
# A longer text is a sentence, not a word for a switch.
_LONGEST: Final = 40


def why_not(word: object, path: Path) -> str | None:
    """Return why there is no such key or value, for words that switch cookies on unasked."""
    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    if path[0] not in ("categories", "services", "cookies"):
        return None
    folded = "".join(filter(str.isalpha, word.lower()))
    if _INTEREST_WORD in folded:
        return _NO_INTEREST
    # An id may be any word.
    if len(path) > 2 and folded in _ON_WORDS:
        return _NO_DEFAULT_ON
    if len(path) > 2 and path[0] == "categories" and folded in _OUT_WORDS:
        return _NO_DEFAULT_ON
    return None
