"""What a recorder receives with a choice, and the response if it cannot record it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Choice, Presentation
from cookiegate.ledger import Ledger
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.database import open_engine
from cookiegate.ledger.storage.store import Store
from cookiegate.pages.templating import Renderer
from tests.ledger.books import made
from tests.pages.support import JSON, Browse, Browser, MemoryRecorder, consent, registry


@pytest.fixture
def recorder() -> MemoryRecorder:
    return MemoryRecorder()


@pytest.fixture
def browser(browse: Browse, recorder: MemoryRecorder) -> Browser:
    found: Browser = browse(recorder=recorder)
    return found


def shown(recorder: MemoryRecorder) -> Presentation:
    found = recorder.choices[-1].presentation
    assert found is not None
    return found


def test_a_choice_on_the_banner_is_recorded_with_the_banner_in_its_language(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    page = browser.get("/front", (b"accept-language", b"sv")).text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    browser.post("/cookies", {**fields, "answer": "all"})
    found = shown(recorder)
    assert (found.surface, found.language) == ("banner", "sv")
    assert found.html is not None
    assert "Godkänn alla" in found.html
    assert "<form" in found.html


def test_a_custom_banner_without_the_surface_field_is_recorded_as_the_banner(
    browse: Browse, recorder: MemoryRecorder, tmp_path: Path
) -> None:
    (tmp_path / "banner.html").write_text(
        '<form method="post" action="{{ base }}"><input type="hidden" name="back" '
        'value="{{ back }}"><button name="answer" value="all">Sure</button></form>'
    )
    browser = browse(recorder=recorder, templates=tmp_path)
    page = browser.get("/front").text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert browser.post("/cookies", {**fields, "answer": "all"}).one(b"location") == "/front"
    found = shown(recorder)
    assert found.surface == "banner"
    assert "Sure" in (found.html or "")


def test_a_choice_in_the_settings_is_recorded_with_the_settings_page(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.post("/cookies", {"answer": "these", "category": "analysis", "lang": "sv"})
    found = shown(recorder)
    assert (found.surface, found.language) == ("settings", "sv")
    assert found.html is not None
    assert "Analys" in found.html


def test_a_presentation_holds_nothing_of_the_visitor_and_needs_no_other_file(
    browse: Browse, browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.post("/cookies", {"answer": "all"})
    first = shown(recorder)
    browser.get("/cookies?lang=en")
    # The presentation has no mount, no token and no state.
    browser.post("/cookies?lang=en", {"answer": "none", "lang": "en"})
    assert shown(recorder).html == first.html
    other = browse(recorder=recorder, root="/mounted")
    other.post("/cookies", {"answer": "all", "lang": "en"})
    assert shown(recorder).html == first.html
    assert first.html is not None
    assert "data:text/css;base64," in first.html
    assert not re.search(r'(src|rel="stylesheet" href)="/', first.html)


def test_a_presentation_is_rendered_once_for_each_registry(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    for button in ("all", "none"):
        browser.post("/cookies", {"answer": button})
    one, two = (choice.presentation for choice in recorder.choices)
    assert one == two
    browser.gate.replace(registry("updated = 2026-11-25"))
    browser.post("/cookies", {"answer": "all"})
    assert recorder.choices[-1].presentation is not one


def test_a_choice_through_the_api_is_recorded_with_surface_api(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.send("PUT", "/cookies/api", b'{"granted": ["analysis"]}', [JSON])
    assert shown(recorder) == Presentation(surface="api", language="en", sent_by="script")


def test_the_script_names_the_surface_of_a_choice(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    body = {"granted": ["analysis"], "surface": "banner", "language": "sv"}
    browser.send("PUT", "/cookies/api", json.dumps(body).encode(), [JSON])
    found = shown(recorder)
    assert (found.surface, found.language) == ("banner", "sv")
    assert found.html is not None


def test_a_withdrawal_shows_its_receipt_once_and_in_no_address(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.post("/cookies", {"answer": "all"})
    browser.jar["_ga"] = "1"
    response = browser.post("/cookies", {"answer": "withdraw", "lang": "sv"})
    receipt = recorder.choices[-1].receipt
    assert response.status == 200
    assert response.one(b"cache-control") == "no-store"
    assert 'lang="sv"' in response.text
    assert f"<code>{receipt}</code>" in response.text
    assert "_ga" in response.text
    assert "_ga" not in browser.jar
    assert receipt not in browser.get("/cookies").text
    assert receipt not in "".join(browser.jar.values())
    again = browser.post("/cookies", {"answer": "withdraw"})
    assert (again.status, again.all(b"set-cookie")) == (200, [])
    assert len(recorder.choices) == 2


def open_grants(url: str) -> list[str]:
    """Return the ids of the grants in a ledger that no other receipt closes."""
    engine = open_engine(url)
    receipts = [load_receipt(body) for body in Store(engine).bodies()]
    engine.dispose()
    closed = {one.closes for one in receipts}
    return [one.id for one in receipts if one.kind == "grant" and one.id not in closed]


@pytest.mark.parametrize("is_api", [False, True])
def test_the_same_choice_sent_twice_leaves_one_receipt(
    browse: Browse, tmp_path: Path, is_api: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    made(url).dispose()
    ledger = Ledger(url)
    browser = browse()
    browser.recorder = ledger.asgi if browser.adapter == "asgi" else ledger
    once = re.findall(r'name="once" value="([^"]+)"', browser.get("/cookies").text)
    assert len(once) == 1  # without a choice in force there is no form to withdraw

    def choose(granted: list[str], text: str) -> None:
        if is_api:
            body = json.dumps({"granted": granted, "once": text}).encode()
            assert browser.send("PUT", "/cookies/api", body, [JSON]).status == 200
        else:
            form = {"answer": "these", "category": granted, "once": text}
            assert browser.post("/cookies", form).status == 200

    def twice(granted: list[str], text: str) -> None:
        # As after a double click: the browser has no answer yet when it sends the second one.
        jar = dict(browser.jar)
        choose(granted, text)
        browser.jar = jar
        choose(granted, text)

    twice(["analysis"], once[0])
    (first,) = open_grants(url)
    assert consent(browser).receipt == first
    twice([], once[0])
    assert open_grants(url) == []
    # A choice by an old copy of the page is a choice of its own.
    browser.now += 3600
    twice(["analysis"], once[0])
    (second,) = open_grants(url)
    assert second != first
    browser.jar.clear()
    choose(["analysis"], "another page, another visitor")
    assert len(open_grants(url)) == 2
    ledger.close()


@pytest.mark.parametrize("once", ["", "short", "x" * 65])
def test_a_form_with_another_text_than_a_pages_has_a_receipt_of_its_own(
    browser: Browser, recorder: MemoryRecorder, once: str
) -> None:
    for _ in range(2):
        browser.jar.clear()
        assert browser.post("/cookies", {"answer": "all", "once": once}).status == 200
    first, second = recorder.choices
    assert first.receipt != second.receipt


def test_the_api_returns_the_closing_receipt_once(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.send("PUT", "/cookies/api", b'{"granted": ["analysis"]}', [JSON])
    response = browser.send("PUT", "/cookies/api", b'{"granted": []}', [JSON])
    assert json.loads(response.text)["receipt"] == recorder.choices[-1].receipt
    assert json.loads(browser.get("/cookies/api").text)["receipt"] is None


@pytest.mark.parametrize(
    ("mode", "sent_by"),
    [(None, "form"), (b"navigate", "form"), (b"cors", "script"), (b"same-origin", "script")],
)
def test_a_form_that_a_script_sends_is_marked(
    browser: Browser, recorder: MemoryRecorder, mode: bytes | None, sent_by: str
) -> None:
    headers = [] if mode is None else [(b"sec-fetch-mode", mode)]
    browser.post("/cookies", {"answer": "all", "surface": "banner"}, *headers)
    (choice,) = recorder.choices
    assert choice.presentation is not None
    assert (choice.presentation.surface, choice.presentation.sent_by) == ("banner", sent_by)


def test_a_choice_through_the_api_says_so_whatever_surface_it_names(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    body = b'{"granted": ["analysis"], "surface": "banner", "language": "sv"}'
    browser.send("PUT", "/cookies/api", body, [(b"content-type", b"application/json")])
    (choice,) = recorder.choices
    assert choice.presentation is not None
    assert (choice.presentation.surface, choice.presentation.sent_by) == ("banner", "script")


def test_a_refusal_shows_no_receipt(browser: Browser, recorder: MemoryRecorder) -> None:
    response = browser.post("/cookies", {"answer": "none"})
    assert response.status == 200
    assert recorder.choices[-1].receipt not in response.text


def test_a_choice_that_cannot_be_recorded_is_answered_with_503(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    recorder.is_down = True
    response = browser.post("/cookies", {"answer": "all"})
    assert (response.status, response.one(b"retry-after")) == (503, "30")
    assert "Nothing was changed" in response.text
    assert "could not be saved just now" in response.text
    assert "cookiegate" not in browser.jar
    assert int(response.one(b"content-length")) == len(response.body)
    for path in ("/cookies/api", "/cookies/api/"):
        response = browser.send("PUT", path, b'{"granted": ["analysis"]}', [JSON])
        assert (response.status, response.one(b"retry-after")) == (503, "30")
        assert json.loads(response.text)["status"] == 503
        assert "cookiegate" not in browser.jar


def test_a_choice_is_committed_once_and_before_its_response_is_rendered(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    render = Renderer.render

    class Recorder(MemoryRecorder):
        def commit(self, choice: Choice) -> None:
            events.append("commit")
            super().commit(choice)

    def counted(self: Renderer, template: str, texts: Any, values: Any) -> str:
        # What the visitor saw is rendered for the recorder.
        is_presentation = values["asset"]("banner-page.css").startswith("data:")
        events.append("presentation" if is_presentation else template)
        return render(self, template, texts, values)

    monkeypatch.setattr(Renderer, "render", counted)
    recorder = Recorder()
    browser = browse(recorder=recorder)
    browser.post("/cookies", {"answer": "all"})
    assert events == ["presentation", "commit", "settings.html"]
    browser.post("/cookies", {"answer": "withdraw"})
    assert events == ["presentation", *["commit", "settings.html"] * 2]
    recorder.is_down = True
    del events[:]
    browser.post("/cookies", {"answer": "all"})
    assert events == ["commit", "message.html"]


def test_a_withdrawal_without_fetch_metadata_gets_a_new_token(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.post("/cookies", {"answer": "all"})
    browser.sent = [(b"origin", b"http://shop.example")]
    response = browser.post("/cookies", {"answer": "withdraw"})
    assert browser.token(response.text)
    assert set(browser.jar) == {"cookiegate", "cookiegate-form"}


def test_a_withdrawal_holds_even_if_the_rest_of_the_choice_cannot_be_recorded(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    recorder.is_down = True
    response = browser.post("/cookies", {"answer": "these", "category": "marketing"})
    assert response.status == 503
    assert "Not everything was changed" in response.text
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()
    assert recorder.choices[-1].is_withdrawal


def test_a_withdrawal_holds_even_if_the_error_page_cannot_be_rendered(
    browse: Browse, recorder: MemoryRecorder, tmp_path: Path
) -> None:
    (tmp_path / "message.html").write_text("{{ of_another_version }}")
    errors: list[Exception] = []
    browser = browse(recorder=recorder, templates=tmp_path, on_error=errors.append)
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    recorder.is_down = True
    response = browser.post("/cookies", {"answer": "these", "category": "marketing"})
    assert (response.status, response.one(b"cache-control")) == (503, "no-store")
    assert response.text.startswith("Your withdrawal took effect.")
    assert consent(browser).granted == set()
    assert [type(error).__name__ for error in errors] == ["UndefinedError"]


def test_a_withdrawal_holds_even_if_the_settings_page_cannot_be_rendered(
    browse: Browse, recorder: MemoryRecorder, tmp_path: Path
) -> None:
    (tmp_path / "settings.html").write_text("{% if receipt %}{{ of_another_version }}{% endif %}")
    errors: list[Exception] = []
    browser = browse(recorder=recorder, templates=tmp_path, on_error=errors.append)
    browser.post("/cookies", {"answer": "all"})
    response = browser.post("/cookies", {"answer": "withdraw"})
    assert (response.status, response.text) == (200, "Your choice is saved.\n")
    assert response.one(b"cache-control") == "no-store"
    assert consent(browser).granted == set()
    assert [type(error).__name__ for error in errors] == ["UndefinedError"]


def test_withdrawals_work_while_the_recorder_is_down(
    browser: Browser, recorder: MemoryRecorder
) -> None:
    browser.post("/cookies", {"answer": "all"})
    recorder.is_down = True
    assert browser.post("/cookies", {"answer": "withdraw"}).status == 200
    assert consent(browser).granted == set()
