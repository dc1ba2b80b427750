"""The sender of a request: only the site itself may choose for a visitor.

Browsers name it in `Sec-Fetch-Site` (Fetch Metadata, over https and on the loopback), older ones
and plain http in `Origin` (RFC 6454, section 7). Without either, the form needs a signed token that
is bound to a cookie.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from .messages import PageRequest

__all__ = ["Sender", "sender_of"]

#: "unsaid": the request has neither header, so its form needs a token.
Sender = Literal["site", "other", "unsaid"]


def sender_of(request: PageRequest, hosts: Collection[str]) -> Sender:
    """
    Return which site sent a request that would change something.

    Args:
        request: The request.
        hosts: The site's hosts, with a port where it is not the default one; if empty, the
            request's Host header counts.
    """
    fetch_site = request.header(b"sec-fetch-site")
    if fetch_site is not None:
        # It decides alone: no script can forge it.
        return "site" if fetch_site == b"same-origin" else "other"
    origin = request.header(b"origin")
    if origin is None or origin == b"null":
        return "unsaid"
    # The scheme is left out: behind a proxy that ends TLS, the two differ.
    _, separator, authority = origin.partition(b"://")
    known = hosts or (request.header(b"host") or b"",)
    is_site = bool(separator and authority) and _authority(authority) in map(_authority, known)
    return "site" if is_site else "other"


def _authority(raw: bytes | str) -> str:
    # Host and port: another port of the same host is another server.
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    text = text.strip().lower()
    for default in (":80", ":443"):
        text = text.removesuffix(default)
    return text
