"""The example shops, each on a real server, and what a browser then stores."""

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
    """A running shop, and how far its clock is ahead."""

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
        """Open all pages of the shop. Return the cookies that the browser then stores."""
        for path in pages:
            self.visit(context, path).close()
        return self.held(context)

    def held(self, context: BrowserContext) -> set[str]:
        """Return the cookies that the browser stores, without another request."""
        return {cookie["name"] for cookie in context.cookies() if "name" in cookie}


@contextmanager
def open_shop(site: str, registry: Registry = storefront.REGISTRY) -> Iterator[Shop]:
    """Serve a shop while the context lasts."""
    shop = Shop("")
    with serving.SITES[site](storefront.make_gate(registry, shop.clock)) as (host, port):
        shop.address = f"http://{host}:{port}"
        yield shop


def registry_with(*changes: tuple[str, str]) -> Registry:
    """Return the shops' registry with some lines changed."""
    path = storefront.HERE.parent / "registry" / "billogram.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(f"\n{old}\n") == 1
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    return Registry.parse(text, source=path.name)


def allowed(visitor: str) -> set[str]:
    """Return the cookies that this visitor may store, by the hand-made table."""
    return {name for (name, who), arrives in expected().items() if who == visitor and arrives}
