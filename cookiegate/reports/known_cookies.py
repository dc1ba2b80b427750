"""General knowledge about cookies that a registry lacks, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from cookiegate.advice import known_name
from cookiegate.advice.trackers import TRACKERS
from cookiegate.registry.patterns import parse_pattern
from cookiegate.registry.presets import load_presets

__all__ = ["KnownCookie", "KnownCookies", "kind_of"]

_NO_TEXTS: Final[Mapping[str, str]] = {}

# By kind: a part of a name in small letters that shows it, with what must not surround it.
_KINDS: Final = {
    "csrf": re.compile(r"csrf|xsrf|anti[_-]?forgery|request_?verification|(?<![a-z])aftoken"),
    "login": re.compile(
        r"auth(?!or(?!iz))|log(?:ged)?[_-]?in(?![a-z])|sign(?:ed)?[_-]?in(?![a-z])|tokens?(?![a-z])"
        r"|remember(?:[_-]?(?:me|web))?(?![a-z])|bearer|credential|identity|passw|jwt|oidc|saml|pkce"
        r"|(?<![a-z])(?:2fa|mfa|nonce|otp|sso|tkt|totp)(?![a-z])"
    ),
    "session": re.compile(r"session|sess[_-]?id|(?<![a-z])(?:sess|sid|ssid|cfid)(?![a-z])"),
    "flash": re.compile(r"flash|(?<![a-z])messages?(?![a-z])"),
}
# Services of measurement and advertising that are in no list of known names, or not by this name.
_SERVICES: Final = (
    "bing branch_io braze crisp didomi double_click drift dynatrace facebook fb ga gtag gtm "
    "kameleoon kissmetrics live_chat log_rocket mail_chimp new_relic nr nrba olark one_trust "
    "outbrain piwik plausible qualtrics sentry smartlook tawk twitter usabilla webtrends woopra "
    "zendesk"
)
_SERVICE_WORDS: Final = "|".join(
    service.replace("_", "[_.-]?")
    for service in (*_SERVICES.split(), *(one.service for one in TRACKERS))
    if len(service) > 1  # X
)
# Words of measurement and advertising. A cookie with one of them may be anything.
_DOUBTFUL: Final = re.compile(
    r"advert|affiliate|analy|attribut|audience|beacon|behavio|browser|campaign|click|cohort"
    r"|conver(?:t|s[io])|cross[_.-]?site|device|engage|experiment|finger[_.-]?print|funnel"
    r"|heat[_.-]?map|impression|insight|marketing|metric|monitor|newsletter|page[_.-]?view|pixel"
    r"|profil|push|recording|refer|replay|scroll|sponsor|survey|target|telemetr|track|variant"
    r"|visit|(?<![a-z])(?:ab|ads?|leads?|promo|rum|sampl(?:ed?|ing)|stats?|utm"
    rf"|{_SERVICE_WORDS})(?![a-z])"
)
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class KnownCookie(msgspec.Struct, frozen=True, kw_only=True):
    """General knowledge about a cookie."""

    #: A sentence that names the source.
    source: str
    #: The name or pattern that its maker gives it.
    name: str
    #: A category's id, which the site's registry may lack.
    category: str
    #: Whether no visit works without it: it must not be in a category that visitors can refuse.
    is_required: bool = False
    #: By language.
    purpose: Mapping[str, str] = _NO_TEXTS
    necessary: Mapping[str, str] = _NO_TEXTS


class KnownCookies:
    """Find cookies of frameworks, from the shipped starter registry, and of well-known trackers."""

    def __init__(self) -> None:
        self._starter = load_presets()

    def find(self, name: str) -> KnownCookie | None:
        """Return what is known about a name, or None."""
        if found := known_name(name):
            known, tracker = found
            source = f"Known from {tracker.service} ({tracker.provider})."
            return KnownCookie(source=source, name=known, category=tracker.category)
        if not (entries := self._starter.find(name)):
            return None
        entry = entries[0]
        return KnownCookie(
            source=f"The starter registry knows it as {', '.join(entry.names)}.",
            name=next(one for one in entry.names if parse_pattern(one).matches(name)),
            category=entry.category,
            is_required=entry.category in self._starter.required,
            purpose={language: " ".join(text) for language, text in entry.purpose.items()},
            necessary=entry.necessary,
        )


def kind_of(name: str) -> str | None:
    """
    Return what a name says that a cookie is for: "csrf", "login", "session" or "flash"; or None.

    Args:
        name: A name or pattern. A name that could be of measurement has no kind.
    """
    words = _CAPITAL.sub("_", name).lower()
    if _DOUBTFUL.search(words):
        return None
    return next((kind for kind, form in _KINDS.items() if form.search(words)), None)
