"""What the ledger keeps of a page is harmless in Chromium, whoever wrote it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from cookiegate.cli.commands.ledger.receipt_page import write_page
from cookiegate.ledger.receipts import StoredPresentation, page_hash

pytestmark = pytest.mark.needs("chromium")

MARKS = (
    "<script>document.title = 'ran'</script>",
    "<img src=x onerror=\"document.title = 'ran'\">",
    "<body onload=\"document.title = 'ran'\">",
    "<svg onload=\"document.title = 'ran'\"></svg>",
    "<iframe srcdoc=\"<script>top.document.title = 'ran'</script>\"></iframe>",
    "<!doctype html><html><head><script>document.title = 'ran'</script></head></html>",
    "<!--><script>document.title = 'ran'</script>",
    "<meta http-equiv=refresh content=\"0;url=javascript:document.title='ran'\">",
    "\ufeff<script>document.title = 'ran'</script>",
)


@pytest.mark.parametrize("mark", MARKS)
def test_no_script_runs_in_the_page_that_is_written(
    browser: Browser, tmp_path: Path, mark: str
) -> None:
    html = f"{mark}<style>p {{ color: rgb(1, 2, 3) }}</style><p>Kakor"
    page = StoredPresentation(hash=page_hash(html), surface="banner", language="sv", html=html)
    write_page(str(tmp_path / "shown.html"), page)
    with browser.new_context() as context:
        shown = context.new_page()
        requests: list[str] = []
        shown.on("request", lambda request: requests.append(request.url))
        shown.goto((tmp_path / "shown.html").as_uri())
        text = shown.locator("p")
        assert text.inner_text() == "Kakor"
        assert text.evaluate("one => getComputedStyle(one).color") == "rgb(1, 2, 3)"
        assert shown.evaluate("document.title") != "ran"
        assert shown.evaluate("document.compatMode") == "CSS1Compat"
        assert [url for url in requests if not url.startswith(("file:", "about:"))] == []
