"""Chromium shows no page from before a choice: copies, prefetched and prerendered pages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.pages import Pages
from serving import serve_asgi
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

TEXT = """[site]
name = "Shop"
id = "shop"
languages = ["en"]
[policy]
added_csp = "script-src 'self' 'unsafe-inline' {tracker}"
[categories.essential]
required = true
[categories.analysis]
[services.tracker]
category = "analysis"
sources = ["{tracker}"]
[[cookies]]
name = "_ga"
service = "tracker"
"""
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
# What the page shows once everything on it has run.
LIVE, HELD = "live", "held"


@dataclass
class Site:
    """A site whose tags name the version of its data alone."""

    origin: str = ""
    tracker: str = ""
    #: For each request of a page: its path, the conditions that the application saw, the status.
    log: list[tuple[str, bool, int]] = field(default_factory=list)
    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        await self.app(scope, receive, send)

    def page(self, request: Request) -> Response:
        """Return a page with the script if it is allowed."""
        allows = request.scope["cookiegate"].allows("analysis")
        return self._answer(request, f'<script>document.title = "{LIVE}"</script>' * allows)

    def policy(self, request: Request) -> Response:
        """Return a page with the script in any case: its policy decides."""
        return self._answer(request, f'<script src="http://{self.tracker}/tracker.js"></script>')

    def _answer(self, request: Request, body: str) -> Response:
        if request.url.path == "/date":
            headers = {"Last-Modified": DATE}
            asked, same = "if-modified-since", DATE
        else:
            headers = {"ETag": '"v1"'}
            asked, same = "if-none-match", '"v1"'
        seen = request.headers.get(asked)
        status = 304 if seen == same else 200
        self.log.append((request.url.path, seen is not None, status))
        if status == 304:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(f"<title>{HELD}</title><h1>Page</h1>{body}", headers=headers)


def tracker(request: Request) -> Response:
    return Response(f'document.title = "{LIVE}"', media_type="text/javascript")


def home(request: Request) -> Response:
    rules = {request.query_params.get("by", ""): [{"urls": ["/page"], "eagerness": "immediate"}]}
    return HTMLResponse(
        f'<title>Home</title><a href="/page">Page</a>'
        f'<script type="speculationrules">{json.dumps(rules)}</script>'
    )


@pytest.fixture(scope="module")
def served() -> Iterator[Site]:
    site = Site()
    with serve_asgi(site) as port:
        site.origin, site.tracker = f"http://127.0.0.1:{port}", f"localhost:{port}"
        gate = Gate(Registry.parse(TEXT.format(tracker=site.tracker)), KEY, secure=False)
        routes = [
            Route("/", home),
            Route("/page", site.page),
            Route("/date", site.page),
            Route("/policy", site.policy),
            Route("/tracker.js", tracker),
        ]
        app = Starlette(routes=routes)
        site.app = CookieGateMiddleware(app, gate, pages=Pages(gate))
        yield site


@pytest.fixture
def site(served: Site) -> Site:
    served.log.clear()
    return served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def choose(page: Page, site: Site, *granted: str) -> None:
    """Choose as a script of the site does, which is also how it chooses in an open page."""
    if not page.url.startswith(site.origin):
        page.goto(site.origin)
    status = page.evaluate(
        """granted => fetch("/cookies/api", {method: "PUT", body: JSON.stringify({granted}),
            headers: {"Content-Type": "application/json"}}).then(answer => answer.status)""",
        list(granted),
    )
    assert status == 200


def shows(page: Page, site: Site, path: str) -> str:
    page.goto(site.origin + path)
    expect(page.get_by_role("heading", name="Page")).to_be_visible()
    return page.title()


@pytest.mark.parametrize("path", ["/page", "/date", "/policy"])
def test_a_page_from_before_a_withdrawal_does_not_run_again(
    page: Page, site: Site, path: str
) -> None:
    choose(page, site, "analysis")
    assert shows(page, site, path) == LIVE
    choose(page, site)
    assert shows(page, site, path) == HELD
    assert site.log == [(path, False, 200), (path, False, 200)]


@pytest.mark.parametrize("path", ["/page", "/date", "/policy"])
def test_a_grant_works_with_the_next_page(page: Page, site: Site, path: str) -> None:
    assert shows(page, site, path) == HELD
    choose(page, site, "analysis")
    assert shows(page, site, path) == LIVE
    assert site.log == [(path, False, 200), (path, False, 200)]


@pytest.mark.parametrize("path", ["/page", "/policy"])
@pytest.mark.parametrize(("granted", "shown"), [(["analysis"], LIVE), ([], HELD)])
def test_a_page_of_the_same_state_is_shown_from_the_browsers_copy(
    page: Page, site: Site, path: str, granted: list[str], shown: str
) -> None:
    choose(page, site, *granted)
    for _ in range(3):
        assert shows(page, site, path) == shown
    assert site.log == [(path, False, 200), (path, True, 304), (path, True, 304)]


@pytest.mark.parametrize("by", ["prefetch", "prerender"])
@pytest.mark.parametrize(
    ("before", "after", "shown"), [(["analysis"], [], HELD), ([], ["analysis"], LIVE)]
)
def test_a_page_that_was_loaded_in_advance_is_not_shown_after_a_choice(
    page: Page,
    site: Site,
    by: Literal["prefetch", "prerender"],
    before: list[str],
    after: list[str],
    shown: str,
) -> None:
    choose(page, site, *before)
    page.goto(f"{site.origin}/?by={by}")
    loaded = [("/page", False, 200)]
    for _ in range(100):
        if site.log == loaded:
            break
        page.wait_for_timeout(100)
    assert site.log == loaded
    choose(page, site, *after)
    page.get_by_role("link", name="Page").click()
    expect(page.get_by_role("heading", name="Page")).to_be_visible()
    assert page.title() == shown
