"""`on_banner` counts the banners that are due."""

import gc
from pathlib import Path

import pytest

from cookiegate.middleware.options import resolve_pages
from cookiegate.pages.messages import PageRequest
from cookiegate.reports import Counts
from cookiegate.reports.sqlite import CountsFile
from tests.pages.support import JSON, OTHER, Browse, registry
from tests.registries import gate_for

FRAME = (b"sec-fetch-dest", b"iframe")


def test_on_banner_is_called_for_each_page_that_asks_and_not_after_a_choice(browse: Browse) -> None:
    calls: list[str] = []
    browser = browse(on_banner=calls.append)
    browser.get("/")
    browser.get("/more", (b"accept-language", b"sv"))
    assert calls == ["en", "sv"]
    browser.post("/cookies", {"answer": "none"})
    browser.get("/")
    assert calls == ["en", "sv"]


def test_on_banner_is_called_for_a_cacheable_banner_when_the_script_asks_the_api(
    browse: Browse,
) -> None:
    calls: list[str] = []
    browser = browse(on_banner=calls.append)
    browser.get("/cached")
    assert calls == []
    browser.get("/cookies/api", (b"accept-language", b"sv"))
    assert calls == ["sv"]
    browser.get("/cookies/api", method="HEAD")
    assert calls == ["sv"]
    browser.send("PUT", "/cookies/api", b'{"granted": []}', [JSON])
    browser.get("/cookies/api")
    assert calls == ["sv"]


def test_on_banner_is_not_called_where_the_banner_is_not_due(browse: Browse) -> None:
    calls: list[str] = []
    browse(on_banner=calls.append, registry=registry(policy='mode = "report"')).get("/")
    browse(on_banner=calls.append, registry=registry(policy='mode = "report"')).get("/cookies/api")
    framed = browse(on_banner=calls.append)
    framed.sent = [OTHER]
    framed.get("/", FRAME)
    assert calls == []


def test_an_error_in_on_banner_goes_to_on_error_and_the_page_is_served(
    browse: Browse,
) -> None:
    failures: list[Exception] = []

    def fail(language: str) -> None:
        raise OSError(language)

    browser = browse(on_banner=fail, on_error=failures.append)
    assert 'id="cookiegate"' in browser.get("/").text
    assert [str(one) for one in failures] == ["en"]


@pytest.mark.parametrize("path", ["/", "/cookies/api"])
def test_without_on_banner_the_page_is_served(browse: Browse, path: str) -> None:
    assert browse().get(path).status == 200


def test_pages_of_a_report_file_count_their_banners_in_it(tmp_path: Path) -> None:
    for report in (tmp_path / "a.db", Counts(tmp_path / "b.db")):
        gate = gate_for()
        pages = resolve_pages("/cookies", gate, report)
        assert pages is not None
        visit = gate.visit([])
        assert 'id="cookiegate"' in pages.banner(PageRequest(method="GET", path="/"), visit)
        del pages
        gc.collect()
    for name in ("a.db", "b.db"):
        rows = CountsFile(tmp_path / name).read_banners() or []
        assert [(row.language, row.count) for row in rows] == [("en", 1)]


def test_pages_without_a_report_file_count_nothing() -> None:
    for report in (None, Counts()):
        gate = gate_for()
        pages = resolve_pages("/cookies", gate, report)
        assert pages is not None
        visit = gate.visit([])
        assert pages.banner(PageRequest(method="GET", path="/"), visit)
