"""The pages before an ASGI application; the gate is around both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from cookiegate.visit import PAGES_KEY, SCOPE_KEY

from .messages import MAX_BODY_BYTES, PageRequest, PageResponse, PagesProtocol

__all__ = ["PagesApp", "request_of"]

Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class PagesApp:
    """
    PagesProtocol for the pages, and hands everything else to the application.

    Args:
        app: The application.
        pages: The pages.
    """

    def __init__(self, app: Any, pages: PagesProtocol) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # For the banner's tag, wherever the page is made.
            scope[PAGES_KEY] = self._pages
            if self._pages.handles_path(_path_of(scope)[0]) and SCOPE_KEY in scope:
                body = await _read(receive) if scope["method"] in ("POST", "PUT") else b""
                response = self._pages.answer(request_of(scope, body), scope[SCOPE_KEY])
                await _send(response, scope["method"], send)
                return
        await self._app(scope, receive, send)


def request_of(scope: Scope, body: bytes | None = b"") -> PageRequest:
    """The request that an ASGI scope describes."""
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


async def _send(response: PageResponse, method: str, send: Send) -> None:
    length = (b"content-length", str(len(response.body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [*response.headers, length],
        }
    )
    body = b"" if method == "HEAD" else response.body
    await send({"type": "http.response.body", "body": body})
