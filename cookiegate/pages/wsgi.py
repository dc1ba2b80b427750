"""The pages in front of a WSGI application, inside the gate."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from cookiegate.consent.choice import NotKeptError
from cookiegate.visit import ENVIRON_KEY, PAGES_KEY, Visit

from .messages import MAX_BODY_BYTES, PageRequest, PageResponse

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from .pages import Pages

__all__ = ["PagesApp", "request_of"]

_UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")


class PagesApp:
    """
    Serves the pages, and passes everything else on.

    Args:
        app: The application.
        pages: The pages.
    """

    def __init__(self, app: WSGIApplication, pages: Pages) -> None:
        self._app = app
        self.pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # For the banner's tag in the application's templates.
        environ[PAGES_KEY] = self.pages
        visit: Visit | None = environ.get(ENVIRON_KEY)
        if visit is None or not self.pages.handles_path(_decoded(environ.get("PATH_INFO", ""))):
            return self._app(environ, start_response)
        method = environ["REQUEST_METHOD"]
        body = _read(environ) if method in ("POST", "PUT") else b""
        response = self._respond(request_of(environ, body), visit)
        length = (b"content-length", str(len(response.body)).encode())
        start_response(
            f"{response.status} {HTTPStatus(response.status).phrase}",
            [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in (*response.headers, length)
            ],
        )
        return [] if method == "HEAD" else [response.body]

    def _respond(self, request: PageRequest, visit: Visit) -> PageResponse:
        submission = self.pages.submit(request, visit)
        try:
            visit.context.commit()
        except NotKeptError:
            return self.pages.not_kept(request, visit)
        return self.pages.respond(request, visit, submission)


def request_of(environ: WSGIEnvironment, body: bytes | None = b"") -> PageRequest:
    """Return the request that a WSGI environ describes."""
    headers = []
    for key, value in environ.items():
        if isinstance(key, str) and isinstance(value, str):
            name = key.removeprefix("HTTP_")
            if name != key or key in _UNPREFIXED:
                raw = name.replace("_", "-").lower().encode("latin-1", "replace")
                headers.append((raw, value.encode("latin-1", "replace")))
    return PageRequest(
        method=environ["REQUEST_METHOD"],
        path=_decoded(environ.get("PATH_INFO", "")) or "/",
        root_path=_decoded(environ.get("SCRIPT_NAME", "")),
        query=environ.get("QUERY_STRING", ""),
        headers=tuple(headers),
        body=body,
    )


def _decoded(text: str) -> str:
    # PEP 3333: bytes as latin-1 text.
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def _read(environ: WSGIEnvironment) -> bytes | None:
    announced = environ.get("CONTENT_LENGTH") or "0"
    if not (announced.isascii() and announced.isdigit()):
        return None
    length = int(announced[:20])
    if length > MAX_BODY_BYTES:
        return None
    body: bytes = environ["wsgi.input"].read(length)
    return body
