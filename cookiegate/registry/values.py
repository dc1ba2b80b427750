"""Checks of single values: ids, language codes, domains, addresses, CSP sources, names.

Each function returns a valid value. For any other value it raises InvalidValueError, which says
what to write instead.
"""

import re
from typing import Final

from .errors import InvalidValueError, quoted
from .forms import (
    CONSENT_SIGNAL_FORM,
    COUNTRY_FORM,
    CSP_FORM,
    DOMAIN_FORM,
    GOOGLE_SIGNALS,
    ID_FORM,
    LANGUAGE_FORM,
    PATH_FORM,
    SOURCE_FORM,
    URL_FORM,
)

__all__ = [
    "check_consent_signal",
    "check_country",
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

_PORT: Final = re.compile(r":[0-9]+$")
# C1 controls too (U+0080 to U+009F): they are invisible in a review.
_NAME_BAD: Final = re.compile(r"[;=\x00-\x1F\x7F-\x9F]")
# Longer names leave too little room for a value.
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


def check_id(text: str) -> str:
    """Return an id such as ``google_analytics``."""
    if re.fullmatch(ID_FORM, text):
        return text
    made = id_from_name(text)
    raise InvalidValueError(
        f"id {quoted(text)} is not valid",
        "use a-z, 0-9, '_' and '-', at most 64 of them, beginning with a letter or digit"
        + (f", such as {made}" if made else ""),
    )


def id_from_name(name: str) -> str:
    """Return an id made from a name, "" if it has no usable character."""
    made = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_")
    return made[:64].rstrip("-_")


def check_language(text: str) -> str:
    """Return a language code of BCP 47's common form."""
    if re.fullmatch(LANGUAGE_FORM, text):
        return text
    code = guess_language(text)
    hint = f'write "{code}"' if code else 'write a code such as "en"'
    raise InvalidValueError(f"{quoted(text)} is not a valid language code", hint)


def guess_language(text: str) -> str | None:
    """Return the code that the author probably means: "sv-SE" for "sv_SE", "en" for "English"."""
    head, *rest = text[:40].strip().replace("_", "-").split("-")
    code = "-".join([_LANGUAGE_NAMES.get(head.lower(), head.lower()), *rest])
    return code if re.fullmatch(LANGUAGE_FORM, code) else None


def check_country(text: str) -> str:
    """Return a country's code of ISO 3166-1."""
    if re.fullmatch(COUNTRY_FORM, text):
        return text
    upper = text.strip().upper()
    code = upper if re.fullmatch(COUNTRY_FORM, upper) else "SE"
    hint = f'write "{code}"' if code == upper else f'write two letters, such as "{code}"'
    raise InvalidValueError(f"{quoted(text)} is not a valid country code", hint)


def check_name(text: str) -> str:
    """Return a cookie's name that browsers can store."""
    as_sent = "write the name as the Set-Cookie header has it"
    size = len(text) if text.isascii() else len(text.encode())
    if not text:
        what, hint = "the name is empty", as_sent
    elif bad := _NAME_BAD.search(text):
        character = f"'{bad[0]}'" if bad[0] in ";=" else "a control character"
        what = f"name {quoted(text)} contains {character}, which a name cannot contain"
        hint = "write only the part before the '='" if bad[0] == "=" else as_sent
    elif text.strip(" ") != text:
        what = f"name {quoted(text)} begins or ends with a space, which browsers strip"
        hint = f"write {quoted(text.strip(' '))}"
    elif size > _NAME_BYTES:
        what = f"name {quoted(text)} has {size} bytes"
        hint = f"use at most {_NAME_BYTES} bytes of UTF-8"
    else:
        return text
    raise InvalidValueError(what, hint)


def read_domain(text: str) -> str:
    """Return a domain in lower case, without its leading dot."""
    if re.fullmatch(DOMAIN_FORM, text) and len(text.removeprefix(".")) <= _HOST_BYTES:
        return text.removeprefix(".").lower()
    raise InvalidValueError(f"{quoted(text)} is not a valid domain", _domain_hint(text))


def _domain_hint(text: str) -> str:
    host = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", text.strip())
    host = re.split(r"[/?#]", host)[0].lower()
    host = _PORT.sub("", host.rpartition("@")[2]).removeprefix("*").strip(".")
    ascii_host = host if host.isascii() else _to_ascii(host)
    if not re.fullmatch(DOMAIN_FORM, ascii_host) or len(ascii_host) > _HOST_BYTES:
        return 'write a host name such as "example.com", without scheme, port or path'
    if ascii_host != host:
        return f'write it in the ASCII form (A-labels) that cookies carry: "{ascii_host}"'
    return f'write "{host}"' + (": subdomains are included" if "*" in text else "")


def _to_ascii(host: str) -> str:
    # Imported here: only mistakes need it.
    from unicodedata import normalize

    labels = (normalize("NFC", label.lower()) for label in host[:_HOST_BYTES].split("."))
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )


def check_url(text: str) -> str:
    """Return an http or https address."""
    if re.fullmatch(URL_FORM, text):
        return text
    bare = f"https://{text.strip().removeprefix('//')}"
    is_address = "." in text and len(bare) < 200 and re.fullmatch(URL_FORM, bare)
    raise InvalidValueError(
        f"{quoted(text)} is not a valid web address",
        f'write "{bare}"'
        if is_address
        else 'write it in full, such as "https://example.com/privacy"',
    )


def check_consent_signal(text: str) -> str:
    """Return a name of a vendor's consent mode that does not look like a misspelt one of Google."""
    if not re.fullmatch(CONSENT_SIGNAL_FORM, text):
        raise InvalidValueError(
            f"{quoted(text)} is not a valid name in a consent mode",
            "use a-z, 0-9, '_' and '-', such as \"analytics_storage\"",
        )
    if text in GOOGLE_SIGNALS:
        return text
    # Imported here: few registries have names of other vendors.
    from difflib import get_close_matches

    near = get_close_matches(text, GOOGLE_SIGNALS, n=1, cutoff=0.85)
    if near:
        raise InvalidValueError(
            f"unknown name {quoted(text)} in a consent mode", f"write {near[0]!r}"
        )
    return text


def check_csp(text: str) -> str:
    """Return a Content-Security-Policy that a header can carry."""
    if re.fullmatch(CSP_FORM, text):
        return text
    raise InvalidValueError(
        "this is not a valid Content-Security-Policy",
        "write it on one line, as in \"script-src 'self' https://cdn.example.com\"",
    )


def check_path(text: str) -> str:
    """Return a cookie's path."""
    if re.fullmatch(PATH_FORM, text):
        return text
    raise InvalidValueError(
        f"{quoted(text)} is not a valid cookie path",
        'write a path such as "/shop", with percent escapes as in a URL',
    )


def check_source(text: str) -> str:
    """Return an https or wss origin, or a host, for a Content-Security-Policy."""
    if re.fullmatch(SOURCE_FORM, text):
        return text
    scheme, _, rest = text.rpartition("://")
    secure = "wss" if scheme in ("ws", "wss") else "https"
    origin = f"{secure}://{re.split('[/?#]', rest)[0]}"
    is_origin = re.fullmatch(SOURCE_FORM, origin) and "." in rest
    raise InvalidValueError(
        f"{quoted(text)} is not a valid source for a Content-Security-Policy",
        f'write "{origin}"'
        if is_origin
        else 'write an https origin or a host, such as "https://cdn.example.com"',
    )
