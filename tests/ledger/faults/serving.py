"""Starts the site of these tests, and says where it is and how it is."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec

from cookiegate.ledger import Health
from tests.ledger.faults.site import HEALTH, TOLD, Told
from tests.ledger.faults.waits import ROOT, SECONDS, await_that, children_of

__all__ = ["HOST", "Server", "Site", "serve"]

#: uvicorn for ASGI; gunicorn for WSGI, with two processes or with one.
Server = Literal["uvicorn", "gunicorn", "gunicorn, one"]

HOST: Final = "127.0.0.1"


class Site:
    """
    A site that is served.

    Args:
        port: Where, on the loopback.
        process: Of the one that makes serving processes anew.
        told: What it was told.
        log: The file that its errors are in.
    """

    def __init__(self, port: int, process: int, told: Told, log: Path) -> None:
        self.port = port
        self.process = process
        self.told = told
        self.log = log

    def serving(self) -> list[int]:
        """The ids of the processes that serve now."""
        return children_of(self.process)

    def await_gone(self, process: int) -> None:
        """Return when a process that was killed serves no more."""
        await_that(lambda: process not in self.serving(), f"{process} is gone")

    def health(self) -> Health:
        """How the ledger is, of the process that happens to answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=SECONDS)
        try:
            connection.request("GET", HEALTH)
            return msgspec.json.decode(connection.getresponse().read(), type=Health)
        finally:
            connection.close()

    def await_drained(self) -> None:
        """Return when nothing waits in the spool any more."""
        folder = Path(self.told.spool)
        await_that(lambda: not list(folder.glob("*.spool")), f"{folder} is drained; {self.log}")


@contextmanager
def serve(server: Server, told: Told, log: Path) -> Iterator[Site]:
    """
    Serve the site while the context lasts; it ends as a site does, and writes what waits.

    Args:
        server: By which server.
        told: What it is told.
        log: The file for its errors.
    """
    with socket.create_server((HOST, 0), backlog=256) as listener, log.open("ab") as errors:
        number = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", *_program(server, number)],
            cwd=ROOT,
            env={**os.environ, TOLD: msgspec.json.encode(told).decode()},
            pass_fds=[number],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        site = Site(listener.getsockname()[1], process.pid, told, log)
        try:
            site.health()
            yield site
        finally:
            children = site.serving() if process.poll() is None else []
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                for one in (*children, process.pid):
                    os.kill(one, signal.SIGKILL)
                process.wait()
                raise
        assert process.returncode == 0, log.read_text()


def _program(server: Server, number: int) -> list[str]:
    if server == "uvicorn":
        return ["tests.ledger.faults.site", str(number)]
    return [
        "gunicorn",
        *("--bind", f"fd://{number}", "--worker-class", "gthread", "--threads", "6"),
        # The ledger is made before it forks: each process has to begin anew.
        *("--workers", "2" if server == "gunicorn" else "1", "--preload"),
        *("--graceful-timeout", "10", "--log-level", "error", "--no-control-socket"),
        "tests.ledger.faults.site:make_wsgi()",
    ]
