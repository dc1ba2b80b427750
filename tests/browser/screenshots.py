"""Make the README's pictures: the real pages of the example shop in Chromium.

    make screenshots

Not a test. The pictures are in docs/images/; make them again after a change to a page.
"""

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.judges import CHROMIUM_OPTIONS
from tests.browser.shops import open_shop

FOLDER = Path(__file__).parents[2] / "docs" / "images"

TO_TOP = "one => { scrollBy(0, one.getBoundingClientRect().top - 16) }"

#: File name -> path, element to show, width and height, colour scheme, language.
PICTURES: dict[str, tuple[str, str, int, int, str, str]] = {
    "banner.png": ("/", "#cookiegate-banner", 960, 720, "light", "en"),
    "banner-narrow.png": ("/", "#cookiegate-banner", 360, 760, "dark", "de"),
    "settings.png": ("/cookies", "section:has(#cg-3-title)", 960, 900, "light", "en"),
    "settings-narrow.png": ("/cookies", "h1", 360, 760, "dark", "sv"),
    "policy.png": ("/cookies/policy", "#cg-category-analysis", 960, 900, "light", "en"),
}


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, open_shop("flask") as shop:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
        for name, (path, sight, width, height, scheme, language) in PICTURES.items():
            options: dict[str, Any] = {"color_scheme": scheme, "locale": language}
            with browser.new_context(
                viewport={"width": width, "height": height}, **options
            ) as context:
                page = shop.visit(context, path)
                # On the settings page, an optional category.
                page.evaluate(
                    "one => { for (const d of document.querySelectorAll(one)) d.open = true }",
                    "section:has(#cg-3-title) details",
                )
                page.locator(sight).evaluate(TO_TOP)
                page.screenshot(path=FOLDER / name, animations="disabled")
                print(f"docs/images/{name}")
        browser.close()


if __name__ == "__main__":
    main()
