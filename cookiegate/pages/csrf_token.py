"""The token of a form, bound to a cookie: for browsers that do not name a request's sender.

The cookie holds a random text, the form the same text signed. Another site can neither read the
cookie nor make the token.
"""

from __future__ import annotations

import hmac
from typing import Final

from cookiegate.consent.signing import TokenSigner
from cookiegate.http.cookie_header import cookie_values

from .messages import PageRequest

__all__ = ["LIFETIME_MINUTES", "cookie_name", "dump_cookie", "is_bound"]

#: Long enough to read the page.
LIFETIME_MINUTES: Final = 60
_MAX_BYTES: Final = 256
_COPIES: Final = 4


def cookie_name(secure: bool) -> str:
    """Return the form cookie's name."""
    return "__Host-cookiegate-form" if secure else "cookiegate-form"


def dump_cookie(text: str, *, secure: bool) -> str:
    """Return the Set-Cookie value that binds a form to the browser that received it."""
    attributes = f"Path=/; Max-Age={LIFETIME_MINUTES * 60}; HttpOnly; SameSite=Strict"
    return f"{cookie_name(secure)}={text}; {attributes}{'; Secure' if secure else ''}"


def is_bound(request: PageRequest, signer: TokenSigner, token: str, *, secure: bool) -> bool:
    """Return True if a form's token verifies and matches the cookie that came with it."""
    if not 0 < len(token) <= _MAX_BYTES:
        return False
    text = signer.unsign(token.encode("utf-8", "replace"))
    if text is None:
        return False
    name = cookie_name(secure).encode()
    headers = [value for one, value in request.headers if one == b"cookie"]
    sent = cookie_values(headers, name, limit=_COPIES)
    return any(hmac.compare_digest(text, value) for value in sent)
