"""Start servers on free ports, with one worker each, and end them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["AROUND", "SERVERS", "SITE", "STRIPPED", "Server", "serve"]

#: What the variables of the environment say to `application.py`: the site, what is around it, and
#: the lengths of the Set-Cookie values that the gate strips.
SITE, AROUND, STRIPPED = (f"COOKIEGATE_BENCH_{name}" for name in ("SITE", "AROUND", "STRIPPED"))

_APPLICATION = "benchmarks.servers.application:application"
_UVICORN = [
    *("uvicorn", _APPLICATION, "--port", "{port}", "--loop", "asyncio", "--lifespan", "off"),
    *("--log-level", "error", "--no-access-log", "--timeout-keep-alive", "60", "--http"),
]
_GRANIAN = ["granian", _APPLICATION, "--port", "{port}", "--workers", "1", "--no-log"]
#: The module and arguments of each server.
SERVERS: Mapping[str, Sequence[str]] = {
    "uvicorn h11": [*_UVICORN, "h11"],
    "uvicorn httptools": [*_UVICORN, "httptools"],
    "granian ASGI": [*_GRANIAN, "--interface", "asginl"],
    "granian WSGI": [*_GRANIAN, "--interface", "wsgi"],
    "gunicorn": [
        *("gunicorn", _APPLICATION, "--bind", "127.0.0.1:{port}", "--log-level", "error"),
        *("--workers", "1", "--threads", "4", "--keep-alive", "60"),
    ],
}
# Valgrind starts Django in about a minute.
_PATIENCE = 180.0


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int

    def processes(self) -> list[int]:
        """Return the process and its descendants, on Linux."""
        found = [self.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*"):
                found += [int(child) for child in (task / "children").read_text().split()]
        return found

    def seconds(self) -> float:
        """Return the processor time that its processes have taken, on Linux."""
        clocks = (
            path.read_text().split()[0]
            for pid in self.processes()
            for path in Path(f"/proc/{pid}/task").glob("*/schedstat")
        )
        return sum(map(int, clocks)) / 1e9


@contextmanager
def serve(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    under: Sequence[str] = (),
) -> Iterator[Server]:
    """
    Run a server.

    Args:
        command: A module and its arguments, with the field {port}.
        environment: Variables in addition to those of this process.
        under: The command that runs the interpreter, such as valgrind's.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    filled = [part.format(port=port) for part in command]
    process = subprocess.Popen(
        [*under, sys.executable, "-m", *filled],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if under else None,
    )
    try:
        _wait(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"a server did not begin to listen within {_PATIENCE:.0f} seconds")
