"""The example shops, each on a real server, and what a browser then holds."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

import serving
import storefront
from cookiegate import Registry
from demo import expected
from visitors import PAGES

CONSENT_COOKIE = "cookiegate"
DAY = 86_400


@dataclass
class Shop:
    """A shop that is open, and how far its clock is ahead."""

    address: str
    ahead: float = 0.0

    def clock(self) -> float:
        return time.time() + self.ahead

    def visit(self, context: BrowserContext, path: str = "/") -> Page:
        """Open one page in a new tab."""
        page = context.new_page()
        response = page.goto(self.address + path)
        assert response is not None
        assert response.ok
        return page

    def jar(self, context: BrowserContext, pages: Sequence[str] = PAGES) -> set[str]:
        """Walk through the shop; say which cookies the browser then holds."""
        for path in pages:
            self.visit(context, path).close()
        return self.held(context)

    def held(self, context: BrowserContext) -> set[str]:
        """Say which cookies the browser holds, without another request."""
        return {cookie["name"] for cookie in context.cookies() if "name" in cookie}


@contextmanager
def open_shop(site: str, registry: Registry = storefront.REGISTRY) -> Iterator[Shop]:
    """Serve a shop while the context lasts."""
    shop = Shop("")
    with serving.SITES[site](storefront.make_gate(registry, shop.clock)) as (host, port):
        shop.address = f"http://{host}:{port}"
        yield shop


def registry_with(*changes: tuple[str, str]) -> Registry:
    """The shops' registry with some of its lines changed."""
    path = storefront.HERE.parent / "registry" / "billogram.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(f"\n{old}\n") == 1
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    return Registry.parse(text, source=path.name)


def allowed(visitor: str) -> set[str]:
    """What the table that was made by hand lets this visitor hold."""
    return {name for (name, who), arrives in expected().items() if who == visitor and arrives}
