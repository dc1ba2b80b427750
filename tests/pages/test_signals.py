"""The pages under Do Not Track and Global Privacy Control."""

import json
import re
from typing import Any

import pytest

from tests.pages.support import (
    JSON,
    Browse,
    Browser,
    MemoryRecorder,
    Response,
    consent,
    fields,
    registry,
    switches,
)

GPC = (b"sec-gpc", b"1")
DNT = (b"dnt", b"1")
ALL = {"analysis", "marketing"}
CANNOT = "Your browser sends a signal against tracking. As long as it does, this cannot be allowed."
#: A category that DNT leaves to the visitor, with something in it.
SURVIVOR = '[[cookies]]\nname = "size"\ncategory = "functional"\n'


def partly(policy: str = "") -> Any:
    return registry(policy=policy, more=SURVIVOR)


def settings_form(page: Response) -> dict[str, Any]:
    """What a browser sends with the button that saves the settings, if nothing was moved."""
    form = page.text.partition('class="cg-form"')[2].partition("</form>")[0]
    kept = re.findall(r'name="kept" value="(\w+)"', form)
    switched_on = [id for id, (is_on, is_fixed) in switches(form).items() if is_on and not is_fixed]
    return {**fields(page), "kept": kept, "category": switched_on, "answer": "these"}


def recorded_page(recorder: MemoryRecorder, number: int) -> str:
    presentation = recorder.choices[number].presentation
    assert presentation is not None
    return presentation.html or ""


def put(browser: Browser, *granted: str) -> Response:
    body = json.dumps({"granted": granted}).encode()
    return browser.send("PUT", "/cookies/api", body, [JSON])


def test_saving_unchanged_settings_under_a_signal_keeps_what_was_allowed(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(registry=partly(), recorder=recorder)
    browser.post("/cookies", {"answer": "these", "category": ["analysis", "functional"]})
    jar = dict(browser.jar)
    browser.sent.append(DNT)
    response = browser.post("/cookies", settings_form(browser.get("/cookies")))
    assert (response.status, browser.jar, len(recorder.choices)) == (200, jar, 1)


def test_saving_unchanged_settings_under_two_signals_keeps_what_was_allowed(
    browse: Browse,
) -> None:
    browser = browse(registry=partly('signals = { dnt = "confirm", gpc = "override" }'))
    browser.post("/cookies", {"answer": "these", "category": ["analysis", "functional"]})
    jar = dict(browser.jar)
    browser.sent += [GPC, DNT]
    browser.post("/cookies", settings_form(browser.get("/cookies")))
    assert browser.jar == jar


def test_changing_what_a_signal_leaves_open_keeps_what_it_blocks(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(registry=partly(), recorder=recorder)
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    browser.sent.append(DNT)
    form = settings_form(browser.get("/cookies"))
    browser.post("/cookies", {**form, "category": ["functional"]})
    assert consent(browser).granted == {"analysis", "functional"}
    assert recorder.choices[-1].after.allowed == {"essential", "functional"}
    browser.sent.remove(DNT)
    state = json.loads(browser.get("/cookies/api").text)
    assert state["allowed"] == ["analysis", "essential", "functional"]


def test_what_was_allowed_and_is_blocked_is_shown_as_both(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    browser.sent += [GPC, DNT]
    page = browser.get("/cookies").text
    assert switches(page) == {"analysis": (False, True), "marketing": (False, True)}
    signals = "Do Not Track and Global Privacy Control"
    _, analysis, marketing = re.findall(r'<div id="cg-[134]-about">(.*?)</div>', page, re.DOTALL)
    assert f"You allowed this. It is off as long as your browser sends {signals}." in analysis
    assert f"Off, because your browser sends {signals}." in marketing


def test_a_switch_names_only_the_signals_that_block_it(browse: Browse) -> None:
    browser = browse(registry=partly())
    browser.sent += [GPC, DNT]
    page = browser.get("/cookies").text
    assert page.count("Off, because your browser sends Global Privacy Control.") == 1
    assert (
        page.count("Off, because your browser sends Do Not Track and Global Privacy Control.") == 2
    )


def test_a_withdrawal_is_offered_and_takes_everything_back_under_a_signal(browse: Browse) -> None:
    for button in ("withdraw", "none"):
        browser = browse()
        browser.post("/cookies", {"answer": "all"})
        browser.sent.append(GPC)
        assert f'value="{button}"' in browser.get("/cookies").text
        assert "Your consent is withdrawn." in browser.post("/cookies", {"answer": button}).text
        browser.sent.remove(GPC)
        assert consent(browser).granted == set()


@pytest.mark.parametrize("signal", [GPC, DNT])
def test_buttons_that_a_signal_makes_void_are_not_offered(browse: Browse, signal: Any) -> None:
    browser = browse()
    answers = r'<button[^>]* name="answer" value="(\w+)"'
    assert re.findall(answers, browser.get("/cookies").text) == ["these", "all", "none"]
    browser.sent.append(signal)
    assert re.findall(answers, browser.get("/cookies").text) == ["none"]
    browser = browse(registry=partly())
    browser.sent.append(DNT)
    assert re.findall(answers, browser.get("/cookies").text) == ["these", "none"]


@pytest.mark.parametrize("granted", [(), ("marketing",)])
def test_what_a_signal_blocks_is_neither_allowed_nor_refused(
    browse: Browse, granted: tuple[str, ...]
) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder)
    if granted:
        browser.post("/cookies", {"answer": "these", "category": granted})
    jar, number = dict(browser.jar), len(recorder.choices)
    browser.sent.append(GPC)
    response = browser.post("/cookies", {"answer": "all"})
    assert (response.status, "Nothing was changed" in response.text) == (409, True)
    assert CANNOT in response.text
    response = put(browser, *ALL)
    assert (response.status, json.loads(response.text)["detail"]) == (409, CANNOT)
    assert (browser.jar, len(recorder.choices)) == (jar, number)


def test_the_api_keeps_what_it_is_given_of_earlier_grants_under_a_signal(browse: Browse) -> None:
    browser = browse()
    put(browser, *ALL)
    browser.sent.append(GPC)
    answer = json.loads(put(browser, "analysis").text)
    assert (answer["granted"], answer["allowed"]) == (["analysis"], ["essential"])
    assert json.loads(put(browser).text)["granted"] == []


def test_a_choice_that_a_signal_blocks_in_part_still_withdraws(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    browser.sent.append(GPC)
    response = browser.post("/cookies", {"answer": "these", "category": "marketing"})
    assert (response.status, "Not everything was changed" in response.text) == (409, True)
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()


def test_only_an_earlier_grant_is_kept(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    form = {"answer": "these", "kept": ["analysis", "marketing", "essential", "none"]}
    browser.post("/cookies", form)
    assert consent(browser).granted == {"analysis"}


@pytest.mark.parametrize("sent", ["kept", "category"])
def test_what_stays_under_one_signal_is_not_confirmed_under_another(
    browse: Browse, sent: str
) -> None:
    browser = browse(registry=partly('signals = { dnt = "confirm", gpc = "override" }'))
    browser.post("/cookies", {"answer": "these", "category": ["analysis", "functional"]})
    browser.sent += [GPC, DNT]
    # `functional` is switched off, so there is a new choice.
    assert browser.post("/cookies", {"answer": "these", sent: "analysis"}).status == 200
    browser.sent.remove(GPC)
    # Nobody has allowed `analysis` under DNT.
    assert json.loads(browser.get("/cookies/api").text)["allowed"] == ["essential"]


def test_a_banner_offers_what_a_signal_leaves_open_and_no_more(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(registry=partly(), recorder=recorder)
    browser.sent.append(DNT)
    page = browser.get("/page")
    assert "Accept all" not in page.text
    assert 'data-offered="functional"' in page.text
    listed = re.findall(r"<li><strong>(\w+)", page.text)
    assert listed == ["Functional"]
    sentence = "As long as your browser sends Do Not Track, these stay off: Analysis and marketing."
    assert sentence in page.text
    assert "companies" not in page.text.partition("<form")[0]
    assert re.findall(r'name="answer" value="(\w+)">(.*?)</button>', page.text) == [
        ("these", "Allow these"),
        ("none", "Essential only"),
    ]
    assert browser.post("/cookies", {**fields(page), "answer": "these"}).status == 303
    assert consent(browser).granted == {"functional"}
    html = recorded_page(recorder, -1)
    assert "Accept all" not in html
    assert "these stay off" in html


def test_a_page_that_was_opened_under_a_signal_grants_no_more_without_it(browse: Browse) -> None:
    browser = browse(registry=partly())
    form = fields(browser.get("/page", DNT))
    for answer in ("all", "these"):
        assert browser.post("/cookies", {**form, "answer": answer}).status == 409
    assert browser.jar == {}


def test_a_recorded_page_shows_the_signals_that_the_visitor_sent(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder)
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    browser.sent.append(GPC)
    browser.post("/cookies", {**fields(browser.get("/cookies")), "answer": "none"})
    first, second = recorded_page(recorder, 0), recorded_page(recorder, 1)
    assert "Off, because your browser sends" not in first
    assert "Off, because your browser sends Global Privacy Control." in second
    # It says nothing about what this visitor had allowed.
    assert "You allowed this" not in second


def test_a_grant_that_a_choice_may_confirm_says_how(browse: Browse) -> None:
    browser = browse(registry=registry(policy='signals = "confirm"'))
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    browser.sent.append(GPC)
    page = browser.get("/cookies")
    assert switches(page.text) == {"analysis": (True, False), "marketing": (False, False)}
    words = "You allowed this, but it is off because your browser sends Global Privacy Control."
    assert page.text.count(words) == 1
    assert "What you choose here still counts." in page.text
    browser.post("/cookies", settings_form(page))
    assert json.loads(browser.get("/cookies/api").text)["allowed"] == ["analysis", "essential"]
    assert words not in browser.get("/cookies").text


def test_what_survives_a_signal_is_not_said_to_be_off(browse: Browse) -> None:
    browser = browse(registry=partly('signals = "confirm"'))
    browser.post("/cookies", {"answer": "these", "category": ["analysis", "functional"]})
    browser.sent.append(DNT)
    page = browser.get("/cookies").text
    assert "only what is essential is allowed" not in page
    assert page.count("You allowed this, but it is off") == 1


def test_saving_replaces_several_choices_although_nothing_changes(browse: Browse) -> None:
    browser = browse()
    both = [browser.gate.issue(granted).partition(";")[0] for granted in (["analysis"], [])]
    sent = (b"cookie", "; ".join(both).encode())
    browser.post("/cookies", {"answer": "these"}, sent)
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()


def test_with_several_choices_only_buttons_that_are_there_are_named(browse: Browse) -> None:
    browser = browse()
    both = [browser.gate.issue(granted).partition(";")[0] for granted in (["analysis"], [])]
    sent = (b"cookie", "; ".join(both).encode())
    assert "If you save your choice here" in browser.get("/cookies", sent).text
    page = browser.get("/cookies", sent, GPC).text
    assert "sends several choices of yours" in page
    assert "If you save your choice here" not in page
