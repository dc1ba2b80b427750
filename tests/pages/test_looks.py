"""How banner and pages look: layouts, the settings button, the site's style sheet."""

import re
from base64 import b64decode
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from cookiegate.pages import Pages
from cookiegate.pages.looks import LAYOUTS, Layout
from cookiegate.pages.messages import PageRequest
from tests.pages.support import JSON, Browse, MemoryRecorder, Response, fields, registry
from tests.registries import gate_for

HERE = PageRequest(method="GET", path="/")


def layout_of(html: str) -> str:
    """The layout whose style a banner has, by its address or in itself."""
    found = re.search(
        r'href="(?:[^"]*/banner-(\w+?)(?:-corner)?-\w+\.css|data:text/css;base64,([^"]+))"', html
    )
    assert found is not None
    if found[1]:
        return found[1]
    style = b64decode(found[2]).decode()
    return "page" if "--_bar" not in style else "auto" if "40rem" in style else "bar"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_the_pages_and_the_one_of_the_tag_decide_where_the_banner_stands(
    layout: Layout,
) -> None:
    gate = gate_for(registry())
    assert layout_of(Pages(gate, layout=layout).banner(HERE, gate.visit([]))) == layout
    for other in LAYOUTS:
        pages = Pages(gate, layout=other)
        for cacheable in (False, True):
            html = pages.banner(HERE, gate.visit([]), layout=layout, cacheable=cacheable)
            assert layout_of(html) == layout


def test_the_settings_button_is_for_the_first_tag_alone() -> None:
    gate = gate_for(registry())
    for pages, option in ((Pages(gate, settings_button=True), None), (Pages(gate), True)):
        visit = gate.visit([])
        first, second = (pages.banner(HERE, visit, settings_button=option) for _ in range(2))
        assert 'id="cookiegate-link" class="cookiegate-link cookiegate-corner"' in first
        assert "cookiegate-corner" not in second
    pages = Pages(gate, settings_button=True)
    assert "cookiegate-corner" not in pages.banner(HERE, gate.visit([]), settings_button=False)


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ({"layout": "top"}, "layout is 'top'; give one of auto, bar, page"),
        ({"stylesheet": "theme.css"}, "stylesheet is 'theme.css'; give a path such as"),
        ({"stylesheet": "//cdn.example/a.css"}, "stylesheet is '//cdn.example/a.css'"),
        # To a browser, this is "//cdn.example/a.css".
        ({"stylesheet": "/\\cdn.example/a.css"}, "stylesheet is"),
        ({"stylesheet": None}, "stylesheet is None; give a path such as"),
        ({"settings_button": "no"}, "settings_button is 'no'; give True or False"),
        ({"stylesheet": "http://cdn.example/a.css"}, "or an https address"),
        ({"stylesheet": "https://cdn.example; x/a.css"}, "stylesheet is"),
        ({"stylesheet": "https://cdn.example"}, "stylesheet is"),
    ],
)
def test_what_cannot_be_shown_is_an_error_where_it_is_written(
    option: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        Pages(gate_for(registry()), **option)


def test_a_tag_with_an_unknown_layout_is_an_error() -> None:
    gate = gate_for(registry())
    layout: Any = "top"
    with pytest.raises(ValueError, match="layout is 'top'"):
        Pages(gate).banner(HERE, gate.visit([]), layout=layout)


@pytest.mark.parametrize(
    ("stylesheet", "sources"),
    [
        ("", "'self'"),
        ("/static/theme.css?v=2", "'self'"),
        ("https://cdn.example:8443/a/theme.css", "'self' https://cdn.example:8443"),
    ],
)
def test_the_sites_style_sheet_is_the_last_on_each_page_and_its_origin_is_allowed(
    browse: Browse, stylesheet: str, sources: str
) -> None:
    browser = browse(stylesheet=stylesheet)
    pages = [browser.get("/cookies"), browser.get("/cookies/policy"), browser.post("/cookies", {})]
    for page in pages:
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
        assert sheets[1:] == ([stylesheet] if stylesheet else [])
        policy = page.one(b"content-security-policy")
        assert f"style-src {sources}; font-src {sources}; img-src {sources} data:;" in policy
    assert stylesheet == "" or stylesheet not in browser.get("/").text


def test_the_proof_shows_the_layout_that_the_visitor_chose_on(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder, layout="page", stylesheet="/theme.css")
    for layout in LAYOUTS:
        browser.jar.clear()
        visit = browser.gate.visit([])
        html = browser.pages.banner(HERE, visit, layout=layout, settings_button=True)
        (shown,) = re.findall(r'data-shown="(\w+)"', html)
        assert shown in re.findall(r'name="shown" value="(\w+)"', html)
        body = f'{{"granted": ["analysis"], "surface": "banner", "shown": "{shown}"}}'
        assert browser.send("PUT", "/cookies/api", body.encode(), [JSON]).status == 200
        presentation = recorder.choices[-1].presentation
        assert presentation is not None
        assert presentation.html is not None
        assert layout_of(presentation.html) == layout_of(html)
        assert "theme.css" not in presentation.html
    # An unknown one is the layout of the pages, and the visitor is asked to look again.
    body = '{"granted": ["marketing"], "surface": "banner", "shown": "0123456789abcdef"}'
    assert browser.send("PUT", "/cookies/api", body.encode(), [JSON]).status == 409


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("sv", "sv"),
        ("sv-SE", "sv"),
        ("sv_SE", "sv"),
        ("SV", "sv"),
        ("no", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_of_the_page_matches_with_and_without_a_region(
    language: str | None, found: str
) -> None:
    gate = gate_for(registry())
    html = Pages(gate).banner(HERE, gate.visit([]), language=language)
    assert f'<section id="cookiegate-banner" class="cookiegate" lang="{found}"' in html


def test_the_links_of_a_banner_in_a_given_language_lead_to_pages_in_it() -> None:
    gate = gate_for(registry())
    given = Pages(gate).banner(HERE, gate.visit([]), language="sv")
    assert given.count('href="/cookies?lang=sv"') == 2
    assert 'href="/cookies"' in Pages(gate).banner(HERE, gate.visit([]))


def test_the_documentation_names_each_property_and_no_other() -> None:
    folder = Path(__file__).parents[2]
    used: set[str] = set()
    for sheet in (folder / "cookiegate" / "pages" / "static").glob("*.css"):
        used |= set(re.findall(r"var\((--cookiegate-[\w-]+)", sheet.read_text(encoding="utf-8")))
    text = (folder / "docs" / "theming.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(--cookiegate-[\w-]+)`", text, re.MULTILINE)) == used


REFERER = (b"referer", b"http://shop.example/shelf?q=1")
BACK = '<p class="cg-back"><a href="/shelf?q=1">Back to the page</a></p>'


def links(html: str, text: str) -> str:
    """The address of a link."""
    (found,) = re.findall(rf'<a href="([^"]+)"[^>]*>{text}</a>', html)
    return unescape(found)


def test_the_way_back_survives_the_language_the_policy_and_a_choice(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/cookies", REFERER).text
    assert BACK in page
    for text in ("Svenska", "English", "Cookie policy"):
        assert "from=%2Fshelf%3Fq%3D1." in links(page, text)
    swedish = browser.get(links(page, "Svenska")).text
    assert '<a href="/shelf?q=1">Tillbaka till sidan</a>' in swedish
    # The language stays too, and the switch leads back.
    policy = browser.get(links(swedish, "Cookiepolicy")).text
    assert '<html lang="sv"' in policy
    assert '<a href="/shelf?q=1">Tillbaka till sidan</a>' in policy
    assert BACK in browser.get(links(policy, "English")).text
    sent = fields(Response(200, (), swedish.encode()))
    answer = browser.post("/cookies", {**sent, "answer": "these", "category": "analysis"})
    assert answer.status == 200
    assert '<html lang="sv"' in answer.text
    assert '<a href="/shelf?q=1">Tillbaka till sidan</a>' in answer.text


@pytest.mark.parametrize(
    "referer",
    [
        b"http://evil.example/shelf",
        b"http://shop.example/cookies",
        b"http://shop.example/cookies/policy",
        b"http://shop.example/cookies?lang=sv",
        b"http://shop.example//evil.example",
        b"",
    ],
)
def test_there_is_no_way_back_to_another_site_or_to_the_pages_themselves(
    browse: Browse, referer: bytes
) -> None:
    page = browse().get("/cookies", (b"referer", referer)).text
    assert "cg-back" not in page
    assert "from=" not in page
    assert "cg-back" in browse().get("/cookies", (b"referer", b"http://shop.example/cookies2")).text


@pytest.mark.parametrize("path", ["/shelf", "https://evil.example", "//evil.example/", "x.y.z"])
def test_only_a_signed_way_back_is_followed(browse: Browse, path: str) -> None:
    assert "cg-back" not in browse().get(f"/cookies?from={path}").text
    sent = {"answer": "none", "from": path}
    assert "cg-back" not in browse().post("/cookies", sent).text


def test_the_policy_reads_no_referring_page(browse: Browse) -> None:
    assert browse().get("/cookies/policy", REFERER).text == browse().get("/cookies/policy").text


def test_below_a_mount_the_way_back_is_the_whole_path(browse: Browse) -> None:
    browser = browse(root="/mounted")
    page = browser.get("/cookies", (b"referer", b"http://shop.example/mounted/a")).text
    assert '<a href="/mounted/a">Back to the page</a>' in page
    own = (b"referer", b"http://shop.example/mounted/cookies/policy")
    assert "cg-back" not in browser.get("/cookies", own).text
