"""The pages in Django: from Django's requests, to Django's responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from cookiegate.pages.messages import MAX_BODY_BYTES, PageRequest
from cookiegate.pages.wsgi import request_of
from cookiegate.visit import Visit

from .answering import as_response

if TYPE_CHECKING:
    from cookiegate.pages import Pages

__all__ = ["page_request", "submit"]


def submit(pages: Pages, request: HttpRequest, visit: Visit) -> Callable[[], HttpResponse]:
    """
    Make the choice that a request for one of the pages brings.

    Args:
        pages: The pages.
        request: The request.
        visit: The request's visit, on which the choice is made.

    Returns:
        A function that renders the response. Commit the choice before it is called.
    """
    body: bytes | None = b""
    if request.method in ("POST", "PUT"):
        body = request.read(MAX_BODY_BYTES + 1)
        body = body if len(body) <= MAX_BODY_BYTES else None
    call = page_request(request, body)
    submission = pages.submit(call, visit)

    def respond() -> HttpResponse:
        found = pages.respond(call, visit, submission)
        return as_response(request, found.status, found.headers, found.body)

    return respond


def page_request(request: HttpRequest, body: bytes | None = b"") -> PageRequest:
    """Return a request in the form that the pages take; a body of None is too long."""
    # META has the form of an environ, also in ASGI.
    return request_of(request.META, body)
