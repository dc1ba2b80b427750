"""Whether the site itself sent a request: nobody else may choose for a visitor.

Browsers say so in `Sec-Fetch-Site` (Fetch Metadata, over https and on the loopback), older ones
and plain http in `Origin` (RFC 6454, section 7). Where neither says anything, a signed token that
is bound to a cookie must do.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from .messages import PageRequest

__all__ = ["Sender", "sender_of"]

#: "unsaid": the request does not tell, and a form token is wanted.
Sender = Literal["site", "other", "unsaid"]


def sender_of(request: PageRequest, hosts: Collection[str]) -> Sender:
    """
    Who sent a request that would change something.

    Args:
        request: The request.
        hosts: The site's hosts, with a port where it is not the usual one; none for whichever the
            request was sent to.
    """
    fetch_site = request.header(b"sec-fetch-site")
    if fetch_site is not None:
        # Nothing else is consulted: no script can forge it.
        return "site" if fetch_site == b"same-origin" else "other"
    origin = request.header(b"origin")
    if origin is None or origin == b"null":
        return "unsaid"
    # The scheme is left out: behind a proxy that ends TLS, the two differ.
    _, separator, authority = origin.partition(b"://")
    own = hosts or (request.header(b"host") or b"",)
    is_own = bool(separator and authority) and _authority(authority) in map(_authority, own)
    return "site" if is_own else "other"


def _authority(raw: bytes | str) -> str:
    # Host and port: another port of the same host is another server, and may be another's.
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    text = text.strip().lower()
    for default in (":80", ":443"):
        text = text.removesuffix(default)
    return text
