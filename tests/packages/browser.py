"""A browser for one site, which notes each Set-Cookie header that reaches it."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate

__all__ = ["Answer", "Browser", "Site"]

Headers = list[tuple[str, str]]


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: Headers
    text: str

    def header(self, name: str) -> str:
        """Return a header's first value, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")


#: Sends a method, a path, headers and a body.
Send = Callable[[str, str, Headers, bytes], Answer]


class Browser:
    """
    Keeps cookies by name, and sends all of them with each request.

    Args:
        send: How to reach the site.
        seen: The list that receives each Set-Cookie header.
    """

    def __init__(self, send: Send, seen: list[str]) -> None:
        self._send = send
        self._seen = seen
        self.jar: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        """Load a page. In names of headers, "_" stands for "-"."""
        return self._request("GET", path, headers, b"")

    def post(self, path: str, form: Any = None, data: Any = None, **headers: str) -> Answer:
        """Send a form, or data as JSON."""
        headers.setdefault("origin", "http://localhost")
        if data is not None:
            headers["content_type"] = "application/json"
            return self._request("POST", path, headers, json.dumps(data).encode())
        headers["content_type"] = "application/x-www-form-urlencoded"
        return self._request("POST", path, headers, urlencode(form or {}).encode())

    def _request(self, method: str, path: str, extra: dict[str, str], body: bytes) -> Answer:
        headers = [("host", "localhost"), *((k.replace("_", "-"), v) for k, v in extra.items())]
        if body or method == "POST":
            headers.append(("content-length", str(len(body))))
        if self.jar:
            pairs = "; ".join(f"{name}={value}" for name, value in self.jar.items())
            headers.append(("cookie", pairs))
        answer = self._send(method, path, headers, body)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self._seen.append(value)
                cookie, _, attributes = value.partition(";")
                key, _, content = cookie.partition("=")
                self.jar[key.strip()] = content.strip()
                if "max-age=0" in attributes.lower() or "1970" in attributes:
                    self.jar.pop(key.strip(), None)
        return answer


class Site:
    """
    Opens browsers on applications, with the gate around them or without.

    Args:
        gate: The gate, or None.
    """

    def __init__(self, gate: Gate | None) -> None:
        self._gate = gate
        #: The Set-Cookie headers that reached a browser.
        self.seen: list[str] = []

    def wsgi(self, app: Any) -> Browser:
        """Open a WSGI application."""
        return Browser(_by_wsgi(WsgiGate(app, self._gate) if self._gate else app), self.seen)

    def asgi(self, app: Any) -> Browser:
        """Open an ASGI application, and start its lifespan."""
        return Browser(_by_asgi(AsgiGate(app, self._gate) if self._gate else app), self.seen)

    def server(self, port: int) -> Browser:
        """Open a server that is neither, so that no gate can be around it."""
        return Browser(_by_http(port), self.seen)


def _by_wsgi(app: Any) -> Send:
    def send(method: str, path: str, headers: Headers, body: bytes) -> Answer:
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers:
            key = name.upper().replace("-", "_")
            environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        started: list[Any] = []
        written: list[bytes] = []

        def start_response(status: str, found: Headers, exc_info: Any = None) -> Any:
            started[:] = [status, found]
            return written.append

        chunks = app(environ, start_response)
        try:
            written.extend(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        text = b"".join(written).decode("utf-8", "replace")
        return Answer(int(started[0].split()[0]), list(started[1]), text)

    return send


def _by_asgi(app: Any) -> Send:
    runner = asyncio.Runner()
    runner.run(_start(app))

    def send(method: str, path: str, headers: Headers, body: bytes) -> Answer:
        return runner.run(_request(app, method, path, headers, body))

    return send


async def _start(app: Any) -> None:
    """Start the lifespan, and leave it running."""
    started = asyncio.Event()
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    await messages.put({"type": "lifespan.startup"})

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "lifespan.startup.failed":
            print(message.get("message"), file=sys.stderr)
        started.set()

    async def live() -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        try:
            await app(scope, messages.get, send)
        finally:
            # An application without a lifespan raises.
            started.set()

    _LIVING.append(asyncio.ensure_future(live()))
    await started.wait()


#: The loop holds its tasks weakly.
_LIVING: list[Any] = []


async def _request(app: Any, method: str, path: str, headers: Headers, body: bytes) -> Answer:
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1234),
        "server": ("localhost", 80),
        "state": {},
    }
    sent: list[dict[str, Any]] = []
    complete = asyncio.Event()
    incoming = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop()
        await complete.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            complete.set()

    await app(scope, receive, send)
    start = next(one for one in sent if one["type"] == "http.response.start")
    found = [
        (bytes(key).decode("latin-1"), bytes(value).decode("latin-1"))
        for key, value in start["headers"]
    ]
    chunks = (one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    return Answer(start["status"], found, b"".join(chunks).decode("utf-8", "replace"))


def _by_http(port: int) -> Send:
    def send(method: str, path: str, headers: Headers, body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body or None)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            return Answer(response.status, response.getheaders(), text)
        finally:
            connection.close()

    return send
