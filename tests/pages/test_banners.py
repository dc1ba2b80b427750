"""Whoever wants to know how many banners are due is told, and is told nothing else."""

import gc
from pathlib import Path

import pytest

from cookiegate.middleware.options import resolve_pages
from cookiegate.pages.messages import PageRequest
from cookiegate.reports import Counts
from cookiegate.reports.sqlite import CountsFile
from tests.pages.asking import JSON, OTHER, Browse, registry
from tests.registries import gate_for

FRAME = (b"sec-fetch-dest", b"iframe")


def test_a_banner_is_told_where_somebody_is_asked_and_not_after_a_choice(browse: Browse) -> None:
    told: list[str] = []
    browser = browse(on_banner=told.append)
    browser.get("/")
    browser.get("/more", (b"accept-language", b"sv"))
    assert told == ["en", "sv"]
    browser.post("/cookies", {"answer": "none"})
    browser.get("/")
    assert told == ["en", "sv"]


def test_a_cacheable_banner_is_told_when_the_script_asks(browse: Browse) -> None:
    told: list[str] = []
    browser = browse(on_banner=told.append)
    browser.get("/cached")
    assert told == []
    browser.get("/cookies/api", (b"accept-language", b"sv"))
    assert told == ["sv"]
    browser.get("/cookies/api", method="HEAD")
    assert told == ["sv"]
    browser.send("PUT", "/cookies/api", b'{"granted": []}', [JSON])
    browser.get("/cookies/api")
    assert told == ["sv"]


def test_where_nobody_is_asked_none_is_told(browse: Browse) -> None:
    told: list[str] = []
    browse(on_banner=told.append, registry=registry(policy='mode = "report"')).get("/")
    browse(on_banner=told.append, registry=registry(policy='mode = "report"')).get("/cookies/api")
    framed = browse(on_banner=told.append)
    framed.sent = [OTHER]
    framed.get("/", FRAME)
    assert told == []


def test_a_listener_that_fails_is_told_to_the_gate_and_the_page_is_answered(
    browse: Browse,
) -> None:
    failures: list[Exception] = []

    def fail(language: str) -> None:
        raise OSError(language)

    browser = browse(on_banner=fail, on_error=failures.append)
    assert 'id="cookiegate"' in browser.get("/").text
    assert [str(one) for one in failures] == ["en"]


@pytest.mark.parametrize("path", ["/", "/cookies/api"])
def test_without_a_listener_nothing_is_told(browse: Browse, path: str) -> None:
    assert browse().get(path).status == 200


def test_pages_made_for_a_report_file_count_their_banners_in_it(tmp_path: Path) -> None:
    for report in (tmp_path / "a.db", Counts(tmp_path / "b.db")):
        pages = resolve_pages("/cookies", gate_for(), report)
        visit = pages.gate.visit([])
        assert 'id="cookiegate"' in pages.banner(PageRequest(method="GET", path="/"), visit)
        del pages
        gc.collect()
    for name in ("a.db", "b.db"):
        rows = CountsFile(tmp_path / name).read_banners() or []
        assert [(row.language, row.count) for row in rows] == [("en", 1)]


def test_pages_made_without_a_file_count_nothing() -> None:
    for report in (None, Counts()):
        pages = resolve_pages("/cookies", gate_for(), report)
        visit = pages.gate.visit([])
        assert pages.banner(PageRequest(method="GET", path="/"), visit)
