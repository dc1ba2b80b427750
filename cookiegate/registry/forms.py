"""The forms of single values, as regular expressions, which the JSON Schema has too."""

from typing import Final

__all__ = [
    "CONSENT_SIGNAL_FORM",
    "COUNTRY_FORM",
    "CSP_FORM",
    "DOMAIN_FORM",
    "GOOGLE_SIGNALS",
    "ID_FORM",
    "LANGUAGE_FORM",
    "PATH_FORM",
    "SOURCE_FORM",
    "URL_FORM",
]

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"{_LABEL}(\.{_LABEL})*"
# Ids travel in the consent cookie, so they are plain and short.
ID_FORM: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"
# BCP 47 in its common part: a language, then subtags such as a script or a region.
LANGUAGE_FORM: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
# ISO 3166-1 alpha-2.
COUNTRY_FORM: Final = r"^[A-Z]{2}$"
DOMAIN_FORM: Final = rf"^\.?{_HOST}$"
URL_FORM: Final = rf"^https?://{_HOST}(:[0-9]{{1,5}})?([/?#][^\s\x00-\x1F\x7F\"<>\\^`{{|}}]*)?$"
SOURCE_FORM: Final = rf"^((https|wss)://)?(\*\.)?{_HOST}(:[0-9]{{1,5}})?$"

# Google's consent mode, version 2.
GOOGLE_SIGNALS: Final = (
    *("ad_personalization", "ad_storage", "ad_user_data", "analytics_storage"),
    *("functionality_storage", "personalization_storage", "security_storage"),
)
CONSENT_SIGNAL_FORM: Final = r"^[a-z][a-z0-9_-]{0,63}$"
# What a header can carry, with at least one directive.
CSP_FORM: Final = r"^[ -~]*[a-z-]+[ -~]*$"
# A cookie's Path (RFC 6265bis, section 4.1.1), in the characters of a URL.
PATH_FORM: Final = r"^/[!-:<-~]{0,255}$"
