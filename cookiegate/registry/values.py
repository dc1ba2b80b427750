"""The forms of single values: ids, language codes, domains, addresses, CSP sources, names.

Each form is a regular expression, shared with the JSON Schema, and a reader that says what to
write instead when a value does not have it.
"""

import re
from difflib import get_close_matches
from typing import Final
from unicodedata import normalize

from .errors import InvalidValueError, quoted

__all__ = [
    "CONSENT_SIGNAL_FORM",
    "CSP_FORM",
    "DOMAIN_FORM",
    "GOOGLE_SIGNALS",
    "ID_FORM",
    "LANGUAGE_FORM",
    "PATH_FORM",
    "SOURCE_FORM",
    "URL_FORM",
    "check_consent_signal",
    "check_csp",
    "check_id",
    "check_language",
    "check_name",
    "check_path",
    "check_source",
    "check_url",
    "guess_language",
    "id_from_name",
    "read_domain",
]

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"{_LABEL}(\.{_LABEL})*"
# Ids travel in the consent cookie, so they are plain and short.
ID_FORM: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"
# BCP 47 in its common part: a language, then subtags such as a script or a region.
LANGUAGE_FORM: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
DOMAIN_FORM: Final = rf"^\.?{_HOST}$"
URL_FORM: Final = rf"^https?://{_HOST}(:[0-9]{{1,5}})?([/?#][^\s\x00-\x1F\x7F\"<>\\^`{{|}}]*)?$"
SOURCE_FORM: Final = rf"^((https|wss)://)?(\*\.)?{_HOST}(:[0-9]{{1,5}})?$"

# Of Google's consent mode, version 2.
GOOGLE_SIGNALS: Final = (
    *("ad_personalization", "ad_storage", "ad_user_data", "analytics_storage"),
    *("functionality_storage", "personalization_storage", "security_storage"),
)
CONSENT_SIGNAL_FORM: Final = r"^[a-z][a-z0-9_-]{0,63}$"
# What a header carries, and at least one directive in it.
CSP_FORM: Final = r"^[ -~]*[a-z-]+[ -~]*$"
# A cookie's Path (RFC 6265bis, section 4.1.1), in what a URL carries.
PATH_FORM: Final = r"^/[!-:<-~]{0,255}$"

_ID: Final = re.compile(ID_FORM.removesuffix("$"))
_LANGUAGE: Final = re.compile(LANGUAGE_FORM.removesuffix("$"))
_DOMAIN: Final = re.compile(DOMAIN_FORM.removesuffix("$"))
_URL: Final = re.compile(URL_FORM.removesuffix("$"))
_SOURCE: Final = re.compile(SOURCE_FORM.removesuffix("$"))
_CONSENT_SIGNAL: Final = re.compile(CONSENT_SIGNAL_FORM.removesuffix("$"))
_CSP: Final = re.compile(CSP_FORM.removesuffix("$"))
_PATH: Final = re.compile(PATH_FORM.removesuffix("$"))
_PORT: Final = re.compile(r":[0-9]+$")
# C1 controls too (U+0080 to U+009F): nobody could see them in a review.
_NAME_BAD: Final = re.compile(r"[;=\x00-\x1F\x7F-\x9F]")

# Names longer than this leave too little room for a value.
_NAME_BYTES: Final = 1_024
_HOST_BYTES: Final = 253
_LANGUAGE_NAMES: Final = {
    "danish": "da",
    "dansk": "da",
    "deutsch": "de",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "norsk": "nb",
    "norwegian": "nb",
    "spanish": "es",
    "suomi": "fi",
    "svenska": "sv",
    "swedish": "sv",
}


def check_id(text: str) -> None:
    """Check the form ``[a-z0-9][a-z0-9_-]{0,63}``."""
    if _ID.fullmatch(text) is None:
        made = id_from_name(text)
        raise InvalidValueError(
            f"id {quoted(text)} is not valid",
            "use a-z, 0-9, '_' and '-', at most 64 of them, beginning with a letter or digit"
            + (f", such as {made}" if made else ""),
        )


def id_from_name(name: str) -> str:
    """Make an id from a name: lower case, other characters to "-"; empty when nothing is left."""
    made = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_")
    return made[:64].rstrip("-_")


def check_language(text: str) -> None:
    """Check a language code of BCP 47's common form."""
    if _LANGUAGE.fullmatch(text) is None:
        code = guess_language(text)
        hint = f'write "{code}"' if code else 'write a code such as "en"'
        raise InvalidValueError(f"{quoted(text)} is not a valid language code", hint)


def guess_language(text: str) -> str | None:
    """Return the code that was probably meant: "en" for "English", "sv-SE" for "sv_SE"."""
    head, *rest = text[:40].strip().replace("_", "-").split("-")
    code = "-".join([_LANGUAGE_NAMES.get(head.lower(), head.lower()), *rest])
    return code if _LANGUAGE.fullmatch(code) else None


def check_name(text: str) -> None:
    """Check that a browser can store this cookie name."""
    if not text:
        raise InvalidValueError(
            "the name is empty", "write the name as the Set-Cookie header has it"
        )
    bad = _NAME_BAD.search(text)
    if bad is not None:
        what = "a control character" if bad[0] not in ";=" else f"'{bad[0]}'"
        raise InvalidValueError(
            f"name {quoted(text)} holds {what}, which a name cannot contain",
            "write only the part before the '='"
            if bad[0] == "="
            else "write the name as the Set-Cookie header has it",
        )
    if text[0] == " " or text[-1] == " ":
        raise InvalidValueError(
            f"name {quoted(text)} begins or ends with a blank, which browsers strip",
            f"write {quoted(text.strip(' '))}",
        )
    size = len(text) if text.isascii() else len(text.encode())
    if size > _NAME_BYTES:
        raise InvalidValueError(
            f"name {quoted(text)} has {size} bytes", f"use at most {_NAME_BYTES} bytes of UTF-8"
        )


def read_domain(text: str) -> str:
    """Return a domain in lower case and without its leading dot."""
    host = text.removeprefix(".")
    if (
        not host.startswith(".")
        and _DOMAIN.fullmatch(host) is not None
        and len(host) <= _HOST_BYTES
    ):
        return host.lower()
    raise InvalidValueError(f"{quoted(text)} is not a valid domain", _domain_hint(text))


def _domain_hint(text: str) -> str:
    host = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", text.strip())
    host = re.split(r"[/?#]", host)[0]
    host = host.lower()
    host = _PORT.sub("", host.rpartition("@")[2]).removeprefix("*").strip(".")
    if not host.isascii():
        host = _to_ascii(host)
        if _DOMAIN.fullmatch(host):
            return f'write it in the ASCII form (A-labels) that cookies carry: "{host}"'
    if _DOMAIN.fullmatch(host) is None or len(host) > _HOST_BYTES:
        return 'write a host name such as "example.com", without scheme, port or path'
    if "*" in text:
        return f'write "{host}": subdomains are included'
    return f'write "{host}"'


def _to_ascii(host: str) -> str:
    labels = (normalize("NFC", label.lower()) for label in host[:_HOST_BYTES].split("."))
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )


def check_url(text: str) -> None:
    """Check an http or https address."""
    if _URL.fullmatch(text) is None:
        bare = f"https://{text.strip().removeprefix('//')}"
        raise InvalidValueError(
            f"{quoted(text)} is not a valid web address",
            f'write "{bare}"'
            if "." in text and len(bare) < 200 and _URL.fullmatch(bare)
            else 'write it in full, such as "https://example.com/privacy"',
        )


def check_consent_signal(text: str) -> str:
    """Return a name of a vendor's consent mode; reject a likely misspelling of Google's names."""
    if _CONSENT_SIGNAL.fullmatch(text) is None:
        raise InvalidValueError(
            f"{quoted(text)} is not a valid name in a consent mode",
            "use a-z, 0-9, '_' and '-', such as \"analytics_storage\"",
        )
    near = get_close_matches(text, GOOGLE_SIGNALS, n=1, cutoff=0.85)
    if near and text not in GOOGLE_SIGNALS:
        raise InvalidValueError(
            f"unknown name {quoted(text)} in a consent mode", f"write {near[0]!r}"
        )
    return text


def check_csp(text: str) -> str:
    """Return a Content-Security-Policy that a header can carry, unchanged."""
    if _CSP.fullmatch(text) is None:
        raise InvalidValueError(
            "this is not a valid Content-Security-Policy",
            "write it on one line, as in \"script-src 'self' https://cdn.example.com\"",
        )
    return text


def check_path(text: str) -> str:
    """Return a cookie's path, unchanged."""
    if _PATH.fullmatch(text) is None:
        raise InvalidValueError(
            f"{quoted(text)} is not a valid cookie path",
            'write a path such as "/shop", with percent escapes as in a URL',
        )
    return text


def check_source(text: str) -> None:
    """Check an https or wss origin, or a host, as a Content-Security-Policy has them."""
    if _SOURCE.fullmatch(text) is None:
        scheme, _, rest = text.rpartition("://")
        secure = "wss" if scheme in ("ws", "wss") else "https"
        origin = f"{secure}://{re.split('[/?#]', rest)[0]}"
        fits = _SOURCE.fullmatch(origin) is not None and "." in rest
        raise InvalidValueError(
            f"{quoted(text)} is not a valid source for a Content-Security-Policy",
            f'write "{origin}"'
            if fits
            else 'write an https origin or a host, such as "https://cdn.example.com"',
        )
