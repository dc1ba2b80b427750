"""A browser for the pages: the real middleware, without a server."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from cookiegate import Choice, Consent, Gate, NotKeptError, Registry
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.consent.recording import Kept
from cookiegate.pages import Pages
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.registries import KEY, NOON

Pair = tuple[bytes, bytes]

TEXT = """[site]
name = "Shop & Co"
id = "shop"
languages = ["en", "sv"]
version = 2
consent_days = 90
refusal_days = 180
{site}
[policy]
{policy}
[controller]
name = "Shop Ltd"
email = "shop@example.com"
address = "Street 1"
dpo = "Dee Po"
privacy_policy.en = "https://shop.example/privacy"
[[authorities]]
name = "DPA"
url = "https://dpa.example"
[[authorities]]
name = "Other"
[categories.essential]
required = true
title.en = "Essential"
[categories.functional]
survives_signal = ["dnt"]
title.en = "Functional"
[categories.analysis]
title = {{ en = "Analysis", sv = "Analys" }}
description.en = "Counts <b>visits</b>."
without.en = "Nothing."
[categories.marketing]
[services.google]
provider = "Google"
category = "marketing"
domain = "google.com"
links = [
    {{ kind = "policy", url = "https://google.example/policy" }},
    {{ kind = "opt_out", url = "https://google.example/out" }},
]
purpose.en = "Advertises."
[services.plain]
category = "marketing"
[services.unused]
provider = "Nobody"
[[cookies]]
name = "sid"
category = "essential"
expires = "session"
set_by = "server"
necessary.en = "You could not log in."
[[cookies]]
name = ["_ga", "_ga_*"]
category = "analysis"
label.en = "Counter"
expires = "730 days"
set_by = "script"
purpose.en = ["Counts.", "Sums."]
when.en = "on each page"
unconfirmed = true
[[cookies]]
name = "NID"
service = "google"
expires = "never"
set_by = "third_party"
[[cookies]]
name = "thing"
service = "plain"
kind = "local_storage"
[[cookies]]
name = "here"
category = "marketing"
domain = "shop.example"
"""


def registry(site: str = "", policy: str = "", more: str = "") -> Registry:
    return Registry.parse(TEXT.format(site=site, policy=policy) + more)


class Response:
    """A response, as the browser received it."""

    def __init__(self, status: int, headers: Iterable[Pair], body: bytes) -> None:
        self.status = status
        self.headers = list(headers)
        self.body = body
        self.text = body.decode()

    def all(self, name: bytes) -> list[str]:
        return [value.decode() for one, value in self.headers if one.lower() == name]

    def one(self, name: bytes) -> str:
        (value,) = self.all(name)
        return value


class MemoryRecorder:
    """A recorder in memory; while it is down, it rejects choices that allow more."""

    def __init__(self, kept: Kept | None = None) -> None:
        self.choices: list[Choice] = []
        self.is_down = False
        if kept is not None:
            self.kept = kept

    def commit(self, choice: Choice) -> None:
        if self.is_down and choice.widens:
            raise NotKeptError("the test's recorder is down")
        self.choices.append(choice)


class AsyncMemoryRecorder:
    """The same for ASGI."""

    def __init__(self, recorder: MemoryRecorder) -> None:
        self._recorder = recorder
        self.kept = getattr(recorder, "kept", None)

    async def commit(self, choice: Choice) -> None:
        self._recorder.commit(choice)


class Browser:
    """Sends requests through the middleware of an adapter, and keeps cookies as browsers do."""

    def __init__(self, adapter: str, *, root: str = "", **options: Any) -> None:
        pages = {key: options.pop(key) for key in list(options) if key in PAGES_OPTIONS}
        recorder = options.pop("recorder", None)
        self.recorder: Any = None
        if recorder is not None:
            self.recorder = AsyncMemoryRecorder(recorder) if adapter == "asgi" else recorder
        self.now = float(NOON)
        loaded = options.pop("registry", None) or registry()
        options = {"secure": False, **options}
        self.gate = Gate(loaded, KEY, clock=lambda: self.now, **options)
        self.pages = Pages(self.gate, **pages)
        self.root = root
        self.adapter = adapter
        #: The address that the server reports; None if it reports none.
        self.address: str | None = None
        self.jar: dict[str, str] = {}
        self.sent: list[Pair] = [(b"sec-fetch-site", b"same-origin")]
        self.seen: list[Any] = []

    def get(self, path: str, *headers: Pair, method: str = "GET") -> Response:
        return self.send(method, path, b"", headers)

    def post(self, path: str, fields: dict[str, Any], *headers: Pair) -> Response:
        body = urlencode(fields, doseq=True).encode()
        kind = (b"content-type", b"application/x-www-form-urlencoded")
        return self.send("POST", path, body, (kind, *headers))

    def send(self, method: str, path: str, body: bytes, headers: Iterable[Pair]) -> Response:
        path, _, query = path.partition("?")
        every = [(b"host", b"shop.example"), *self.sent, *headers]
        if self.jar:
            every.append((b"cookie", "; ".join(f"{k}={v}" for k, v in self.jar.items()).encode()))
        run = self._asgi if self.adapter == "asgi" else self._wsgi
        response = run(method, path, query, every, body)
        for value in response.all(b"set-cookie"):
            name, _, rest = value.partition("=")
            if "Max-Age=0" in rest:
                self.jar.pop(name, None)
            else:
                self.jar[name] = rest.partition(";")[0]
        return response

    def token(self, html: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', html)
        return found[1] if found else ""

    def _asgi(
        self, method: str, path: str, query: str, headers: list[Pair], body: bytes
    ) -> Response:
        import asyncio

        async def app(scope: Any, receive: Any, send: Any) -> None:
            self.seen.append(scope)
            text = scope["cookiegate.pages"].banner
            from cookiegate.pages.asgi import request_of

            html = text(request_of(scope), scope["cookiegate"], cacheable="cached" in path)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": html.encode()})

        scope = {
            "type": "http",
            "method": method,
            "path": self.root + path,
            "root_path": self.root,
            "query_string": query.encode(),
            "headers": headers,
            "client": self.address and (self.address, 50_000),
        }
        incoming = [
            {"type": "http.request", "body": body[:7], "more_body": True},
            {"type": "http.request", "body": body[7:]},
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            return incoming.pop(0) if incoming else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        gate = AsgiGate(app, self.gate, pages=self.pages, recorder=self.recorder)
        asyncio.run(gate(scope, receive, send))
        return Response(sent[0]["status"], sent[0]["headers"], sent[1].get("body", b""))

    def _wsgi(
        self, method: str, path: str, query: str, headers: list[Pair], body: bytes
    ) -> Response:
        from io import BytesIO

        from cookiegate.pages.wsgi import request_of

        def app(environ: Any, start_response: Any) -> Iterable[bytes]:
            self.seen.append(environ)
            banner = environ["cookiegate.pages"].banner
            visit = environ["cookiegate.visit"]
            html = banner(request_of(environ), visit, cacheable="cached" in path)
            start_response("200 OK", [])
            return [html.encode()]

        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "SCRIPT_NAME": self.root,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        if self.address is not None:
            environ["REMOTE_ADDR"] = self.address
        for name, value in headers:
            key = name.decode().upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.decode("latin-1")
        started: list[Any] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            started.append((status, headers))

        gate = WsgiGate(app, self.gate, pages=self.pages, recorder=self.recorder)
        chunks = gate(environ, start)
        body = b"".join(chunks)
        status, own = started[0]
        pairs = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in own]
        return Response(int(status.split()[0]), pairs, body)


PAGES_OPTIONS = (
    *("path", "hosts", "templates", "choices_per_second", "choices_at_once", "on_banner"),
    *("layout", "settings_button", "stylesheet"),
)


JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")
OTHER = (b"sec-fetch-site", b"cross-site")

Browse = Callable[..., "Browser"]


def consent(browser: "Browser") -> Consent:
    """What the gate reads of a browser's jar."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.jar.items())
    return browser.gate.read([(b"cookie", cookies.encode())])


def fields(page: Response) -> dict[str, str]:
    """The hidden fields of a page's last form, which makes choices."""
    form = page.text.rpartition("<form")[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def names(html: str) -> set[str]:
    """The names of cookies that a page lists."""
    found = re.findall(r'<code dir="ltr">(.*?)</code>', html)
    return {name.replace("<wbr>", "") for name in found}


def switches(html: str) -> dict[str, tuple[bool, bool]]:
    """By category: whether its switch is on, and whether it cannot be moved."""
    found = re.findall(r'name="category" value="(\w+)"([^>]*)>', html)
    return {id: (" checked" in rest, " disabled" in rest) for id, rest in found}
