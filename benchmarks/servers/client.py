"""One connection to a server, which sends one request after the other."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from typing import Self

from benchmarks.servers.traffic import fill

__all__ = ["Client", "refused_lengths"]

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=\r\n]+)=[^\r\n]*", re.IGNORECASE)


class Client:
    """
    A connection that stays open.

    Args:
        port: The server's port.
        templates: The requests, sent in turn.
    """

    def __init__(self, port: int, templates: list[str]) -> None:
        self.templates = templates
        self.number = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def get(self) -> bytes:
        """
        Send the next request, and return the whole response.

        Raises:
            RuntimeError: The response has another status than 200, or no length.
        """
        self.number += 1
        request = fill(self.templates[self.number % len(self.templates)], self.number)
        self.socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if length is None or b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(received.decode("latin-1"))
        while len(body) < int(length[1]):
            body += self._receive()
        return head + b"\r\n\r\n" + body

    def _receive(self) -> bytes:
        if not (data := self.socket.recv(65536)):
            raise RuntimeError("the server has closed the connection")
        return data


def refused_lengths(response: bytes, names: Iterable[str]) -> list[int]:
    """Return the lengths of the values of the Set-Cookie headers with these names."""
    head = response.partition(b"\r\n\r\n")[0]
    wanted = {name.encode() for name in names}
    return [
        len(found[0]) - len(b"\r\nset-cookie: ")
        for found in _COOKIE.finditer(head)
        if found[1] in wanted
    ]
