"""Keep the size of a response: a header takes the place of each Set-Cookie that is stripped.

The gate sends fewer bytes than the application did. A server and its client then have less to do,
which would favour the gate. These wrappers stand outside of all middleware, with and without the
gate, and fill the gap with a header of the same length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

__all__ = ["AsgiPadding", "WsgiPadding"]

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _fillers(stripped: Sequence[int]) -> list[tuple[str, str]]:
    # This name is as long as "set-cookie".
    return [("x-stripped", "x" * length) for length in stripped]


class AsgiPadding:
    """
    Fill responses up.

    Args:
        app: The application with its middleware.
        cookies: The number of Set-Cookie headers that the application sends.
        stripped: The lengths of the values of those that the gate strips.
    """

    def __init__(self, app: Any, cookies: int, stripped: Sequence[int]) -> None:
        self.app = app
        self.cookies = cookies
        self.fillers = [(name.encode(), value.encode()) for name, value in _fillers(stripped)]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def padded(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                if [name for name, _ in headers].count(b"set-cookie") < self.cookies:
                    message["headers"] = [*headers, *self.fillers]
            await send(message)

        await self.app(scope, receive, padded)


class WsgiPadding:
    """
    Fill responses up.

    Args:
        app: The application with its middleware.
        cookies: The number of Set-Cookie headers that the application sends.
        stripped: The lengths of the values of those that the gate strips.
    """

    def __init__(self, app: WSGIApp, cookies: int, stripped: Sequence[int]) -> None:
        self.app = app
        self.cookies = cookies
        self.fillers = _fillers(stripped)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if [name.lower() for name, _ in headers].count("set-cookie") < self.cookies:
                headers = [*headers, *self.fillers]
            return start_response(status, headers, exc_info)

        return self.app(environ, start)
