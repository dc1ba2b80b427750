"""The sender of a request: only the site itself may choose for a visitor.

Browsers name it in `Sec-Fetch-Site` (Fetch Metadata, over https and on the loopback), older ones
and plain http in `Origin` (RFC 6454, section 7). Without either, the form needs a signed token that
is bound to a cookie.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from .messages import PageRequest

__all__ = ["Sender", "sender_of"]

#: "unsaid": the request has neither header, so its form needs a token. "plain": the site's host
#: over http, although the site is served over https; anybody on the network can write such a page.
Sender = Literal["site", "other", "plain", "unsaid"]

_DEFAULT_PORTS: Final = {b"https": ":443", b"http": ":80"}


def sender_of(request: PageRequest, hosts: Collection[str], *, secure: bool) -> Sender:
    """
    Return which site sent a request that would change something.

    Args:
        request: The request.
        hosts: The site's hosts, with a port where it is not the default one; if empty, the
            request's Host header counts.
        secure: Whether the site is served over https. The request's own scheme is not consulted:
            behind a proxy that ends TLS, it is another one.
    """
    fetch_site = request.header(b"sec-fetch-site")
    if fetch_site is not None:
        # It decides alone: no script can forge it.
        return "site" if fetch_site == b"same-origin" else "other"
    origin = request.header(b"origin")
    if origin is None or origin == b"null":
        return "unsaid"
    scheme, _, authority = origin.lower().partition(b"://")
    port = _DEFAULT_PORTS.get(scheme)
    if port is None or not authority:
        return "other"
    known = hosts or (request.header(b"host") or b"",)
    name = authority.decode("latin-1").removesuffix(port)
    if not any(name in _names(one) for one in known):
        return "other"
    return "plain" if secure and scheme == b"http" else "site"


def _names(raw: bytes | str) -> tuple[str, str, str]:
    # A host as an Origin names it, with the port: another port is another server. A proxy may have
    # written the default port of its own scheme.
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    text = text.strip().lower()
    return text, text.removesuffix(":80"), text.removesuffix(":443")
