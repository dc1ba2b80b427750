"""The pages in Django: its requests in, its responses out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from cookiegate.pages.messages import MAX_BODY_BYTES, PageRequest
from cookiegate.pages.wsgi import request_of
from cookiegate.visit import Visit

from .answering import as_response

if TYPE_CHECKING:
    from cookiegate.pages import Pages

__all__ = ["answer", "page_request"]


def answer(pages: Pages, request: HttpRequest, visit: Visit) -> HttpResponse:
    """What the pages say to a request for one of them."""
    body: bytes | None = b""
    if request.method in ("POST", "PUT"):
        body = request.read(MAX_BODY_BYTES + 1)
        body = body if len(body) <= MAX_BODY_BYTES else None
    found = pages.answer(page_request(request, body), visit)
    return as_response(request, found.status, found.headers, found.body)


def page_request(request: HttpRequest, body: bytes | None = b"") -> PageRequest:
    """A request of Django's, for the pages."""
    # In ASGI, too, META is made as an environ is.
    return request_of(request.META, body)
