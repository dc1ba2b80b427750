"""`cookiegate.js` in Chromium: what it starts, ends and keeps in step, on pages of every kind."""

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from cookiegate import Gate
from tests.browser.script.support import (
    EVENTS,
    FILM,
    NONCE,
    RAN,
    REGISTRY,
    Shop,
    accept,
    choose,
    held,
    logged,
    puts,
    serve,
    wait_for,
)
from tests.ledger.faults.waits import await_that
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")


# Held-back scripts.


def test_scripts_run_in_the_order_in_which_the_parser_would_run_them(
    context: BrowserContext, shop: Shop
) -> None:
    shop.second.clear()
    page = shop.open(
        context,
        RAN
        + held(text="ran.push('deferred module')", data_type="module")
        + held(src="/js/deferred.js", defer="")
        + held(src="/js/first.js")
        + held(src="/js/second.js")
        + held(src="/js/template.js", data_type="text/template")
        + held(src="/js/never.js", nomodule="")
        + held(text="ran.push('user')")
        + held("marketing", text="ran.push('refused')")
        + held(src="/js/third.js")
        + held(text="ran.push('last')")
        + "{banner}",
    )
    assert page.evaluate("ran") == []
    choose(page, "analysis")
    page.wait_for_function("ran.length === 7")
    assert page.evaluate("ran.join()") == ("first,second,user,third,last,deferred module,deferred")


def test_a_script_that_cannot_be_loaded_does_not_stop_those_after_it(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(
        context,
        RAN
        + held(src="http://127.0.0.1:1/gone.js")
        + held(src="/js/slow.js", async_="")
        + held(text="ran.push('user'); throw 1")
        + held(text="ran.push('other')")
        + "{banner}",
    )
    choose(page, "analysis")
    page.wait_for_function("ran.includes('other')")
    assert page.evaluate("ran.filter(one => one !== 'slow').join()") == "user,other"


def test_one_bad_element_stops_nothing_else(context: BrowserContext, shop: Shop) -> None:
    bad = [
        *("https://[", "http://%zz/", "javascript:top.ran.push(1)", "data:text/html,x"),
        *("https://host:99999/", "blob:x", "//", "ftp://host/"),
    ]
    frames = "".join(
        f'<iframe class="bad" data-cookiegate="marketing" data-cookiegate-src="{one}"></iframe>'
        for one in bad
    )
    scripts = held(src="https://[") + held(src="javascript:ran.push(2)")
    scripts += held(src="data:text/javascript,ran.push(3)")
    page = context.new_page()
    lines = logged(page)
    shop.bodies["/"] = RAN + frames + scripts + held(text="ran.push('good')") + "{banner}" + FILM
    page.goto(shop.address)
    expect(page.locator(".cookiegate-held")).to_have_count(1)
    accept(page)
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    assert page.evaluate("ran.join()") == "good"
    expect(page.locator(".bad:visible, .bad[src]")).to_have_count(0)
    # Each is reported once.
    assert len([line for line in lines if line.startswith("Cookiegate:")]) == len(bad) + 3
    assert [line for line in lines if line.startswith("uncaught")] == []


STRICT = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'strict-dynamic'; style-src 'nonce-{NONCE}';"
    " connect-src 'self'; frame-src 'self'; base-uri 'none'"
)
TRUSTED = "; require-trusted-types-for 'script'; trusted-types cookiegate"


@pytest.mark.parametrize("policy", [STRICT, STRICT + TRUSTED])
def test_under_a_strict_policy_only_what_bears_the_nonce_runs(
    context: BrowserContext, shop: Shop, policy: str
) -> None:
    shop.policies["/"] = policy
    page = context.new_page()
    lines = logged(page)
    shop.bodies["/"] = (
        RAN
        + held(text="ran.push('inline')", nonce=NONCE)
        + held(src="/js/outer.js", nonce=NONCE)
        + held(text="ran.push('injected')")
        + held(src="/js/injected.js")
        + held(src="/js/guessed.js", nonce="other")
        + held(text="ran.push('user')", nonce=NONCE)
        + "{banner}"
        + FILM
    )
    page.goto(shop.address)
    # The style has arrived, and nothing was blocked.
    border = "getComputedStyle(document.getElementById('cookiegate-banner')).borderTopStyle"
    assert page.evaluate(border) == "solid"
    assert lines == []
    accept(page)
    # Not wait_for_function, which the policy may forbid: it evaluates text in the page.
    await_that(lambda: bool(page.evaluate("ran.includes('user')")), "the held-back script runs")
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    assert page.evaluate("ran.join()") == "inline,outer,user"
    assert len([line for line in lines if "lacks the page's nonce" in line]) == 3
    assert len(lines) == 3


def test_markup_that_hides_the_documents_members_changes_nothing(
    context: BrowserContext, shop: Shop
) -> None:
    names = [
        *("currentScript", "querySelectorAll", "getElementById", "createElement", "dispatchEvent"),
        *("addEventListener", "createComment", "readyState", "prerendering", "visibilityState"),
    ]
    clobbering = "".join(f'<img name="{name}" alt="">' for name in names)
    clobbering += '<a id="trustedTypes"></a><form name="cookie"><input name="closest"></form>'
    clobbering += '<img id="cookiegate" alt="">'
    page = context.new_page()
    lines = logged(page)
    sent = puts(page)
    script = held(text="ran.push('held')", onload="ran.push('handler')")
    shop.bodies["/"] = clobbering + RAN + script + "{banner}<base href='http://elsewhere.test/'>"
    page.goto(shop.address)
    accept(page)
    assert page.evaluate("ran.join()") == "held"
    wait_for(page, sent, 1)
    assert [request.url for request in sent] == [f"{shop.address}/cookies/api"]
    assert [line for line in lines if "uncaught" in line] == []


# Frames.


def test_after_a_withdrawal_a_frame_is_unloaded_and_the_note_is_back(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(
        context,
        f"<script>{EVENTS}</script>{{banner}}<form><input name='insertBefore'>"
        f"{FILM}</iframe></form>"
        '<iframe id="map" title="Map" data-cookiegate="analysis" data-cookiegate-src="/map">',
    )
    note = page.locator(".cookiegate-held")
    film = page.locator("#film")
    expect(note).to_have_count(2)
    accept(page)
    expect(note).to_have_count(0)
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    expect(page.frame_locator("#map").get_by_text("/map")).to_be_visible()
    length = page.evaluate("history.length")
    page.frames[2].evaluate("window.stays = true")
    choose(page, "analysis")
    expect(note).to_have_count(1)
    expect(film).to_be_hidden()
    # Nothing runs in it, its address is kept, and the way back does not lead into it.
    assert film.evaluate("one => one.contentWindow.location.href") == "about:blank"
    assert film.get_attribute("data-cookiegate-src") == "/film"
    assert page.evaluate("history.length") == length
    # A frame that is allowed was not touched.
    assert page.evaluate("document.getElementById('map').contentWindow.stays") is True
    assert page.evaluate("events.map(({allowed, withdrawn}) => [allowed, withdrawn])") == [
        [["analysis", "essential", "marketing"], []],
        [["analysis", "essential"], ["marketing"]],
    ]
    choose(page, "analysis", "marketing")
    expect(note).to_have_count(0)
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()


def test_what_has_run_is_named_and_the_page_can_be_loaded_again(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context)
    offer = page.locator("#cookiegate-reload")
    accept(page)
    expect(offer).to_be_hidden()
    choose(page)
    expect(offer).to_contain_text("may still be running on this page")
    page.evaluate("window.isOld = true")
    with page.expect_navigation():
        offer.get_by_role("link", name="Load the page again").click()
    assert page.evaluate("window.isOld") is None
    expect(offer).to_be_hidden()
    # A page that deals with it itself says so.
    choose(page, "analysis")
    page.evaluate("addEventListener('cookiegate', (event) => event.preventDefault(), true)")
    choose(page)
    assert page.evaluate("cookiegate.allows('analysis')") is False
    expect(offer).to_be_hidden()


def test_a_style_of_the_site_does_not_show_a_held_frame(
    browser: Browser, context: BrowserContext, shop: Shop
) -> None:
    shop.policies["/"] = f"style-src 'nonce-{NONCE}'"
    style = (
        f"<style nonce='{NONCE}'>iframe{{display:block}}.loud{{display:block !important}}</style>"
    )
    film = FILM.replace("<iframe", '<iframe style="display: inline-grid" class="loud"')
    with browser.new_context(java_script_enabled=False) as plain:
        page = shop.open(plain, style + "{banner}" + FILM)
        expect(page.locator("iframe")).to_be_hidden()
    page = shop.open(context, style + "{banner}" + film)
    frame = page.locator("iframe")
    expect(page.locator(".cookiegate-held")).to_be_visible()
    expect(frame).to_be_hidden()
    accept(page)
    expect(frame).to_be_visible()
    frame.evaluate("one => one.className = ''")
    for _ in range(2):
        # The page's own inline style was blocked by its policy; that of a script was not.
        frame.evaluate("one => { one.style.display = 'inline-grid' }")
        choose(page)
        expect(frame).to_be_hidden()
        choose(page, "marketing")
        assert frame.evaluate("one => getComputedStyle(one).display") == "inline-grid"


# Other tabs, and pages that come back.


@pytest.mark.parametrize("body", ["{banner}", "{cacheable}"])
def test_another_tab_learns_of_each_choice(context: BrowserContext, shop: Shop, body: str) -> None:
    body = f"<script>{EVENTS}</script>{RAN}{held(text='ran.push(1)')}{body}{FILM}"
    other = shop.open(context, body)
    page = shop.open(context, body)
    expect(other.locator("#cookiegate-banner")).to_be_visible()
    page.get_by_role("button", name="Essential only").click()
    expect(other.locator("#cookiegate-banner")).to_be_hidden()
    expect(other.locator("#cookiegate-link")).to_be_visible()
    choose(page, "analysis", "marketing")
    other.wait_for_function("cookiegate.allows('analysis') && ran.length === 1")
    expect(other.frame_locator("#film").get_by_text("/film")).to_be_visible()
    # On the settings page, by a form.
    page.goto(f"{shop.address}/cookies")
    page.get_by_role("button", name="Withdraw consent").click()
    other.wait_for_function("!cookiegate.allows('analysis')")
    expect(other.locator("#film")).to_be_hidden()
    expect(other.locator("#cookiegate-reload")).to_be_visible()
    assert other.evaluate("events.at(-1).withdrawn") == ["analysis", "marketing"]


def test_a_tab_without_messages_asks_when_it_is_seen_again(
    context: BrowserContext, shop: Shop
) -> None:
    context.add_init_script("delete window.BroadcastChannel")
    other = shop.open(context)
    page = shop.open(context)
    accept(page)
    expect(other.locator("#cookiegate-banner")).to_be_visible()
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.locator("#cookiegate-banner")).to_be_hidden()
    assert other.evaluate("cookiegate.allows('marketing')") is True


def test_a_page_that_the_browser_restores_asks_again(context: BrowserContext, shop: Shop) -> None:
    body = f"<script>{EVENTS}</script>{{banner}}{FILM}"
    restored = shop.open(context, body)
    restored.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    page = shop.open(context, body)
    accept(page)
    expect(restored.locator("#cookiegate-banner")).to_be_visible()
    # The banner goes at once, before the answer arrives.
    show = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
    assert restored.evaluate(f"{show}; document.getElementById('cookiegate-banner').hidden") is True
    expect(restored.frame_locator("#film").get_by_text("/film")).to_be_visible()
    restored.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    choose(page)
    assert restored.evaluate("cookiegate.allows('marketing')") is True
    restored.evaluate(show)
    expect(restored.locator("#film")).to_be_hidden()
    assert restored.evaluate("events.at(-1).withdrawn") == ["analysis", "marketing"]
    # Without an answer the banner that was there stays.
    context.clear_cookies()
    page.reload()
    page.route("**/cookies/api*", lambda route: route.abort())
    page.evaluate(show)
    expect(page.locator("#cookiegate-banner")).to_be_visible()


def test_a_prerendered_page_starts_nothing_until_it_is_seen(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, RAN + held(text="ran.push('held')") + "{banner}" + FILM)
    choose(page, "analysis", "marketing")
    early = context.new_page()
    early.add_init_script("Object.defineProperty(document, 'prerendering', {value: true})")
    see = "document.dispatchEvent(new Event('prerenderingchange'))"
    state = "[ran.length, cookiegate.allows('analysis')]"
    early.goto(shop.address)
    assert early.evaluate(state) == [0, False]
    # Not even if the page itself asks.
    early.evaluate("cookiegate.refresh().then(() => null)")
    assert early.evaluate("ran.length") == 0
    choose(page)
    # It is seen with what holds now.
    early.evaluate(see)
    expect(early.locator(".cookiegate-held")).to_be_visible()
    assert early.evaluate(state) == [0, False]
    choose(page, "analysis")
    early.reload()
    assert early.evaluate(state) == [0, False]
    early.evaluate(see)
    early.wait_for_function("ran.length === 1")


# Once.


def test_a_double_click_is_one_choice(context: BrowserContext, shop: Shop) -> None:
    page = shop.open(context)
    sent = puts(page)
    buttons = page.locator("#cookiegate-banner button")
    waiting: list[Any] = []
    page.route("**/cookies/api", lambda route: waiting.append(route), times=1)
    button = page.get_by_role("button", name="Accept all")
    button.dblclick()
    page.wait_for_function("document.getElementById('cookiegate-banner').ariaBusy === 'true'")
    assert buttons.evaluate_all("all => all.map(one => one.disabled)") == [True, True]
    both = "Promise.all([cookiegate.choose(['analysis']), cookiegate.choose(['analysis'])])"
    page.evaluate(f"void {both}")
    waiting[0].continue_()
    expect(page.locator("#cookiegate-banner")).to_be_hidden()
    page.wait_for_function("!cookiegate.allows('marketing')")
    assert wait_for(page, sent, 2) == [["analysis", "marketing"], ["analysis"]]
    assert buttons.evaluate_all("all => all.map(one => one.disabled)") == [False, False]


def test_a_banner_that_is_there_twice_while_a_part_is_swapped_is_shown_once(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, "<div id='old'>{banner}</div>")
    page.evaluate(
        """() => {
          const old = document.getElementById("old");
          old.after(old.cloneNode(true));
        }"""
    )
    banners = page.locator("#cookiegate-banner")
    expect(banners).to_have_count(2)
    expect(page.locator("#cookiegate-banner:visible")).to_have_count(1)
    page.evaluate("document.getElementById('old').remove()")
    expect(page.locator("#cookiegate-banner:visible")).to_have_count(1)
    accept(page)
    expect(page.locator("#cookiegate-link:visible")).to_have_count(1)


def test_a_choice_whose_answer_is_lost_is_sent_again_as_the_same_one(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context)
    sent = puts(page)
    page.route("**/cookies/api*", lambda route: route.abort())
    with page.expect_request(lambda request: request.method == "POST") as posted:
        page.get_by_role("button", name="Accept all").click()
    fields = dict(parse_qsl(posted.value.post_data or ""))
    wait_for(page, sent, 1)
    assert fields["answer"] == "all"
    assert fields["once"] == json.loads(sent[0].post_data or "")["once"]
    assert len(fields["once"]) >= 16
    # The form has done what the script could not.
    expect(page.locator("#cookiegate-link")).to_be_visible()


@pytest.mark.parametrize("tags", ["{banner}<main></main>{banner}", "{cacheable}{cacheable}"])
def test_two_tags_are_one_banner(context: BrowserContext, shop: Shop, tags: str) -> None:
    page = shop.open(context, f"<script>{EVENTS}</script>{RAN}{tags}{held(text='ran.push(1)')}")
    sent = puts(page)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))
    expect(page.locator("#cookiegate-banner")).to_be_visible()
    page.evaluate("events.length = 0")
    accept(page)
    assert page.evaluate("[events.length, ran.length]") == [1, 1]
    assert len(wait_for(page, sent, 1)) == 1


# Parts of pages that scripts insert.

# What Turbo and htmx do with a page: its body replaces this one's, and its scripts run again.
SWAP = """async (url) => {
  const text = await (await fetch(url)).text();
  const next = new DOMParser().parseFromString(text, "text/html");
  document.body.replaceWith(document.adoptNode(next.body));
  const done = [...document.body.querySelectorAll("script:not([type])")].map((script) => {
    const live = document.createElement("script");
    for (const { name, value } of script.attributes) live.setAttribute(name, value);
    live.text = script.text;
    const loaded = new Promise((resolve) => { live.onload = resolve });
    script.replaceWith(live);
    return live.src ? loaded : null;
  });
  await Promise.all(done);
}"""


def test_a_page_that_is_swapped_in_changes_nothing_that_has_not_changed(
    context: BrowserContext, shop: Shop
) -> None:
    shop.bodies["/next"] = "{mode}{banner}" + held(text="ran.push('next')") + FILM
    page = shop.open(context, f"<script>{EVENTS}</script>{RAN}" + "{mode}{banner}")
    sent = puts(page)
    page.evaluate(SWAP, "/next")
    page.evaluate(SWAP, "/next")
    pushed = "dataLayer.map(one => [one[1], one[2].analytics_storage])"
    assert page.evaluate(pushed) == [["default", "denied"]]
    expect(page.locator("#cookiegate-banner")).to_have_count(1)
    expect(page.locator(".cookiegate-held")).to_have_count(1)
    accept(page)
    assert len(wait_for(page, sent, 1)) == 1
    assert page.evaluate("[events.length, ran.join()]") == [1, "next"]
    page.evaluate(SWAP, "/next")
    page.wait_for_function("ran.length === 2")
    assert page.evaluate(pushed) == [["default", "denied"], ["update", "granted"]]
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    choose(page)
    page.evaluate(SWAP, "/next")
    assert page.evaluate("[events.length, ran.length]") == [2, 2]
    assert page.evaluate(pushed)[2:] == [["update", "denied"]]


def test_a_copy_of_a_page_from_before_a_choice_shows_what_holds_now(
    context: BrowserContext, shop: Shop
) -> None:
    body = f"{RAN}{{banner}}{held(text='ran.push(1)')}{FILM}"
    page = shop.open(context, body)
    page.evaluate("window.Turbo = {cache: {clear() { window.isCleared = true }}}")
    page.evaluate("localStorage.setItem('htmx-history-cache', '[]')")
    page.evaluate("window.before = document.body.cloneNode(true)")
    accept(page)
    assert page.evaluate("[isCleared, localStorage.length]") == [True, 0]
    # The copy asks for a choice; and later, one with a frame that is loaded.
    page.evaluate("document.body.replaceWith(before)")
    expect(page.locator("#cookiegate-banner")).to_be_hidden()
    expect(page.frame_locator("#film").get_by_text("/film")).to_be_visible()
    page.evaluate("window.granted = document.body.cloneNode(true)")
    choose(page)
    ran = page.evaluate("ran.length")
    page.evaluate("document.body.replaceWith(granted)")
    expect(page.locator("#film[src]")).to_have_count(0)
    expect(page.locator("#film")).to_be_hidden()
    # A tag in a copy is no consent, even where its script runs again.
    fetched = page.evaluate("fetch('/').then((one) => one.text())")
    shop.bodies["/copy"] = fetched.replace('data-allowed="', 'data-allowed="analysis ')
    page.evaluate(SWAP, "/copy")
    page.evaluate("cookiegate.refresh().then(() => null)")
    assert page.evaluate("cookiegate.allows('analysis')") is False
    assert page.evaluate("ran.length") == ran


# Inserted by `innerHTML`, as a part that another address serves. jQuery evaluates the text of the
# scripts in such a part in a script of its own; others run no script of it.
INSERT = """async (evaluates) => {
  document.getElementById("foot").innerHTML = await (await fetch("/foot")).text();
  if (!evaluates) return;
  const source = document.querySelector("script[data-cookiegate][src]").src;
  const script = document.createElement("script");
  script.text = await (await fetch(source)).text();
  document.head.append(script);
  script.remove();
}"""


def test_a_banner_in_a_part_that_is_inserted_later_is_answered_in_the_page(
    context: BrowserContext, shop: Shop
) -> None:
    shop.bodies["/foot"] = "{banner}"
    page = shop.open(context, RAN + "<div id='foot'></div>" + held(text="ran.push(1)"), "/shelf")
    page.evaluate(INSERT, True)
    accept(page)
    page.wait_for_function("ran.length === 1")
    assert page.url == f"{shop.address}/shelf"
    context.clear_cookies()
    # Where no script runs, the form returns to the page and not to the part.
    page = shop.open(context, "<div id='foot'></div>", "/shelf?a=1")
    shop.bodies["/shelf"] = "<div id='foot'></div>"
    page.goto(f"{shop.address}/shelf?a=1")
    page.evaluate(INSERT, False)
    with page.expect_navigation():
        page.get_by_role("button", name="Essential only").click()
    assert page.url == f"{shop.address}/shelf?a=1"
    assert [cookie.get("name") for cookie in context.cookies()] == ["cookiegate"]


def test_a_tag_that_is_injected_beside_the_true_one_opens_nothing(
    context: BrowserContext, shop: Shop
) -> None:
    # It has a nonce of its own, as does the script that it is to start.
    shop.policies["/"] = STRICT.replace("'nonce-n0nce' 'strict-dynamic'", "* 'unsafe-inline'")
    injected = '<script nonce="x" data-cookiegate="/cookies" data-allowed="analysis"></script>'
    injected += held(text="ran.push('injected')", nonce="x")
    page = context.new_page()
    lines = logged(page)
    shop.bodies["/foot"] = "{banner}"
    shop.bodies["/"] = RAN + injected + "<div id='foot'></div>"
    shop.policies["/foot"] = shop.policies["/"]
    page.goto(shop.address)
    page.evaluate(INSERT, True)
    assert page.evaluate("[ran.length, typeof cookiegate]") == [0, "undefined"]
    assert [line for line in lines if "several that differ" in line]


def test_held_scripts_and_frames_that_are_inserted_later_start_too(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, RAN + "{banner}<div id='more'></div>")
    choose(page, "analysis")
    markup = held(text="ran.push('later')") + FILM
    page.evaluate("markup => { document.getElementById('more').innerHTML = markup }", markup)
    page.wait_for_function("ran.includes('later')")
    expect(page.locator(".cookiegate-held")).to_be_visible()
    expect(page.locator("#film")).to_be_hidden()


# A browser that does not keep the choice.


def test_a_consent_cookie_that_is_not_kept_is_reported(context: BrowserContext, shop: Shop) -> None:
    def drop(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
            return
        response = route.fetch()
        context.clear_cookies()
        headers = {name: text for name, text in response.headers.items() if name != "set-cookie"}
        route.fulfill(response=response, headers=headers)

    page = shop.open(context)
    page.route("**/cookies/api*", drop)
    with page.expect_console_message(lambda said: "did not keep the consent" in said.text):
        accept(page)


def test_over_plain_http_the_console_says_what_is_missing(browser: Browser) -> None:
    # Without https, a browser stores no Secure cookie, unless the host is its own machine.
    with (
        serve(Gate(REGISTRY, KEY), "shop.test") as shop,
        browser.new_context(locale="en") as context,
    ):
        page = shop.open(context)
        with page.expect_console_message(lambda said: "over plain http, no choice" in said.text):
            page.get_by_role("button", name="Accept all").click()
        page.wait_for_url("**/cookies")
