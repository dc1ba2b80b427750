"""The pages in front of an ASGI application, inside the gate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from cookiegate.consent.choice import NotKeptError
from cookiegate.visit import PAGES_KEY, SCOPE_KEY, Visit

from .messages import MAX_BODY_BYTES, PageRequest, PageResponse

if TYPE_CHECKING:
    from .pages import Pages

__all__ = ["PagesApp", "request_of"]

Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class PagesApp:
    """
    Serves the pages, and passes everything else on.

    Args:
        app: The application.
        pages: The pages.
    """

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self._app = app
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # For the banner's tag in the application's templates.
            scope[PAGES_KEY] = self.pages
            visit = scope.get(SCOPE_KEY)
            if visit is not None and self.pages.handles_path(_path_of(scope)[0]):
                body = await _read(receive) if scope["method"] in ("POST", "PUT") else b""
                await _send(await self._respond(request_of(scope, body), visit), scope, send)
                return
        await self._app(scope, receive, send)

    async def _respond(self, request: PageRequest, visit: Visit) -> PageResponse:
        submission = self.pages.submit(request, visit)
        try:
            await visit.context.commit_async()
        except NotKeptError:
            return self.pages.not_kept(request, visit)
        return self.pages.respond(request, visit, submission)


def request_of(scope: Scope, body: bytes | None = b"") -> PageRequest:
    """Return the request that an ASGI scope describes."""
    path, root_path = _path_of(scope)
    return PageRequest(
        method=scope["method"],
        path=path,
        root_path=root_path,
        query=bytes(scope.get("query_string", b"")).decode("latin-1"),
        headers=tuple((bytes(n).strip().lower(), bytes(v)) for n, v in scope["headers"]),
        body=body,
    )


def _path_of(scope: Scope) -> tuple[str, str]:
    # Servers differ in whether the path begins with the mount's; the specification says it does.
    path, root = scope["path"], scope.get("root_path", "")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return path or "/", root


async def _read(receive: Receive) -> bytes | None:
    parts = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _send(response: PageResponse, scope: Scope, send: Send) -> None:
    length = (b"content-length", str(len(response.body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [*response.headers, length],
        }
    )
    body = b"" if scope["method"] == "HEAD" else response.body
    await send({"type": "http.response.body", "body": body})
