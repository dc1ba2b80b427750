"""Django responses from plain values."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse

__all__ = ["as_response"]


def as_response(
    request: HttpRequest, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes
) -> HttpResponse:
    """
    Return the response to a request, with these headers and no others.

    Args:
        request: The request; the response to a HEAD has no body.
        status: The status code.
        headers: The headers.
        body: The body.
    """
    response = HttpResponse(b"" if request.method == "HEAD" else body, status=status)
    # Django's default is the type of a page; a redirect has none.
    del response["Content-Type"]
    for name, value in headers:
        response[name.decode("latin-1")] = value.decode("latin-1")
    return response
