"""The response that replaces the application's if a choice could not be recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from cookiegate.enforcement.context import RequestContext
from cookiegate.http.cache_control import Header
from cookiegate.visit import Visit

if TYPE_CHECKING:
    from cookiegate.pages import Pages
    from cookiegate.pages.messages import PageRequest

__all__ = ["unavailable"]

_HEADERS: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"retry-after", b"30"),
)
_TEXT: Final = (
    b"Your choice could not be kept just now, so nothing more is allowed than before. "
    b"Please try again in a minute.\n"
)


def unavailable(
    pages: Pages | None, read_request: Callable[[], PageRequest], context: RequestContext
) -> tuple[list[Header], bytes]:
    """
    Return headers and body of the response with status 503 after a `NotKeptError`.

    Args:
        pages: The middleware's, which answer in the visitor's language; None for a line of text.
        read_request: Returns the request in the form that the pages take.
        context: The request; if it has a choice, that is what was taken back all the same.
    """
    headers: Iterable[Header] = _HEADERS
    body = _TEXT
    if pages is not None:
        found = pages.not_kept(read_request(), Visit(context))
        headers, body = found.headers, found.body
    return [*headers, (b"content-length", str(len(body)).encode())], body
