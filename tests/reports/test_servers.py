"""Counts outlive a server that a signal ends, whatever the server does with the signal."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

from cookiegate.reports.sqlite import CountsFile
from tests.cli.runs import call
from tests.ledger.faults.waits import ROOT, SECONDS, await_that
from tests.reports.site import FILE

pytestmark = pytest.mark.slow

#: Servers of WSGI end at once, or after the exit functions of Python.
WSGI = {
    "flask": "flask --app tests.reports.site:flask_site run --port 0 --with-threads",
    "waitress": "waitress --listen 127.0.0.1:0 --call tests.reports.site:flask_site",
    "gunicorn": "gunicorn --bind 127.0.0.1:0 --no-control-socket tests.reports.site:flask_site()",
    "granian": "granian --interface wsgi --factory --uds {socket} tests.reports.site:flask_site",
}
#: Servers of ASGI tell the application that they stop.
ASGI = {
    "uvicorn": "uvicorn --port 0 --factory tests.reports.site:make_asgi",
    # Without workers: in the process above them, a signal may meet a lock that it needs itself.
    "hypercorn": "hypercorn --workers 0 --bind 127.0.0.1:0 tests.reports.site:make_asgi()",
    "granian": "granian --interface asgi --factory --uds {socket} tests.reports.site:make_asgi",
}


class Site(NamedTuple):
    """A running site."""

    process: subprocess.Popen[bytes]
    address: str | int
    file: CountsFile

    def get(self, path: str) -> None:
        """Request a page."""
        with closing(HTTPConnection("127.0.0.1")) as connection:
            connection.sock = connect(self.address)
            connection.request("GET", path)
            assert connection.getresponse().read() in (b"one", b"none")

    def stop(self) -> None:
        """Send SIGTERM, and wait for the end."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(SECONDS)

    def counted(self) -> int:
        """Return how many cookies the file has."""
        return sum(row.count for row in self.file.read())


def connect(address: str | int) -> socket.socket:
    """Connect to a socket's path or a port."""
    if isinstance(address, int):
        return socket.create_connection(("127.0.0.1", address), SECONDS)
    found = socket.socket(socket.AF_UNIX)
    try:
        found.settimeout(SECONDS)
        found.connect(address)
    except OSError:
        found.close()
        raise
    return found


@contextmanager
def running(command: str, folder: Path) -> Iterator[Site]:
    """Run a server, and await that it answers."""
    path, log, file = folder / "socket", folder / "log", folder / "counts.db"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command.format(socket=path).split()],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", FILE: str(file), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:

        def address() -> str | int:
            found = re.search(r"http://127\.0\.0\.1:([1-9][0-9]*)", log.read_text())
            return int(found[1]) if found else str(path)

        def is_there() -> bool:
            assert process.poll() is None, log.read_text()
            with suppress(OSError):
                connect(address()).close()
                return True
            return False

        await_that(is_there, f"{command} listens; {log}")
        yield Site(process, address(), CountsFile(file))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("server", WSGI)
def test_counts_get_into_the_file_at_once_and_outlive_a_signal(server: str, tmp_path: Path) -> None:
    with running(WSGI[server], tmp_path) as site:
        site.get("/cookie")
        await_that(lambda: site.counted() == 1, "the first cookie is counted")
        site.get("/cookie")
        site.get("/cookie")
        await_that(lambda: site.counted() == 3, "all cookies are counted")
        site.stop()
        assert site.counted() == 3


@pytest.mark.parametrize("server", ASGI)
def test_a_server_that_announces_its_end_loses_no_count(server: str, tmp_path: Path) -> None:
    with running(ASGI[server], tmp_path) as site:
        for _ in range(20):
            site.get("/cookie")
        site.stop()
        assert site.counted() == 20


@pytest.mark.parametrize("command", [WSGI["waitress"], ASGI["uvicorn"]])
def test_a_site_without_cookies_has_a_report(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with running(command, tmp_path) as site:
        site.get("/")
        ended = call("report", str(site.file.path))
        assert ended.exit_code == 0
        site.stop()
    assert "No cookies" in ended.stdout
