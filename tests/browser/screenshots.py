"""Make the README's pictures: the real pages of the example shop in Chromium.

    make screenshots

Not a test. The pictures are in docs/images/; make them again after a change to a page.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.judges import CHROMIUM_OPTIONS
from tests.browser.shops import open_shop

FOLDER = Path(__file__).parents[2] / "docs" / "images"

TO_TOP = "one => { scrollBy(0, one.getBoundingClientRect().top - 16) }"

#: The style sheet of docs/theming.md.
THEME = """:root {
  --cookiegate-accent: light-dark(#1d5c63, #85cfc9);
  --cookiegate-back: light-dark(#fbfaf7, #16191d);
  --cookiegate-panel: light-dark(#f1ede3, #22272e);
  --cookiegate-font: 1.0625rem/1.55 Georgia, serif;
  --cookiegate-radius: 0;
}"""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a picture shows."""

    path: str
    #: The element at the top.
    sight: str
    width: int = 960
    height: int = 720
    scheme: str = "light"
    language: str = "en"
    theme: str = ""


_PHONE: dict[str, Any] = {"width": 360, "height": 640}

#: By file name.
PICTURES = {
    "banner.png": Picture(path="/", sight="#cookiegate-banner", height=420),
    "banner-narrow.png": Picture(path="/", sight="body", scheme="dark", language="de", **_PHONE),
    "settings.png": Picture(path="/cookies", sight="body", height=900),
    "settings-narrow.png": Picture(
        path="/cookies", sight="h1", scheme="dark", language="sv", **_PHONE
    ),
    "theming.png": Picture(path="/cookies", sight="body", height=640, theme=THEME),
    "policy.png": Picture(path="/cookies/policy", sight="#cg-category-analysis"),
}


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, open_shop("flask") as shop:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
        for name, picture in PICTURES.items():
            options: dict[str, Any] = {
                "color_scheme": picture.scheme,
                "locale": picture.language,
                "viewport": {"width": picture.width, "height": picture.height},
                "bypass_csp": bool(picture.theme),
            }
            with browser.new_context(**options) as context:
                page = shop.visit(context, picture.path)
                if picture.theme:
                    page.add_style_tag(content=picture.theme)
                page.locator(picture.sight).first.evaluate(TO_TOP)
                page.screenshot(path=FOLDER / name, animations="disabled")
                print(f"docs/images/{name}")
        browser.close()


if __name__ == "__main__":
    main()
