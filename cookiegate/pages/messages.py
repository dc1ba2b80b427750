"""A request for a page, and the answer, as plain values: no server and no framework.

The doors make the one and send the other.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Protocol

import msgspec

from cookiegate.visit import Visit

__all__ = [
    "MAX_BODY_BYTES",
    "Answers",
    "PageRequest",
    "PageResponse",
    "Problem",
    "problem",
    "with_retry",
]

#: A form or a choice in JSON is some hundred bytes; a registry of fifty categories needs 4 KB.
MAX_BODY_BYTES: Final = 16 * 1024


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a door read of one request."""

    method: str
    #: Below the mount, decoded, from the first "/".
    path: str
    #: Where the application is mounted; "" at the root.
    root_path: str = ""
    #: As it was sent, without the "?".
    query: str = ""
    #: (name, value) pairs; names in lower case.
    headers: tuple[tuple[bytes, bytes], ...] = ()
    #: None when it is longer than MAX_BODY_BYTES.
    body: bytes | None = b""

    def __repr__(self) -> str:
        # Without headers, query and body: they have no place in a log.
        return f"<PageRequest {self.method} {self.path}>"

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header, without blanks around it; None where it was not sent."""
        return next((value.strip() for one, value in self.headers if one == name), None)


class PageResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What a door is to send."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


class Answers(Protocol):
    """What a door wants of the pages."""

    def handles_path(self, path: str) -> bool: ...
    def answer(self, request: PageRequest, visit: Visit) -> PageResponse: ...
    def not_kept(self, request: PageRequest, visit: Visit) -> PageResponse: ...


class Problem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An error for programs (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, detail: str) -> PageResponse:
    """An error for programs: problem+json (RFC 9457)."""
    body = Problem(
        type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail
    )
    return PageResponse(
        status=status,
        headers=((b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")),
        body=msgspec.json.encode(body),
    )


def with_retry(response: PageResponse, seconds: int) -> PageResponse:
    """The response with a Retry-After of so many seconds; 0 for none."""
    if not seconds:
        return response
    after = (b"retry-after", str(seconds).encode())
    return msgspec.structs.replace(response, headers=(*response.headers, after))
