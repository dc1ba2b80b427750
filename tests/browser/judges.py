"""Real browsers: what each stores, and sends back, after responses with unusual cookies."""

import json
import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.server import SECONDS, Server

#: Containers have no user namespaces, no graphics card and a small /dev/shm.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

# Debian's Firefox would look for updates and settings first.
FIREFOX_SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.security.https_first": False,
    "marionette.port": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.forceResolve": "127.0.0.1",
    "toolkit.telemetry.enabled": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A cookie in a browser's jar."""

    name: str
    value: str
    domain: str
    path: str
    secure: bool
    http_only: bool
    same_site: str
    partitioned: bool
    #: Seconds from now; infinite for a session cookie. Two readings differ slightly.
    lives: float = field(compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser stores after some responses, and the Cookie headers that it then sends."""

    jar: tuple[Held, ...]
    sent: tuple[bytes, ...]

    @property
    def names(self) -> set[bytes]:
        """Return the names of the stored cookies, as bytes if they were sent: the jar is text."""
        pairs = [pair for header in self.sent for pair in header.split(b"; ")]
        sent = {pair.partition(b"=")[0] if b"=" in pair else b"" for pair in pairs}
        if len(pairs) == len(self.jar):
            return sent
        return sent | {held.name.encode() for held in self.jar}


class Judge(ABC):
    """A browser with an empty jar, which visits the server."""

    name: str

    def __init__(self, server: Server) -> None:
        self._server = server
        self._answers: dict[tuple[tuple[bytes, ...], ...], Answer] = {}

    def ask(self, *responses: Sequence[bytes]) -> Answer:
        """
        Send the browser responses with these Set-Cookie values, one after the other.

        The answer is remembered.
        """
        question = tuple(map(tuple, responses))
        if question not in self._answers:
            self._empty()
            if held := self._jar():
                raise RuntimeError(f"the jar is not empty at first: {held}")
            for values in responses:
                self._server.values = values
                if not self._fetch("/set/cookie") and b"\0" not in b"".join(values):
                    raise RuntimeError(f"the browser gave up on {values!r}")
            jar = sorted(self._jar(), key=lambda held: (held.name, held.path, held.domain))
            if not self._fetch("/set/echo"):
                raise RuntimeError("the browser gave up on a plain page")
            self._answers[question] = Answer(tuple(jar), self._server.cookies)
        return self._answers[question]

    @abstractmethod
    def _empty(self) -> None:
        """Delete every cookie."""

    @abstractmethod
    def _fetch(self, path: str) -> bool:
        """Fetch a page of the server from another. Return whether a response arrived."""

    @abstractmethod
    def _jar(self) -> list[Held]:
        """Return every stored cookie, of all hosts and paths."""


class Chromium(Judge):
    """Debian's Chromium, over the DevTools protocol."""

    name = "chromium"

    def __init__(self, server: Server, page: Page, devtools: CDPSession) -> None:
        super().__init__(server)
        self._page = page
        self._devtools = devtools
        page.goto(f"{server.origin}/set/page")

    def _empty(self) -> None:
        self._devtools.send("Network.clearBrowserCookies")

    def _fetch(self, path: str) -> bool:
        script = "path => fetch(path, {cache: 'no-store'}).then(() => true, () => false)"
        return bool(self._page.evaluate(script, path))

    def _jar(self) -> list[Held]:
        now = time.time()
        return [
            Held(
                name=cookie["name"],
                value=cookie["value"],
                domain=cookie["domain"],
                path=cookie["path"],
                secure=cookie["secure"],
                http_only=cookie["httpOnly"],
                same_site=cookie.get("sameSite", ""),
                partitioned="partitionKey" in cookie,
                lives=inf if cookie["session"] else cookie["expires"] - now,
            )
            for cookie in self._devtools.send("Network.getAllCookies")["cookies"]
        ]


@contextmanager
def start_chromium(server: Server) -> Iterator[Judge]:
    """Run Chromium while the context lasts."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*CHROMIUM_OPTIONS, "--host-resolver-rules=MAP *.test 127.0.0.1"],
        ) as browser,
        browser.new_context(ignore_https_errors=True) as context,
    ):
        page = context.new_page()
        yield Chromium(server, page, context.new_cdp_session(page))


class Firefox(Judge):
    """Firefox ESR, over its Marionette protocol, which needs no driver."""

    name = "firefox"

    def __init__(self, server: Server, connection: socket.socket) -> None:
        super().__init__(server)
        self._connection = connection
        self._replies = connection.makefile("rb")
        self._receive()  # the greeting
        self._send("WebDriver:NewSession", acceptInsecureCerts=True)
        self._send("WebDriver:Navigate", url=f"{server.origin}/set/page")

    def _receive(self) -> Any:
        length = b""
        while (digit := self._replies.read(1)).isdigit():
            length += digit
        return json.loads(self._replies.read(int(length)))

    def _send(self, command: str, **parameters: object) -> Any:
        message = json.dumps([0, 1, command, parameters]).encode()
        self._connection.sendall(b"%d:%b" % (len(message), message))
        _, _, error, result = self._receive()
        if error is not None:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return result

    def _run(self, script: str, context: str, *arguments: object) -> Any:
        self._send("Marionette:SetContext", value=context)
        reply = self._send("WebDriver:ExecuteScript", script=script, args=arguments)
        return reply["value"]

    def _empty(self) -> None:
        self._run("Services.cookies.removeAll()", "chrome")

    def _fetch(self, path: str) -> bool:
        script = "return fetch(arguments[0], {cache: 'no-store'}).then(() => true, () => false)"
        return bool(self._run(script, "content", path))

    def _jar(self) -> list[Held]:
        now = time.time()
        script = """
            return Services.cookies.cookies.map(cookie => ({
                name: cookie.name, value: cookie.value, domain: cookie.host, path: cookie.path,
                secure: cookie.isSecure, http_only: cookie.isHttpOnly,
                same_site: String(cookie.sameSite), partitioned: cookie.isPartitioned,
                expires: cookie.isSession ? null : cookie.expiry / 1000,
            }))
        """
        return [
            Held(**cookie, lives=inf if expires is None else expires - now)
            for cookie in self._run(script, "chrome")
            for expires in [cookie.pop("expires")]
        ]


@contextmanager
def start_firefox(server: Server) -> Iterator[Judge]:
    """Run Firefox, in a new profile, while the context lasts."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = [
            f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in FIREFOX_SETTINGS.items()
        ]
        (Path(folder) / "user.js").write_text("\n".join(settings))
        process = subprocess.Popen(
            [
                *("firefox-esr", "--headless", "--no-remote", "--profile", folder),
                *("--marionette", "--remote-allow-system-access"),
            ],
            env={**os.environ, "HOME": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port = _port(process, Path(folder) / "MarionetteActivePort")
            with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
                yield Firefox(server, connection)
        finally:
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _port(process: subprocess.Popen[bytes], file: Path) -> int:
    # Firefox picks a free port and writes it down once it listens.
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists() and (text := file.read_text()):
            return int(text)
        time.sleep(0.05)
    raise RuntimeError(f"Firefox did not start; it ended with {process.poll()}")


#: How to start each: a context that yields the judge.
JUDGES: dict[str, Callable[[Server], AbstractContextManager[Judge]]] = {
    "chromium": start_chromium,
    "firefox": start_firefox,
}
