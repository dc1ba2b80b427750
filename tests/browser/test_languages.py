"""The pages in Chromium in languages that the example registry does not have."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.pages import Pages
from cookiegate.pages.asgi import request_of
from serving import serve_asgi
from tests.browser.test_pages import CUT, HOME
from tests.pages.catalogue_files import write_arabic
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

LANGUAGES = ("da", "nl", "fr", "es", "pl", "ar")
SITE = """[site]
name = "Harbour Books"
languages = {languages}
catalogs = "{folder}"
[categories.essential]
required = true
[categories.analysis]
survives_signal = ["dnt"]
[categories.marketing]
[services.google]
provider = "Google"
category = "marketing"
domain = "google.com"
links = [{{ kind = "opt_out", url = "https://google.example/out" }}]
[[cookies]]
name = ["_ga", "_ga_*"]
category = "analysis"
expires = "730 days"
set_by = "script"
[[cookies]]
name = "NID"
service = "google"
expires = "never"
kind = "local_storage"
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("locale")
    write_arabic(folder)
    text = SITE.format(languages=list(LANGUAGES), folder=folder)
    gate = Gate(Registry.parse(text), KEY, secure=False)
    pages = Pages(gate)

    async def home(request: Request) -> HTMLResponse:
        banner = pages.banner(request_of(request.scope), request.scope["cookiegate"])
        return HTMLResponse(HOME.format(banner=banner))

    app = Starlette(routes=[Route("/", home)])
    with serve_asgi(CookieGateMiddleware(app, gate, pages=pages)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off_and_axe_finds_nothing(
    browser: Browser, address: str, language: str, width: int
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    window: Any = {"viewport": {"width": width, "height": 700}}
    with browser.new_context(**window, locale=language, bypass_csp=True) as context:
        page = context.new_page()
        for path in ("/", "/cookies", "/cookies/policy"):
            page.goto(address + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.locator(f"[lang={language}]").count() > 0
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(CUT) == []
            page.add_script_tag(content=axe)
            found: Any = page.evaluate("axe.run().then(found => found.violations.map(v => v.id))")
            assert found == []
