"""Visitors who choose in an example shop, over HTTP, as a browser without JavaScript does."""

import http.client
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

__all__ = ["STORIES", "Story", "play"]

# The headers that a browser sends with a form of this shop.
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Story:
    """What one visitor does: the pages that they open, and the forms that they send."""

    about: str
    page: str
    steps: Sequence[dict[str, str]]


STORIES = (
    Story("allows everything on the banner", "/", ({"answer": "all"},)),
    Story(
        "allows analysis in the settings, and withdraws it later",
        "/cookies",
        ({"answer": "these", "category": "analysis"}, {"answer": "withdraw"}),
    ),
    Story("says no on the banner", "/", ({"answer": "none"},)),
)


@dataclass(slots=True)
class Browser:
    """Keeps the consent cookie, and nothing else."""

    address: tuple[str, int]
    cookie: str = field(default="")

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> str:
        """Send a request. Return the page."""
        headers = dict(SAME_SITE)
        if self.cookie:
            headers["Cookie"] = self.cookie
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status not in (200, 303):
            raise RuntimeError(f"{method} {path} answered {response.status}")
        for value in response.headers.get_all("Set-Cookie") or ():
            if value.startswith("cookiegate="):
                self.cookie = value.partition(";")[0]
        return text


def play(address: tuple[str, int], story: Story) -> None:
    """Play a story."""
    browser = Browser(address)
    for step in story.steps:
        page = browser.send("GET", story.page)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        browser.send("POST", "/cookies", {**hidden, **step})
