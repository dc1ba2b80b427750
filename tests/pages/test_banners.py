"""The banner in a page, and `on_banner`, which counts the banners that are due."""

import gc
import re
from pathlib import Path

import pytest

from cookiegate.middleware.options import resolve_pages
from cookiegate.pages import Pages
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
    # A page that asked before, whose tab is seen again.
    browser.get("/cookies/api?again=1")
    assert calls == ["sv"]
    browser.send("PUT", "/cookies/api", b'{"granted": []}', [JSON])
    browser.get("/cookies/api")
    assert calls == ["sv"]


@pytest.mark.parametrize("purpose", [b"prefetch", b"prefetch;prerender", b"prefetch;anonymous-ip"])
def test_on_banner_is_not_called_for_a_page_that_is_loaded_in_advance(
    browse: Browse, purpose: bytes
) -> None:
    calls: list[str] = []
    browser = browse(on_banner=calls.append)
    assert ": your choice</h2>" in browser.get("/", (b"sec-purpose", purpose)).text
    browser.get("/cookies/api", (b"sec-purpose", purpose))
    assert calls == []


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
    assert 'id="cookiegate-banner"' in browser.get("/").text
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
        assert 'id="cookiegate-banner"' in pages.banner(PageRequest(method="GET", path="/"), visit)
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


HERE = PageRequest(method="GET", path="/")


@pytest.mark.parametrize("is_cacheable", [False, True])
def test_a_second_tag_in_a_page_renders_the_link_alone(is_cacheable: bool) -> None:
    calls: list[str] = []
    gate = gate_for()
    pages = Pages(gate, on_banner=calls.append)
    visit = gate.visit([])
    first, *others = (pages.banner(HERE, visit, cacheable=is_cacheable) for _ in range(3))
    ids = re.findall(r'\bid="([^"]*)"', "".join([first, *others]))
    assert len(ids) == len(set(ids)) == 5
    assert "<section" in first
    for other in others:
        assert '<a href="/cookies" lang="en">Cookie settings</a>' in other
        assert "<section" not in other
    assert len(calls) == (0 if is_cacheable else 1)
    # Another response has its own.
    assert pages.banner(HERE, gate.visit([]), cacheable=is_cacheable) == first


def test_the_nonce_is_on_script_and_style_and_not_in_the_proof() -> None:
    gate = gate_for()
    pages = Pages(gate)
    with_nonce = pages.banner(HERE, gate.visit([]), nonce='n"1')
    assert with_nonce.count('nonce="n&#34;1"') == with_nonce.count("<script") * 2 == 2
    shown = re.findall(r'data-shown="(\w+)"', with_nonce)
    assert shown == re.findall(r'data-shown="(\w+)"', pages.banner(HERE, gate.visit([])))
    assert " nonce=" not in pages.banner(HERE, gate.visit([]))


@pytest.mark.parametrize("site", [b"cross-site", b"same-site", b"same-origin", b"none"])
def test_a_frame_of_another_host_gets_no_banner(browse: Browse, site: bytes) -> None:
    browser = browse()
    browser.sent = [(b"sec-fetch-site", site)]
    is_own = site in (b"same-origin", b"none")
    assert ("cookiegate" in browser.get("/", FRAME).text) is is_own
    if site != b"cross-site":
        assert "cookiegate" in browser.get("/", (b"sec-fetch-dest", b"document")).text


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        (b"http://shop.example/shelf?a=1", "/shelf?a=1"),
        (b"https://shop.example/shelf#part", "/shelf"),
        (b"http://shop.example/", "/"),
        # What is no page of this site is not followed: the signed path is.
        (b"http://shop.example", "/part"),
        (b"http://evil.example/shelf", "/part"),
        (b"http://shop.example@evil.example/shelf", "/part"),
        (b"http://shop.example//evil.example/", "/part"),
        (b"http://shop.example/\\evil.example/", "/part"),
        (b"http://shop.example/%5cevil.example/", "/part"),
        (b"http://[shop.example/", "/part"),
        (b"\xff\xfe", "/part"),
        (b"", "/part"),
    ],
)
def test_a_choice_returns_to_the_page_that_its_form_was_sent_from(
    browse: Browse, referer: bytes, path: str
) -> None:
    # A script may have inserted the banner: its form was rendered at another address.
    browser = browse()
    back = re.findall(r'name="back" value="([^"]+)"', browser.get("/part").text)
    fields = {"answer": "none", "back": back[0]}
    answer = browser.post("/cookies", fields, (b"referer", referer))
    assert answer.one(b"location") == path
