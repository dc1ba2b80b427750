"""Starts the site of these tests, and queries its state."""

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
from tests.ledger.faults.site import HEALTH, OPTIONS, SiteOptions
from tests.ledger.faults.waits import ROOT, SECONDS, await_that, children_of

__all__ = ["HOST", "Server", "Site", "serve"]

#: uvicorn for ASGI; gunicorn for WSGI, with two processes or with one.
Server = Literal["uvicorn", "gunicorn", "gunicorn, one"]

HOST: Final = "127.0.0.1"


class Site:
    """
    A running site.

    Args:
        port: Its port on the loopback interface.
        process: The id of the process that starts serving processes.
        options: The options of its ledger.
        log: The file of its standard error.
    """

    def __init__(self, port: int, process: int, options: SiteOptions, log: Path) -> None:
        self.port = port
        self.process = process
        self.options = options
        self.log = log

    def serving(self) -> list[int]:
        """Return the ids of the processes that serve now."""
        return children_of(self.process)

    def await_gone(self, process: int) -> None:
        """Wait until a killed process no longer serves."""
        await_that(lambda: process not in self.serving(), f"{process} has ended")

    def health(self) -> Health:
        """Return the health of the ledger in the process that answers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=SECONDS)
        try:
            connection.request("GET", HEALTH)
            return msgspec.json.decode(connection.getresponse().read(), type=Health)
        finally:
            connection.close()

    def await_drained(self) -> None:
        """Wait until the spool is empty."""
        folder = Path(self.options.spool)
        await_that(lambda: not list(folder.glob("*.spool")), f"{folder} is drained; {self.log}")


@contextmanager
def serve(server: Server, options: SiteOptions, log: Path) -> Iterator[Site]:
    """
    Run the site inside of the context; at the end it stops regularly and commits what is pending.

    Args:
        server: The server program.
        options: The options of its ledger.
        log: The file of its standard error.
    """
    with socket.create_server((HOST, 0), backlog=256) as listener, log.open("ab") as errors:
        number = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", *_program(server, number)],
            cwd=ROOT,
            env={**os.environ, OPTIONS: msgspec.json.encode(options).decode()},
            pass_fds=[number],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        site = Site(listener.getsockname()[1], process.pid, options, log)
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
        # The ledger is created before the fork: each process has to start again.
        *("--workers", "2" if server == "gunicorn" else "1", "--preload"),
        *("--graceful-timeout", "10", "--log-level", "error", "--no-control-socket"),
        "tests.ledger.faults.site:make_wsgi()",
    ]
