"""An https server on the loopback that sends header values as they are, byte for byte.

No server library writes a NUL, a bare CR or a folded line; a socket does.
"""

import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile

import trustme

#: Browsers resolve this name to the loopback.
HOST = "www.cg.test"
# A browser that hangs must not hang the tests.
SECONDS = 20


class Server(socketserver.ThreadingTCPServer):
    """A server for one visitor, with the next Set-Cookie values and the last Cookie headers."""

    #: The Set-Cookie values with which /set/cookie answers.
    values: Sequence[bytes] = ()
    #: The Cookie headers of the last request for /set/echo.
    cookies: tuple[bytes, ...] = ()

    def __init__(self) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert(HOST).configure_cert(self.tls)
        super().__init__(("127.0.0.1", 0), _Connection)
        self.origin = f"https://{HOST}:{self.server_address[1]}"


class _Connection(socketserver.StreamRequestHandler):
    server: Server
    timeout = SECONDS

    def handle(self) -> None:
        # A browser that ends closes connections at any time.
        with (
            suppress(OSError),
            self.server.tls.wrap_socket(self.connection, server_side=True) as connection,
            connection.makefile("rb") as reader,
        ):
            while line := reader.readline():
                lines = list(takewhile(bytes.strip, iter(reader.readline, b"")))
                connection.sendall(self._answer(line.split(b" ")[1], lines))

    def _answer(self, path: bytes, lines: list[bytes]) -> bytes:
        head = [b"HTTP/1.1 200 OK", b"Content-Type: text/html", b"Content-Length: 0"]
        if path == b"/set/cookie":
            head += [b"Set-Cookie: " + value for value in self.server.values]
        elif path == b"/set/echo":
            pairs = [line.removesuffix(b"\r\n").partition(b":") for line in lines]
            self.server.cookies = tuple(
                value.removeprefix(b" ") for name, _, value in pairs if name.lower() == b"cookie"
            )
        return b"\r\n".join([*head, b"", b""])


@contextmanager
def serve() -> Iterator[Server]:
    """Serve while the context lasts. Browsers must end before it does."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
