"""A choice: who may make it, and its effect."""

import re
from typing import Any

import pytest

from cookiegate import Registry
from tests.pages.support import (
    JSON,
    OTHER,
    TEXT,
    Browse,
    Browser,
    MemoryRecorder,
    consent,
    registry,
    switches,
)
from tests.registries import DAY, NOON


@pytest.mark.parametrize(
    ("fields", "granted"),
    [
        ({"answer": "all"}, {"analysis", "marketing"}),
        ({"answer": "none"}, set()),
        ({"answer": "these", "category": ["analysis"]}, {"analysis"}),
        ({"answer": "these", "category": ["functional", "essential"]}, set()),
    ],
)
def test_a_choice_is_made_and_shown(
    browse: Browse, fields: dict[str, Any], granted: set[str]
) -> None:
    browser = browse()
    response = browser.post("/cookies", {**fields, "lang": "sv"})
    assert (response.status, response.all(b"location")) == (200, [])
    assert '<html lang="sv"' in response.text
    assert "Ditt val är sparat." in response.text
    assert response.one(b"cache-control") == "no-store"
    assert consent(browser).status == "given"
    assert consent(browser).granted == granted
    page = browser.get("/cookies")
    assert "Your choice is saved." not in page.text
    assert {id for id, (on, _) in switches(page.text).items() if on} == granted
    assert ("You chose on 24 November 2026." in page.text) is True
    assert ("Withdraw consent" in page.text) is bool(granted)


def test_a_withdrawal_deletes_this_sites_cookies_and_names_where_others_live(
    browse: Browse,
) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "all"})
    browser.jar.update({"_ga": "1", "here": "2", "NID": "3", "sid": "4", "stranger": "5", "": "6"})
    page = browser.post("/cookies", {"answer": "withdraw"}).text
    assert consent(browser).granted == set()
    assert set(browser.jar) == {"cookiegate", "sid", "stranger", ""}
    assert "Your consent is withdrawn." in page
    assert "Your browser is asked to delete: _ga, here and NID." in page
    assert "Your browser still sends" not in page
    assert "https://google.example/out" in page


def test_a_refused_cookie_may_have_a_name_beyond_ascii(browse: Browse) -> None:
    text = TEXT.format(site="", policy="")
    text += '[[cookies]]\nname = "kü*"\ncategory = "marketing"\n'
    browser = browse(registry=Registry.parse(text))
    browser.jar["küche"] = "1"
    response = browser.post("/cookies", {"answer": "withdraw"})
    assert response.status == 200
    assert consent(browser).status == "given"
    assert browser.jar["küche"] == "1"
    assert "because of their names: küche. Delete them in your browser’s settings." in response.text
    assert "Your browser sent nothing that had to be deleted." not in response.text


def test_a_withdrawal_without_cookies_to_delete_says_so(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "all"})
    page = browser.post("/cookies", {"answer": "withdraw"}).text
    assert "Your browser sent nothing that had to be deleted." in page


@pytest.mark.parametrize("query", ["done=withdrawn", "done=saved", "done=withdrawn&removed=text"])
def test_no_address_claims_that_something_was_done(browse: Browse, query: str) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "none"})
    page = browser.get("/cookies").text
    again = browser.get(f"/cookies?{query}").text
    once = re.compile(r'name="once" value="[^"]*"')
    assert once.sub("", again) == once.sub("", page)
    assert "withdrawn" not in page


@pytest.mark.parametrize("answer", ["all", "none", "withdraw"])
def test_an_answer_that_is_loaded_again_changes_nothing(browse: Browse, answer: str) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder, choices_per_second=0.1, choices_at_once=1)
    form = {"answer": answer}
    if answer == "withdraw":
        browser.post("/cookies", {"answer": "all"})
    browser.post("/cookies", form)
    before, count = dict(browser.jar), len(recorder.choices)
    again = browser.post("/cookies", form)
    assert (again.status, again.all(b"set-cookie")) == (200, [])
    assert (browser.jar, len(recorder.choices)) == (before, count)


def test_what_the_browser_still_sends_is_on_the_settings_page(browse: Browse) -> None:
    browser = browse()
    words = "Your browser still sends cookies that are not allowed: _ga_é, _ga and NID."
    browser.jar.update({"_ga": "1", "NID": "2", "_ga_é": "3", "sid": "4"})
    assert words not in browser.get("/cookies").text
    answer = browser.post("/cookies", {"answer": "none"}).text
    assert "Your browser is asked to delete: _ga and NID." in answer
    # They live at a place where the deletions did not reach them.
    browser.jar.update({"_ga": "1", "NID": "2"})
    assert words in browser.get("/cookies").text
    del browser.jar["_ga"], browser.jar["NID"], browser.jar["_ga_é"]
    assert "Your browser still sends" not in browser.get("/cookies").text


def test_a_page_names_no_invisible_characters_and_cuts_long_names(browse: Browse) -> None:
    browser = browse()
    browser.jar.update({"_ga_\u202e<b>": "1", "_ga_" + "x" * 2000: "1", "_ga_\x01": "1"})
    page = browser.post("/cookies", {"answer": "none"}).text
    assert f"names: _ga_\ufffd&lt;b&gt;, _ga_{'x' * 76}… and _ga_\ufffd." in page


def test_what_has_no_room_is_announced_for_the_next_pages(browse: Browse) -> None:
    browser = browse()
    names = [f"_ga_{number}{'x' * 700}" for number in range(4)]
    browser.jar.update(dict.fromkeys(names, "1"))
    response = browser.post("/cookies", {"answer": "none"})
    asked = {line.partition("=")[0] for line in response.all(b"set-cookie")} - {"cookiegate"}
    later = set(names) - asked
    assert asked
    assert later
    first, second = (
        re.search(rf"{words}: ([^<]+)\.</p>", response.text)
        for words in ("is asked to delete", "delete these too")
    )
    assert first is not None
    assert second is not None
    assert [first[1].count("_ga_"), second[1].count("_ga_")] == [len(asked), len(later)]
    for _ in range(5):
        browser.get("/cookies", (b"sec-fetch-dest", b"document"))
    assert set(browser.jar) == {"cookiegate"}


@pytest.mark.parametrize(
    ("days", "text"),
    [(91, "Your earlier choice has expired."), (1, "You chose on 24 November 2026.")],
)
def test_a_choice_expires(browse: Browse, days: int, text: str) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "all"})
    browser.now = NOON + days * DAY
    page = browser.get("/cookies").text
    assert text in page
    assert all(on is (days == 1) for on, _ in switches(page).values())


def test_a_raised_version_says_what_has_changed(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "all"})
    text = TEXT.format(site="", policy="").replace("version = 2", "version = 3")
    browser.gate.replace(Registry.parse(text))
    page = browser.get("/cookies").text
    assert "What this site stores has changed since you chose." in page
    assert not any(on for on, _ in switches(page).values())


def test_an_overriding_signal_turns_the_switches_off(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "all"})
    browser.sent.append((b"sec-gpc", b"1"))
    page = browser.get("/cookies").text
    assert switches(page) == {"analysis": (False, True), "marketing": (False, True)}
    assert "It is off as long as your browser sends Global Privacy Control." in page


def test_a_choice_counts_under_a_signal_that_it_may_confirm(browse: Browse) -> None:
    browser = browse(registry=registry(policy='signals = "confirm"'))
    browser.sent.append((b"dnt", b"1"))
    page = browser.get("/cookies").text
    assert "What you choose here still counts." in page
    assert switches(page)["analysis"] == (False, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"sec-fetch-site", b"same-origin")], 200),
        ([OTHER, (b"origin", b"http://shop.example")], 403),
        ([(b"sec-fetch-site", b"same-site")], 403),
        ([(b"origin", b"https://shop.example")], 200),
        ([(b"origin", b"http://SHOP.example:80")], 200),
        ([(b"origin", b"http://evil.example")], 403),
        ([(b"origin", b"http://shop.example:8080")], 403),
        ([(b"origin", b"shop.example")], 403),
        ([(b"origin", b"null")], 403),
        ([], 403),
    ],
)
@pytest.mark.parametrize("is_api", [False, True])
def test_only_the_site_itself_chooses(
    browse: Browse, headers: list[tuple[bytes, bytes]], status: int, is_api: bool
) -> None:
    browser = browse()
    browser.sent = headers
    if is_api:
        response = browser.send("PUT", "/cookies/api", b'{"granted": ["analysis"]}', [JSON])
    else:
        response = browser.post("/cookies", {"answer": "all"})
    assert response.status == status
    assert (consent(browser).status == "given") is (status == 200)


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        (b"https://shop.example", b"shop.example", 200),
        (b"HTTPS://SHOP.example", b"shop.example:443", 200),
        (b"https://shop.example", b"shop.example:80", 200),
        (b"https://shop.example:8443", b"shop.example:8443", 200),
        (b"http://shop.example", b"shop.example", 403),
        (b"http://shop.example:80", b"shop.example", 403),
        (b"http://shop.example:443", b"shop.example:443", 403),
        (b"https://shop.example:80", b"shop.example", 403),
        (b"ftp://shop.example", b"shop.example", 403),
        (b"https://", b"", 403),
        (b"://shop.example", b"shop.example", 403),
    ],
)
def test_a_page_over_http_does_not_choose_for_a_site_over_https(
    browse: Browse, origin: bytes, host: bytes, status: int
) -> None:
    browser = browse(hosts=[host.decode()], secure=True)
    browser.sent = [(b"origin", origin)]
    response = browser.post("/cookies", {"answer": "all"})
    assert response.status == status
    assert bool(browser.jar) is (status == 200)
    assert ("opened over http, but" in response.text) is origin.startswith(b"http:")


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("www.shop.example", b"https://www.shop.example", 200),
        ("WWW.shop.example:8443", b"https://www.shop.example:8443", 200),
        ("www.shop.example", b"https://www.shop.example:8443", 403),
        ("www.shop.example", b"https://shop.example", 403),
        ("[::1]:8000", b"http://[::1]:8000", 200),
    ],
)
def test_hosts_can_be_configured_and_include_the_port(
    browse: Browse, host: str, origin: bytes, status: int
) -> None:
    browser = browse(hosts=[host])
    browser.sent = [(b"origin", origin)]
    assert browser.post("/cookies", {"answer": "all"}).status == status


def test_an_old_browser_needs_a_token_that_is_bound_to_its_cookie(browse: Browse) -> None:
    browser = browse()
    browser.sent = []
    token = browser.token(browser.get("/cookies").text)
    held = dict(browser.jar)
    assert set(held) == {"cookiegate-form"}
    for jar, sent in ((held, "x" * 300), (held, f"{token}x"), ({}, token)):
        browser.jar = dict(jar)
        assert browser.post("/cookies", {"answer": "all", "token": sent}).status == 403
    browser.jar = {"cookiegate-form": "another"}
    assert browser.post("/cookies", {"answer": "all", "token": token}).status == 403
    browser.jar = held
    assert browser.post("/cookies", {"answer": "all", "token": token}).status == 200


def test_a_browser_with_fetch_metadata_gets_no_token(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/cookies")
    assert (browser.token(page.text), page.all(b"set-cookie")) == ("", [])


def test_choices_are_limited_and_withdrawals_never(browse: Browse) -> None:
    browser = browse(choices_per_second=0.1, choices_at_once=2)
    for number in range(2):
        browser.jar.clear()
        assert browser.post("/cookies", {"answer": "all"}).status == 200, number
    kept = dict(browser.jar)
    browser.jar.clear()
    response = browser.post("/cookies", {"answer": "all"})
    assert (response.status, response.one(b"retry-after")) == (429, "10")
    refused = browser.send("PUT", "/cookies/api", b'{"granted": ["analysis"]}', [JSON])
    assert (refused.status, refused.one(b"retry-after")) == (429, "10")
    browser.jar = kept
    assert browser.post("/cookies", {"answer": "withdraw"}).status == 200
    browser.now += 10
    browser.jar.clear()
    assert browser.post("/cookies", {"answer": "all"}).status == 200


def test_one_client_beyond_the_limit_does_not_stop_the_others(browse: Browse) -> None:
    browser = browse(choices_per_second=0.1, choices_at_once=2)
    statuses = []
    for address in ("192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.8", "2001:db8::1"):
        browser.jar.clear()
        browser.address = address
        statuses.append(browser.post("/cookies", {"answer": "all"}).status)
    assert statuses == [200, 200, 429, 200, 200]


@pytest.mark.parametrize("policy", ["", 'signals = "confirm"'])
def test_a_choice_beyond_the_limit_still_withdraws(browse: Browse, policy: str) -> None:
    browser = browse(registry=registry(policy=policy), choices_per_second=0.1, choices_at_once=1)
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    signal = [(b"sec-gpc", b"1")] if policy else []
    both = {"answer": "these", "category": ["analysis", "marketing"]}
    response = browser.post("/cookies", both, *signal)
    assert (response.status, "Nothing was changed" in response.text) == (429, True)
    assert consent(browser).granted == {"analysis"}
    other = {"answer": "these", "category": "marketing"}
    response = browser.post("/cookies", other, *signal)
    assert (response.status, "Not everything was changed" in response.text) == (429, True)
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (1, 0)])
def test_a_limit_of_zero_is_an_error(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="give numbers above 0"):
        Browser("asgi", choices_per_second=rate, choices_at_once=burst)


def test_a_link_to_the_settings_deletes_nothing(browse: Browse) -> None:
    browser = browse(registry=registry(policy='sweep = "off"'))
    browser.post("/cookies", {"answer": "none"})
    browser.jar["_ga"] = "1"
    page = browser.get("/cookies")
    assert "_ga" in browser.jar
    assert "Your browser" not in page.text
