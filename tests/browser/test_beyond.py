"""Cookies of scripts and other sites, in Chromium: blocked without consent, later removed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.wrappers import Request, Response

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.pages import Pages
from cookiegate.pages.asgi import request_of as asgi_request
from cookiegate.pages.wsgi import request_of as wsgi_request
from cookiegate.tags import gated_script
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from serving import serve_asgi, serve_wsgi
from tests.browser.judges import CHROMIUM_OPTIONS
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

REGISTRY = """[site]
name = "Shop"
languages = ["en"]
[categories.essential]
required = true
[categories.analysis]
[categories.marketing]
[services.ads]
category = "marketing"
domain = "ads.test"
sources = ["ads.test:{port}"]
[[cookies]]
name = "sid"
category = "essential"
[[cookies]]
name = ["_ga", "_gid"]
category = "analysis"
domain = "shop.test"
[[cookies]]
name = "_fbp"
service = "ads"
[[cookies]]
name = "ad_id"
service = "ads"
[[cookies]]
name = "ga_state"
category = "analysis"
kind = "local_storage"
"""
# The page's script sets cookies with three scopes, and storage.
OWN_SCRIPT = """
document.cookie = "_ga=GA1.1.1111111.1795500000; domain=shop.test; path=/; max-age=9999";
document.cookie = "_gid=GA1.1.2222222.1795500000; path=/deep; max-age=9999";
document.cookie = "_ga=GA1.1.3333333.1795500000; path=/; max-age=9999";
localStorage.setItem("ga_state", "1");
localStorage.setItem("basket", "2");
"""
PAGE = """<!doctype html><html lang="en"><title>Shop</title>
<script src="http://ads.test:{port}/tag.js"></script>
<img src="http://ads.test:{port}/pixel" alt="">
<iframe title="Ad" src="http://ads.test:{port}/frame"></iframe>
{own}
{banner}</html>"""


@dataclass
class ThirdParty:
    """Another site, which counts its requests."""

    port: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        if request.path == "/pay":
            # A payment provider that sends the visitor back by a form.
            back = request.args["back"]
            body = f'<form method="post" action="{back}"><button>Back</button></form>'
            return Response(body, mimetype="text/html")(environ, start_response)
        text = "document.cookie = '_fbp=1; path=/; max-age=9999';" if "tag" in request.path else ""
        kind = "text/javascript" if "tag" in request.path else "text/html"
        response = Response(text, mimetype=kind)
        response.headers.add("Set-Cookie", "ad_id=7; Path=/; Max-Age=9999")
        return response(environ, start_response)


def answer(path: str, port: int, visit: Any, banner: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the shop's response, for every adapter."""
    if path == "/own.js":
        return OWN_SCRIPT, [("content-type", "text/javascript")]
    ads = f"ads.test:{port}"
    policy = (
        f"default-src 'self'; script-src 'self' 'nonce-n1' {ads}; img-src 'self' {ads};"
        f" frame-src {ads}; style-src 'self'"
    )
    own = gated_script(visit, "analysis", src="/own.js", nonce="n1")
    headers = [
        ("content-type", "text/html"),
        ("content-security-policy", policy),
        ("set-cookie", "sid=1; Path=/"),
        ("set-cookie", "_ga=server; Path=/"),
    ]
    return PAGE.format(port=port, own=own, banner=banner), headers


def asgi_site(gate: Gate, port: int) -> Any:
    pages = Pages(gate)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        visit = scope["cookiegate"]
        text, headers = answer(scope["path"], port, visit, pages.banner(asgi_request(scope), visit))
        raw = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": text.encode()})

    return AsgiGate(app, gate, pages=pages)


def wsgi_site(gate: Gate, port: int) -> Any:
    pages = Pages(gate)

    def app(environ: Any, start_response: Any) -> list[bytes]:
        visit = environ["cookiegate.visit"]
        banner = pages.banner(wsgi_request(environ), visit)
        text, headers = answer(environ["PATH_INFO"], port, visit, banner)
        start_response("200 OK", headers)
        return [text.encode()]

    return WsgiGate(app, gate, pages=pages)


@dataclass
class Site:
    """A shop and another site, both running."""

    address: str
    other: ThirdParty

    def open(self, context: BrowserContext, path: str = "/") -> Page:
        page = context.new_page()
        page.goto(self.address + path, wait_until="networkidle")
        return page

    def open_with_consent(self, context: BrowserContext) -> Page:
        """Accept all, and open a page that then sets and loads everything."""
        page = self.open(context)
        page.get_by_role("button", name="Accept all").click()
        expect(page.locator("#cookiegate-banner")).to_be_hidden()
        return self.open(context, "/deep/page")


ADAPTERS: dict[str, tuple[Callable[[Gate, int], Any], Callable[[Any], Any]]] = {
    "asgi": (asgi_site, serve_asgi),
    "wsgi": (wsgi_site, serve_wsgi),
}


@pytest.fixture(params=ADAPTERS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    make, serve = ADAPTERS[request.param]
    other = ThirdParty()
    with ExitStack() as open_:
        other.port = open_.enter_context(serve_wsgi(other))
        registry = Registry.parse(REGISTRY.format(port=other.port))
        gate = Gate(registry, KEY, secure=False)
        port = open_.enter_context(serve(make(gate, other.port)))
        yield Site(f"http://www.shop.test:{port}", other)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # To a browser, each name is another site; all are the loopback.
    rules = "--host-resolver-rules=MAP *.test 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*CHROMIUM_OPTIONS, rules]
        )
        yield browser
        browser.close()


def held(context: BrowserContext) -> set[tuple[str, str, str]]:
    """Return every cookie that the browser stores: name, domain and path."""
    return {
        (one.get("name", ""), one.get("domain", ""), one.get("path", ""))
        for one in context.cookies()
    }


WWW, SHOP = "www.shop.test", ".shop.test"
SID, CHOICE = ("sid", WWW, "/"), ("cookiegate", WWW, "/")
SET_BY_SCRIPTS = {("_ga", WWW, "/"), ("_ga", SHOP, "/"), ("_gid", WWW, "/deep"), ("_fbp", WWW, "/")}


def test_without_consent_nothing_is_loaded_or_stored(browser: Browser, site: Site) -> None:
    with browser.new_context() as context:
        page = site.open(context)
        assert site.other.asked == []
        assert held(context) == {SID}
        assert page.evaluate("localStorage.length") == 0


def test_with_consent_everything_is_loaded_and_a_page_load_after_withdrawal_removes_it(
    browser: Browser, site: Site
) -> None:
    with browser.new_context() as context:
        page = site.open_with_consent(context)
        assert set(site.other.asked) == {"/tag.js", "/pixel", "/frame"}
        assert held(context) >= {SID, CHOICE} | SET_BY_SCRIPTS
        assert page.evaluate("Object.keys(localStorage).sort().join()") == "basket,ga_state"
        # Cookies of a sibling host and of a load balancer, which are not in the registry.
        others = [("sibling", SHOP), ("lb", WWW)]
        context.add_cookies(
            [{"name": n, "value": "1", "domain": d, "path": "/"} for n, d in others]
        )
        page.evaluate("cookiegate.withdraw()")
        expect(page.locator("#cookiegate-link")).to_be_visible()
        site.other.asked.clear()
        page = site.open(context, "/deep/page")
        assert site.other.asked == []
        # The other site's cookies are its own.
        here = {one for one in held(context) if one[1].endswith("shop.test")}
        assert here == {SID, CHOICE, ("sibling", SHOP, "/"), ("lb", WWW, "/")}
        assert page.evaluate("Object.keys(localStorage).join()") == "basket"


def test_a_payment_that_returns_by_a_form_from_another_site_loses_nothing(
    browser: Browser, site: Site
) -> None:
    with browser.new_context() as context:
        page = site.open_with_consent(context)
        before = held(context)
        assert before >= SET_BY_SCRIPTS
        page.goto(f"http://pay.test:{site.other.port}/pay?back={site.address}/deep/paid")
        with page.expect_response("**/deep/paid") as returned:
            page.get_by_role("button", name="Back").click()
        # The browser did not send the consent cookie, but the others.
        sent = returned.value.request.all_headers()["cookie"]
        assert "_ga=" in sent
        assert "cookiegate=" not in sent
        assert returned.value.header_values("set-cookie") == ["sid=1; Path=/"]
        assert held(context) >= before
        expect(page.locator("#cookiegate-banner")).to_have_count(0)


def test_under_a_signal_all_granted_cookies_are_removed(browser: Browser, site: Site) -> None:
    with browser.new_context() as context:
        site.open_with_consent(context)
        assert held(context) >= SET_BY_SCRIPTS
        context.set_extra_http_headers({"Sec-GPC": "1"})
        site.other.asked.clear()
        site.open(context, "/deep/page")
        assert site.other.asked == []
        assert {one for one in held(context) if one[1].endswith("shop.test")} == {SID, CHOICE}
