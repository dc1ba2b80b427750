"""A request for a page and its response, as plain values: no server and no framework.

The adapters (`asgi`, `wsgi`, `cookiegate.django`) make the request and send the response.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec

__all__ = [
    "MAX_BODY_BYTES",
    "NO_SNIFF",
    "NO_STORE",
    "Headers",
    "PageRequest",
    "PageResponse",
    "Problem",
    "problem",
]

#: A choice takes some hundred bytes; a registry of fifty categories needs 4 KB.
MAX_BODY_BYTES: Final = 16 * 1024
NO_STORE: Final = (b"cache-control", b"no-store")
NO_SNIFF: Final = (b"x-content-type-options", b"nosniff")

Headers = tuple[tuple[bytes, bytes], ...]


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, as an adapter read it."""

    method: str
    #: Below the mount, decoded, from the first "/".
    path: str
    #: Where the application is mounted; "" at the root.
    root_path: str = ""
    #: As it was sent, without the "?".
    query: str = ""
    #: (name, value) pairs; names in lower case.
    headers: Headers = ()
    #: None if it is longer than MAX_BODY_BYTES.
    body: bytes | None = b""

    def __repr__(self) -> str:
        # Headers, query and body must not get into a log.
        return f"<PageRequest {self.method} {self.path}>"

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header, stripped; None if it was not sent."""
        return next((value.strip() for one, value in self.headers if one == name), None)


class PageResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A response for an adapter to send."""

    status: int
    headers: Headers = ()
    body: bytes = b""


class Problem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An error for programs (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, detail: str, headers: Headers = ()) -> PageResponse:
    """Return an error for programs: application/problem+json (RFC 9457)."""
    title = HTTPStatus(status).phrase
    body = Problem(type="about:blank", title=title, status=status, detail=detail)
    content_type = (b"content-type", b"application/problem+json")
    return PageResponse(
        status=status,
        headers=(content_type, NO_STORE, *headers),
        body=msgspec.json.encode(body),
    )
