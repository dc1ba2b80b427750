"""Deletions pass nginx, which answers 502 to headers that do not fit into its buffer."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any

import pytest

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.pages import Pages
from serving import serve_asgi
from tests.pages.support import registry
from tests.registries import KEY, NOON

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.long]

# Debian's page is 4 KB, as on most machines; nginx takes one page unless it is configured.
CONFIG = """
pid {folder}/pid;
error_log stderr crit;
daemon off;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    large_client_header_buffers 8 32k;
    server {{
        listen unix:{folder}/socket;
        location / {{
            proxy_pass http://127.0.0.1:{port};
            proxy_set_header Host shop.example;
            proxy_buffer_size 4k;
        }}
    }}
}}
"""
GATE = Gate(registry(), KEY, clock=lambda: float(NOON))
SIZES = {"a": 900, "b": 900, "c": 400, "d": 9, "e": 9, "f": 9}
NAMES = ["_ga_" + letter * size for letter, size in SIZES.items()]


async def site(scope: Any, receive: Any, send: Any) -> None:
    size = int(scope["path"].removeprefix("/"))
    headers = [(b"content-type", b"text/html"), (b"x-policy", b"x" * size)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"page"})


class UnixConnection(HTTPConnection):
    """A connection to a server at a path of the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("shop.example")
        self._path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.connect(str(self._path))


@pytest.fixture(scope="module")
def nginx() -> Iterator[Path]:
    app = CookieGateMiddleware(site, GATE, pages=Pages(GATE))
    program = shutil.which("nginx")
    assert program is not None
    with tempfile.TemporaryDirectory() as name, serve_asgi(app) as port:
        folder = Path(name)
        folder.chmod(0o755)
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, port=port))
        server = subprocess.Popen([program, "-p", name, "-c", str(config), "-e", "stderr"])
        try:
            deadline = time.monotonic() + 60
            while not (folder / "socket").exists():
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield folder / "socket"
        finally:
            server.terminate()
            server.wait(60)


def ask(
    nginx: Path, method: str, path: str, jar: dict[str, str], body: str = ""
) -> tuple[int, HTTPMessage]:
    """Send a request as a browser does, and keep the cookies of the answer."""
    connection = UnixConnection(nginx)
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()),
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Dest": "document",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    for line in response.headers.get_all("set-cookie", []):
        name, _, rest = line.partition("=")
        if "Max-Age=0" not in rest:
            jar[name] = rest.partition(";")[0]
        elif "Domain" not in rest and "Partitioned" not in rest:
            jar.pop(name, None)
    return response.status, response.headers


def test_headers_beyond_the_buffer_are_a_502(nginx: Path) -> None:
    assert ask(nginx, "GET", "/3000", {})[0] == 200
    assert ask(nginx, "GET", "/4200", {})[0] == 502


@pytest.mark.parametrize("answer", ["none", "withdraw"])
def test_a_refusal_with_long_names_is_answered_and_deletes_them_all(
    nginx: Path, answer: str
) -> None:
    jar = {**dict.fromkeys(NAMES, "1"), "sid": "2"}
    if answer == "withdraw":
        assert ask(nginx, "POST", "/cookies", jar, "answer=all")[0] == 200
    assert ask(nginx, "POST", "/cookies", jar, f"answer={answer}")[0] == 200
    for _ in range(5):
        assert ask(nginx, "GET", "/cookies", jar)[0] == 200
    assert set(jar) == {"__Host-cookiegate", "sid"}


@pytest.mark.parametrize("size", [0, 1000, 2000, 2500, 2900, 3000, 3300, 3500, 3700, 3800])
def test_a_page_passes_whatever_it_weighs_and_whatever_is_swept(nginx: Path, size: int) -> None:
    for names in (NAMES, NAMES[3:], [f"_ga_{number}" for number in range(80)]):
        jar = dict.fromkeys(names, "1")
        jar["__Host-cookiegate"] = GATE.issue([]).partition(";")[0].partition("=")[2]
        assert ask(nginx, "GET", f"/{size}", dict(jar))[0] == 200
