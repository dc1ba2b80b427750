"""Applications behind a gate, with a comparison of what the gate receives and what it sends."""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from cookiegate import Gate, Registry
from cookiegate import asgi as asgi_adapter
from cookiegate import wsgi as wsgi_adapter

from . import seen
from .settings import VARIANT

__all__ = ["asgi", "gate", "wsgi"]

_STARTS: Final = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_BOX: Final = "gate_everywhere"


@cache
def gate(number: int = 0) -> Gate:
    """Return the gate with this number; two of them filter one after the other."""
    # Some suites compare everything that is logged.
    logging.getLogger("cookiegate").setLevel(logging.CRITICAL)
    registry = Registry.load(Path(__file__).with_name(f"{VARIANT}.toml"))
    return Gate(registry, "k" * 32, secure=False, on_error=seen.failed)


def asgi(app: Any) -> Any:
    """Return an ASGI application behind the gate; an application that is already is returned."""
    return app if app is None or isinstance(app, _AsgiApp) else _AsgiApp(app)


def wsgi(app: Any, number: int = 0) -> Any:
    """Return a WSGI application behind the gate with this number, as `asgi` does."""
    return app if app is None or isinstance(app, _WsgiApp) else _WsgiApp(app, number)


class _AsgiApp:
    def __init__(self, app: Any) -> None:
        self.__wrapped__ = app
        self._gated = asgi_adapter.CookieGateMiddleware(self._inner, gate())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("type") not in ("http", "websocket"):
            await self.__wrapped__(scope, receive, send)
            return
        outside = scope.get(_BOX)
        box: list[Any] = [None]
        scope[_BOX] = box

        def leave(message: Any) -> Any:
            if message["type"] in _STARTS:
                seen.compare(f"asgi {message['type']}", box[0], _headers(message))
            return send(message)

        try:
            await self._gated(scope, receive, leave)
        finally:
            if outside is None:
                scope.pop(_BOX, None)
            else:
                scope[_BOX] = outside

    async def _inner(self, scope: Any, receive: Any, send: Any) -> None:
        box = scope.get(_BOX)

        def enter(message: Any) -> Any:
            if box is not None and message["type"] in _STARTS:
                if isinstance(message.get("headers"), Iterator):
                    # It can be read only once.
                    pairs = list(message["headers"])
                    message = {**message, "headers": iter(pairs)}
                    box[0] = seen.plain(pairs)
                else:
                    box[0] = _headers(message)
            return send(message)

        await self.__wrapped__(scope, receive, enter)


class _WsgiApp:
    def __init__(self, app: Any, number: int) -> None:
        self.__wrapped__ = app
        self._number = number

    def __call__(self, environ: Any, start_response: Any) -> Any:
        entered: list[Any] = [None]

        def inner(environ: Any, start_response: Any) -> Any:
            def enter(status: Any, headers: Any, *args: Any, **kwargs: Any) -> Any:
                entered[0] = seen.plain(headers)
                return start_response(status, headers, *args, **kwargs)

            return self.__wrapped__(environ, enter)

        def leave(status: Any, headers: Any, *args: Any, **kwargs: Any) -> Any:
            seen.compare("wsgi", entered[0], seen.plain(headers))
            return start_response(status, headers, *args, **kwargs)

        return wsgi_adapter.CookieGateMiddleware(inner, gate(self._number))(environ, leave)


def _headers(message: Any) -> Any:
    return seen.plain(message["headers"]) if "headers" in message else "no headers"
