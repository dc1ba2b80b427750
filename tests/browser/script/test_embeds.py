"""Held-back frames, pictures, players and style sheets in Chromium."""

import json

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.script.support import (
    FILM,
    NONCE,
    Shop,
    accept,
    choose,
    logged,
    puts,
    wait_for,
)

pytestmark = pytest.mark.needs("chromium")

SIZED = (
    '<iframe id="film" title="The film" width="560" height="420" data-cookiegate="marketing" '
    'data-cookiegate-src="/film" data-cookiegate-provider="Filmhouse" '
    'data-cookiegate-purpose="Filmhouse counts who watches."></iframe>'
)
OTHER = SIZED.replace('id="film"', 'id="other"').replace("The film", "The other")


def asked(page: Page, path: str) -> list[Request]:
    """Return a list that collects the requests for a path from now on."""
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one) if one.url.endswith(path) else None)
    return sent


def test_a_held_frame_says_who_would_be_contacted_and_what_for(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, SIZED + "{banner}")
    note = page.get_by_role("group", name="The film")
    host = shop.address.removeprefix("http://")
    expect(note).to_contain_text(f"Content from Filmhouse ({host}) is shown here")
    expect(note).to_contain_text("Filmhouse counts who watches.")
    expect(note).to_contain_text("“Always allow” allows marketing on the whole site")
    assert note.get_by_role("button").all_inner_texts() == ["Load once", "Always allow marketing"]
    expect(note.get_by_role("link", name="Cookie settings")).to_have_attribute(
        "href", f"{shop.address}/cookies"
    )
    first, second = (one.bounding_box() for one in note.get_by_role("button").all())
    assert first is not None
    assert second is not None
    assert first["height"] == second["height"] >= 24
    # As large as the frame, and no wider than the screen.
    assert note.evaluate("one => [one.offsetWidth, one.offsetHeight]") == [560, 420]
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(
    ("style", "size"),
    [
        ("width: 50%; aspect-ratio: 2; height: auto", [300, 150]),
        ("width: 100%; height: 300px; border: 0", [600, 300]),
        ("position: absolute; inset: 0; width: 100%; height: 100%", [600, 400]),
    ],
)
def test_the_placeholder_takes_the_place_of_the_frame(
    context: BrowserContext, shop: Shop, style: str, size: list[int]
) -> None:
    frame = FILM.replace("<iframe", f'<iframe style="{style}"')
    box = '<div style="position: relative; width: 600px; height: 400px; font-size: 1px">'
    page = shop.open(context, f"{box}{frame}</iframe></div>{{banner}}")
    note = page.locator(".cookiegate-held")
    width, height = note.evaluate("one => [one.offsetWidth, one.offsetHeight]")
    assert width == size[0]
    # It grows with its text where that has no place.
    assert height >= size[1] if "aspect" in style else height == size[1]


def test_loading_once_contacts_this_frame_alone_and_ends_with_the_page(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, f"<form>{SIZED}</form>{OTHER}{{banner}}")
    sent, contacts = puts(page), asked(page, "/film")
    page.get_by_role("group", name="The film").get_by_role("button", name="Load once").click()
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    expect(page.locator("#film")).to_be_focused()
    expect(page.get_by_role("group", name="The other")).to_be_visible()
    expect(page.locator("#other")).to_be_hidden()
    assert page.evaluate("cookiegate.allows('marketing')") is False
    assert (len(sent), len(contacts), context.cookies()) == (0, 1, [])
    # What is inserted meanwhile changes nothing, and what is taken back ends it.
    page.evaluate("document.body.append(document.createElement('div'))")
    expect(page.locator("#film")).to_be_visible()
    choose(page, "analysis")
    expect(page.locator("#film")).to_be_visible()
    choose(page)
    expect(page.get_by_role("group", name="The film")).to_be_visible()
    page.get_by_role("group", name="The film").get_by_role("button", name="Load once").click()
    expect(page.locator("#film")).to_be_visible()
    page.reload()
    expect(page.locator(".cookiegate-held")).to_have_count(2)


def test_always_allowing_adds_the_category_to_what_is_granted(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, f"{SIZED}{OTHER}{{banner}}")
    choose(page, "analysis")
    sent = puts(page)
    page.get_by_role("button", name="Always allow marketing").first.click()
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    expect(page.frame_locator("#other").get_by_text("/film")).to_be_visible()
    expect(page.locator("#film")).to_be_focused()
    expect(page.locator(".cookiegate-held")).to_have_count(0)
    assert wait_for(page, sent, 1) == [["analysis", "marketing"]]
    assert json.loads(sent[0].post_data or "")["language"] == "en"
    expect(page.get_by_role("status").first).to_have_text("Your choice is saved.")
    page.reload()
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()


def test_where_the_choice_cannot_be_sent_the_settings_open(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, SIZED + "{banner}")
    page.route("**/cookies/api*", lambda route: route.abort())
    page.get_by_role("button", name="Always allow marketing").click()
    page.wait_for_url("**/cookies")


@pytest.mark.parametrize("tag", ["{banner}", "{cacheable}"])
def test_under_a_signal_nothing_is_offered_that_would_do_nothing(
    browser: Browser, shop: Shop, tag: str
) -> None:
    with browser.new_context(locale="en", extra_http_headers={"Sec-GPC": "1"}) as context:
        page = shop.open(context, SIZED + tag)
        note = page.get_by_role("group", name="The film")
        expect(note.get_by_role("button")).to_have_text(["Load once"])
        expect(note).not_to_contain_text("Always allow")
        note.get_by_role("button").click()
        expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()


def test_a_picture_of_the_site_stands_for_the_frame(context: BrowserContext, shop: Shop) -> None:
    picture = SIZED.replace("<iframe", '<iframe data-cookiegate-picture="/still.svg?a=%22)"')
    page = shop.open(context, picture + "{banner}")
    note = page.get_by_role("group", name="The film")
    image = note.evaluate("one => getComputedStyle(one).backgroundImage")
    assert image == f'url("{shop.address}/still.svg?a=%22)")'


def test_a_frame_that_nobody_sees_has_no_placeholder(context: BrowserContext, shop: Shop) -> None:
    hidden = FILM.replace("<iframe", '<iframe width="0" height="0"')
    page = shop.open(context, f"{hidden}</iframe>{OTHER}{{banner}}")
    expect(page.get_by_role("group", name="The other")).to_be_visible()
    expect(page.locator(".cookiegate-held")).to_have_count(1)
    accept(page)
    expect(page.locator("#film[src]")).to_have_count(1)


def test_a_frame_that_changes_its_address_is_followed(context: BrowserContext, shop: Shop) -> None:
    page = shop.open(context, SIZED + "{banner}")
    lines = logged(page)
    change = "(one, [name, value]) => one.setAttribute(`data-cookiegate${name}`, value)"
    film = page.locator("#film")
    accept(page)
    film.evaluate(change, ["-src", "/sequel"])
    expect(page.frame_locator("#film").get_by_text("/sequel")).to_be_visible()
    film.evaluate(change, ["-src", "javascript:alert(1)"])
    expect(film).to_be_hidden()
    film.evaluate(change, ["-src", "/third"])
    expect(page.frame_locator("#film").get_by_text("/third")).to_be_visible()
    choose(page, "marketing")
    film.evaluate(change, ["", "analysis"])
    expect(page.locator(".cookiegate-held")).to_contain_text("analysis")
    assert len(lines) == 1


MEDIA = """
<img data-cookiegate="marketing" data-cookiegate-src="/a" data-cookiegate-srcset="/b 1x, /c 2x">
<picture data-cookiegate="marketing"><source data-cookiegate-srcset="/d"><img alt=""></picture>
<video data-cookiegate="marketing" data-cookiegate-poster="/e"><source data-cookiegate-src="/f">
<track data-cookiegate-src="/g"></video>
<audio data-cookiegate="marketing" data-cookiegate-src="/h"></audio>
<link rel="stylesheet" data-cookiegate="marketing" data-cookiegate-href="/i">
"""
ATTRIBUTES = """() => [...document.querySelectorAll("img, source, video, track, audio, link")].map(
  (one) => ["src", "srcset", "poster", "href"].map((name) => one.getAttribute(name)).join("")
).filter((text) => !text.includes("/static/"))"""


def test_pictures_players_and_style_sheets_are_held_too(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, MEDIA + "{banner}")
    requests = [asked(page, f"/{name}") for name in "abcdefghi"]
    # A picture that the server sends without its address is asked for nowhere.
    choose(page, "analysis")
    assert "".join(page.evaluate(ATTRIBUTES)) == ""
    choose(page, "marketing")
    page.wait_for_function(f"({ATTRIBUTES})().join('') !== ''")
    found = ["/a/b 1x, /c 2x", "/d", "", "/e", "/f", "/g", "/h", "/i"]
    assert page.evaluate(ATTRIBUTES) == found
    # The player has noticed its source.
    page.wait_for_function("document.querySelector('video').currentSrc.endsWith('/f')")
    choose(page)
    assert "".join(page.evaluate(ATTRIBUTES)) == ""
    page.wait_for_function("document.querySelector('video').networkState !== 2")
    assert len(requests[0]) + len(requests[1]) + len(requests[2]) == 1


def test_only_elements_that_show_something_get_an_address(
    context: BrowserContext, shop: Shop
) -> None:
    names = ["a", "base", "embed", "object", "script", "input", "form"]
    injected = "".join(
        f'<{name} class="bad" data-cookiegate="essential" data-cookiegate-src="/bad" '
        f'data-cookiegate-href="/bad"></{name}>'
        for name in names
    )
    injected += '<img class="bad" data-cookiegate="essential" data-cookiegate-src="data:,">'
    page = shop.open(context, injected + MEDIA + "{banner}")
    accept(page)
    page.wait_for_function("document.querySelector('audio').src")
    expect(page.locator(".bad")).to_have_count(len(names) + 1)
    expect(page.locator(".bad[src], .bad[href]")).to_have_count(0)


def test_only_a_page_with_something_held_loads_the_file_for_it(
    context: BrowserContext, shop: Shop
) -> None:
    embeds = "script[src*='embeds.js']"
    page = shop.open(context, "<div id='more'></div>{banner}")
    expect(page.locator("#cookiegate-banner")).to_be_visible()
    expect(page.locator(embeds)).to_have_count(0)
    # It may fail once.
    page.route("**/embeds.js*", lambda route: route.abort(), times=1)
    insert = "film => { document.getElementById('more').innerHTML = film }"
    with page.expect_event("requestfailed"):
        page.evaluate(insert, SIZED)
    page.evaluate(insert, SIZED)
    expect(page.locator(".cookiegate-held")).to_be_visible()


@pytest.mark.parametrize(
    "rule", [f"'nonce-{NONCE}'", "'self'", f"'nonce-{NONCE}' 'strict-dynamic'"]
)
def test_the_file_is_loaded_under_every_policy_that_admits_the_banners_script(
    context: BrowserContext, shop: Shop, rule: str
) -> None:
    shop.policies["/"] = f"script-src {rule}; require-trusted-types-for 'script'"
    shop.policies["/"] += "; trusted-types cookiegate"
    page = context.new_page()
    lines = logged(page)
    shop.bodies["/"] = SIZED + MEDIA + "{banner}"
    page.goto(shop.address)
    page.get_by_role("button", name="Load once").click()
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    assert lines == []


def test_a_page_that_is_swapped_in_brings_the_texts_of_its_language(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, SIZED + "{banner}")
    expect(page.get_by_role("button", name="Load once")).to_be_visible()
    tag = """script => {
      const live = document.createElement("script");
      for (const { name, value } of document.querySelector("script[data-embeds]").attributes)
        live.setAttribute(name, value);
      Object.assign(live.dataset, script);
      document.body.append(live);
    }"""
    page.evaluate(tag, {"embeds": "embeds.js?lang=sv&v=0"})
    button = page.get_by_role("button", name="Visa en gång")
    expect(button).to_be_visible()
    expect(page.locator(".cookiegate-held")).to_have_count(1)
    expect(page.locator(".cookiegate-held")).to_have_attribute("lang", "sv")
    # No other file is loaded, whatever an injected tag names.
    requests = asked(page, "evil.js")
    page.evaluate(tag, {"embeds": "../../evil.js"})
    button.click()
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    assert requests == []


def test_a_template_writes_the_frame_the_link_without_a_script_and_the_placeholder(
    browser: Browser, context: BrowserContext, shop: Shop
) -> None:
    host = shop.address.removeprefix("http://")
    who = f"Content from Filmhouse ({host}) is shown here once you allow marketing."
    with browser.new_context(locale="en", java_script_enabled=False) as plain:
        page = shop.open(plain, "<main>{frame}</main>{banner}")
        plain_text = page.locator("main noscript p")
        expect(plain_text).to_be_visible()
        text: str = plain_text.evaluate("one => one.innerText")
        assert text == f"{who} The film · Cookie settings"
        expect(page.locator("iframe")).to_be_hidden()
        film, settings = plain_text.locator("a").all()
        expect(film).to_have_attribute("href", f"{shop.address}/film")
        settings.click()
        expect(page.get_by_role("heading", name="Cookie settings")).to_be_visible()
    page = shop.open(context, "<main>{frame}</main>{banner}")
    note = page.get_by_role("group", name="The film")
    expect(note).to_contain_text(who)
    expect(note).to_contain_text("Filmhouse counts who watches.")
    accept(page)
    page.reload()
    expect(page.frame_locator("iframe").get_by_text("/film")).to_be_visible()
    # The server has loaded it; the script holds it again.
    choose(page)
    expect(note).to_be_visible()
    expect(page.locator("iframe[src]")).to_have_count(0)
