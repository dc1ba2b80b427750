"""A site whose pages the tests write, and what they do with it in Chromium."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect
from werkzeug.wrappers import Request as Call
from werkzeug.wrappers import Response

from cookiegate import Gate, Registry
from cookiegate.pages import Pages
from cookiegate.pages.wsgi import request_of
from cookiegate.tags import consent_mode_script, gated_script
from cookiegate.wsgi import CookieGateMiddleware
from serving import serve_wsgi

SOURCE = """[site]
name = "Shop"
languages = ["en", "sv"]
[categories.essential]
required = true
[categories.analysis]
consent_mode = ["analytics_storage"]
[categories.marketing]
consent_mode = ["ad_storage"]
[services.filmhouse]
provider = "Filmhouse"
category = "marketing"
purpose.en = "Filmhouse counts who watches."
[[cookies]]
name = "_ga"
category = "analysis"
[[cookies]]
name = "_fbp"
category = "marketing"
"""
REGISTRY = Registry.parse(SOURCE)
NONCE = "n0nce"
# What a test's scripts write to.
RAN = "<script nonce='n0nce'>window.ran ??= []</script>"
FILM = '<iframe id="film" title="Film" data-cookiegate="marketing" data-cookiegate-src="/film">'
EVENTS = """window.events = [];
document.addEventListener("cookiegate", (event) => events.push(event.detail))"""


@dataclass
class Shop:
    """A site whose pages the tests write."""

    gate: Gate
    #: The body of each page, with "{banner}" and the like, by path.
    bodies: dict[str, str] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    #: What stands in the head of each page.
    head: str = ""
    #: Scripts by path.
    scripts: dict[str, bytes] = field(default_factory=dict)
    #: Set once "/js/second.js" was asked for: until then "/js/first.js" does not arrive.
    second: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def __post_init__(self) -> None:
        self.pages = Pages(self.gate)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        path = Call(environ).path
        if path.startswith("/js/"):
            response = self._script(path.removeprefix("/js/").removesuffix(".js"))
        elif path in self.scripts:
            response = Response(self.scripts[path], mimetype="text/javascript")
        elif path in self.bodies:
            response = Response(self._page(environ, path), mimetype="text/html")
        else:
            response = Response(f"<p>{path}</p>", mimetype="text/html")
        if path in self.policies:
            response.headers["Content-Security-Policy"] = self.policies[path]
        return response(environ, start_response)

    def _script(self, name: str) -> Response:
        if name == "second":
            self.second.set()
        elif name == "first":
            self.second.wait(10)
        return Response(f"window.ran.push({name!r})", mimetype="text/javascript")

    def _page(self, environ: Any, path: str) -> str:
        visit = environ["cookiegate.visit"]
        nonce = NONCE if path in self.policies else None

        def banner(*, cacheable: bool = False) -> str:
            call = request_of(environ)
            return self.pages.banner(call, visit, nonce=nonce, cacheable=cacheable)

        body = self.bodies[path]
        while "{banner}" in body:
            body = body.replace("{banner}", banner(), 1)
        while "{cacheable}" in body:
            body = body.replace("{cacheable}", banner(cacheable=True), 1)
        body = body.replace("{mode}", consent_mode_script(visit))
        frame = self.pages.frame(
            request_of(environ),
            visit,
            "marketing",
            src=f"{self.address}/film",
            title="The film",
            service="filmhouse",
        )
        body = body.replace("{frame}", frame)
        body = body.replace("{gated}", gated_script(visit, "analysis", src="/js/gated.js"))
        head = f"<title>Shop</title>{self.head}"
        return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'

    def open(self, context: BrowserContext, body: str = "{banner}", path: str = "/") -> Page:
        """Open a page with this body."""
        self.bodies[path] = body
        page = context.new_page()
        page.goto(self.address + path)
        return page


@contextmanager
def serve(gate: Gate, host: str) -> Iterator[Shop]:
    shop = Shop(gate)
    app = CookieGateMiddleware(shop, gate, pages=shop.pages)
    with serve_wsgi(app) as port:
        shop.address = f"http://{host}:{port}"
        yield shop


def puts(page: Page) -> list[Request]:
    """Return a list that collects the choices that a page sends from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "PUT" else None)
    return sent


def wait_for(page: Page, sent: list[Request], count: int) -> list[list[str]]:
    """Wait until a page has sent so many choices. Return what they grant."""
    for _ in range(500):
        if len(sent) >= count:
            break
        page.wait_for_timeout(10)
    return [json.loads(request.post_data or "")["granted"] for request in sent]


def logged(page: Page) -> list[str]:
    """Return a list that collects a page's errors and warnings."""
    lines: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            lines.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: lines.append(f"uncaught: {error}"))
    return lines


def choose(page: Page, *granted: str) -> None:
    page.evaluate("granted => cookiegate.choose(granted).then(() => null)", list(granted))


def accept(page: Page) -> None:
    page.get_by_role("button", name="Accept all").click()
    expect(page.locator("section#cookiegate-banner")).to_be_hidden()


def held(category: str = "analysis", text: str = "", **attributes: str) -> str:
    written = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<script type="text/plain" data-cookiegate="{category}" {written}>{text}</script>'
