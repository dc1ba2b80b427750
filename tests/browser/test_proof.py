"""What Chromium shows, and what the ledger records of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from cookiegate import Choice, Gate, NotKeptError, Registry
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.ledger import Ledger
from cookiegate.ledger.receipts import Receipt, load_receipt
from cookiegate.ledger.storage.store import Store
from cookiegate.pages import Pages
from cookiegate.pages.asgi import request_of
from serving import serve_asgi
from tests.ledger.books import made
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

BILLOGRAM = Path(__file__).parents[2] / "registry" / "billogram.toml"
SOLD = "Allt säljs vidare. "
CHANGED = "Webbplatsens frågor har ändrats sedan sidan öppnades."

HOME = """<!doctype html><html lang="sv"><head><meta name="viewport" content="width=device-width">
<title>Shop</title></head><body>{banner}</body></html>"""


@dataclass
class Shop:
    """A shop with a ledger that can be switched off."""

    address: str
    url: str
    gate: Gate
    is_down: bool = False

    def ask_something_else(self) -> None:
        """Replace the registry by one with other descriptions."""
        begin = 'description.sv = "'
        text = BILLOGRAM.read_text(encoding="utf-8").replace(begin, begin + SOLD)
        self.gate.replace(Registry.parse(text))

    def receipts(self) -> list[Receipt]:
        engine = made(self.url)
        found = [load_receipt(body) for body in Store(engine).bodies()]
        engine.dispose()
        return found

    def page_of(self, receipt: Receipt) -> str:
        engine = made(self.url)
        assert receipt.presentation is not None
        shown = Store(engine).presentation(receipt.presentation)
        engine.dispose()
        assert shown is not None
        return shown.html


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    url = f"sqlite:///{tmp_path}/consent.db"
    ledger = Ledger(url, refusals="keep")
    gate = Gate(Registry.load("cookiegate:billogram"), KEY, secure=False)
    pages = Pages(gate)
    shop = Shop("", url, gate)

    class Recorder:
        async def commit(self, choice: Choice) -> None:
            if shop.is_down and choice.widens:
                raise NotKeptError("switched off")
            await ledger.asgi.commit(choice)

    async def home(request: Request) -> HTMLResponse:
        banner = pages.banner(
            request_of(request.scope),
            request.scope["cookiegate"],
            cacheable=request.url.path == "/cached",
        )
        return HTMLResponse(HOME.format(banner=banner))

    app = CookieGateMiddleware(
        Starlette(routes=[Route("/", home), Route("/cached", home)]),
        gate,
        pages=pages,
        recorder=Recorder(),
    )
    with serve_asgi(app) as port:
        shop.address = f"http://127.0.0.1:{port}"
        yield shop
    ledger.close()


def new_context(browser: Browser, *, has_script: bool = True, width: int = 900) -> BrowserContext:
    return browser.new_context(
        locale="sv",
        java_script_enabled=has_script,
        viewport={"width": width, "height": 900},
    )


@pytest.mark.parametrize("has_script", [True, False])
def test_a_choice_on_the_banner_is_kept_with_the_banner(
    browser: Browser, shop: Shop, has_script: bool
) -> None:
    with new_context(browser, has_script=has_script) as context:
        page = context.new_page()
        page.goto(shop.address)
        seen = page.locator("#cookiegate-banner").inner_text()
        page.get_by_role("button", name="Godkänn alla").click()
        expect(page.locator("#cookiegate-link")).to_be_visible()
        (receipt,) = shop.receipts()
        assert (receipt.kind, receipt.surface, receipt.language) == ("grant", "banner", "sv")
        kept = context.new_page()
        kept.set_content(shop.page_of(receipt))
        assert kept.locator("#cookiegate-banner").inner_text() == seen


def test_a_script_learns_of_a_withdrawal_even_if_new_grants_could_not_be_kept(
    browser: Browser, shop: Shop
) -> None:
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(shop.address)
        page.evaluate("cookiegate.choose(['analysis'])")
        assert page.evaluate("cookiegate.allows('analysis')") is True
        shop.is_down = True
        failed = page.evaluate("cookiegate.choose(['marketing']).catch((error) => error.message)")
        assert failed == "Cookiegate: 503"
        assert page.evaluate("cookiegate.allows('analysis')") is False
        assert page.evaluate("cookiegate.allows('marketing')") is False


@pytest.mark.parametrize("width", [320, 900])
def test_the_stored_page_looks_the_same_without_the_site(
    browser: Browser, shop: Shop, width: int
) -> None:
    with new_context(browser, width=width) as context:
        page = context.new_page()
        page.goto(f"{shop.address}/cookies")
        rules = "[...document.styleSheets].reduce((n, one) => n + one.cssRules.length, 0)"
        wanted: Any = [page.locator("main").inner_text(), page.evaluate(rules)]
        page.get_by_role("button", name="Godkänn alla").click()
        expect(page.get_by_text("Ditt val är sparat.")).to_be_visible()
        (receipt,) = shop.receipts()
        assert receipt.surface == "settings"
        asked: list[str] = []
        kept = context.new_page()
        kept.on("request", lambda request: asked.append(request.url))
        kept.set_content(shop.page_of(receipt), wait_until="load")
        assert [kept.locator("main").inner_text(), kept.evaluate(rules)] == wanted
        assert kept.evaluate("document.documentElement.scrollWidth") <= width
        assert [url for url in asked if not url.startswith("data:")] == []


def test_a_withdrawal_shows_its_receipt_and_a_reload_does_not_withdraw_again(
    browser: Browser, shop: Shop
) -> None:
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{shop.address}/cookies")
        page.get_by_role("button", name="Godkänn alla").click()
        expect(page.get_by_text("Ditt val är sparat.")).to_be_visible()
        page.get_by_role("button", name="Återkalla").click()
        grant, withdrawal = sorted(shop.receipts(), key=lambda one: one.kind)
        expect(page.locator("code", has_text=withdrawal.id)).to_be_visible()
        assert (withdrawal.kind, withdrawal.closes) == ("withdrawal", grant.id)
        assert "?" not in page.url
        page.reload()
        assert withdrawal.id not in page.content()
        assert len(shop.receipts()) == 2


def test_if_no_proof_can_be_kept_the_visitor_learns_it_and_is_asked_again(
    browser: Browser, shop: Shop
) -> None:
    with new_context(browser, width=320) as context:
        page = context.new_page()
        shop.is_down = True
        page.goto(shop.address)
        # With the script, too: its call fails, and the form shows the page that says why.
        page.get_by_role("button", name="Godkänn alla").click()
        expect(page.get_by_text("Ditt val kunde inte sparas just nu")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert context.cookies() == []
        page.goto(shop.address)
        expect(page.locator("#cookiegate-banner")).to_be_visible()
        shop.is_down = False
        page.get_by_role("button", name="Godkänn alla").click()
        expect(page.locator("#cookiegate-banner")).to_be_hidden()
        assert len(shop.receipts()) == 1


@pytest.mark.parametrize(
    ("path", "has_script"),
    # Without the script a cached banner stays hidden.
    [("/", True), ("/", False), ("/cookies", True), ("/cookies", False), ("/cached", True)],
)
def test_allowing_an_outdated_form_shows_the_changed_one(
    browser: Browser, shop: Shop, path: str, has_script: bool
) -> None:
    with new_context(browser, has_script=has_script, width=320) as context:
        page = context.new_page()
        page.goto(shop.address + path)
        expect(page.get_by_role("button", name="Godkänn alla")).to_be_visible()
        shop.ask_something_else()
        page.get_by_role("button", name="Godkänn alla").click()
        expect(page.get_by_text(CHANGED)).to_be_visible()
        assert page.locator("body").evaluate("one => one.scrollWidth") <= 320
        assert (context.cookies(), shop.receipts()) == ([], [])
        page.get_by_role("link", name="Öppna cookieinställningarna").click()
        expect(page.get_by_text(SOLD).first).to_be_visible()
        page.get_by_role("button", name="Godkänn alla").click()
        expect(page.get_by_text("Ditt val är sparat.")).to_be_visible()
        (receipt,) = shop.receipts()
        assert SOLD in shop.page_of(receipt)


@pytest.mark.parametrize("has_script", [True, False])
def test_refusing_an_outdated_form_refuses(browser: Browser, shop: Shop, has_script: bool) -> None:
    with new_context(browser, has_script=has_script) as context:
        page = context.new_page()
        page.goto(shop.address)
        shop.ask_something_else()
        page.get_by_role("button", name="Bara nödvändiga").click()
        expect(page.locator("#cookiegate-link")).to_be_visible()
        (receipt,) = shop.receipts()
        assert (receipt.kind, receipt.surface, receipt.language) == ("refusal", "banner", "sv")
        # It was neither this page nor another known one.
        assert receipt.presentation is None
