"""A choice on a page that has changed since the visitor saw it."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Presentation, Registry
from cookiegate.pages.templating import Renderer
from tests.pages.support import (
    JSON,
    TEXT,
    Browse,
    Browser,
    MemoryRecorder,
    Response,
    consent,
    fields,
    registry,
)

#: The status of the answer: a banner returns the visitor to its page.
DONE = {"banner": 303, "settings": 200}
SENTENCE = (
    "What this site asks about has changed since this page was opened. "
    "Please look at it and choose again."
)
PAGES = {"banner": "/front", "settings": "/cookies"}
ALL = {"analysis", "marketing"}


def changed(text: str = "Sells your visits.", policy: str = "") -> Registry:
    return Registry.parse(
        TEXT.format(site="", policy=policy).replace("Counts <b>visits</b>.", text)
    )


def without_analysis() -> Registry:
    return Registry.parse(TEXT.format(site="", policy="").replace("analysis", "statistics"))


def put(browser: Browser, **body: Any) -> Response:
    return browser.send("PUT", "/cookies/api", json.dumps(body).encode(), [JSON])


def kept(recorder: MemoryRecorder) -> Presentation:
    found = recorder.choices[-1].presentation
    assert found is not None
    return found


@pytest.mark.parametrize("surface", PAGES)
def test_a_page_carries_the_hash_of_its_presentation(browse: Browse, surface: str) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder)
    page = browser.get(PAGES[surface], (b"accept-language", b"sv"))
    form = fields(page)
    assert browser.post("/cookies", {**form, "answer": "all", "lang": "sv"}).status == DONE[surface]
    html = kept(recorder).html or ""
    assert form["shown"] == sha256(html.encode()).hexdigest()[:16]
    # A page cannot contain its own hash.
    assert 'name="shown" value=""' in html
    if surface == "banner":
        assert f'data-shown="{form["shown"]}"' in page.text
        assert 'data-shown=""' in html


def test_a_cacheable_banner_carries_the_hash_and_is_the_same_for_everyone(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/cached")
    browser.post("/cookies", {**fields(page), "answer": "all"})
    assert consent(browser).granted == ALL
    assert fields(page)["shown"] == fields(browse().get("/front"))["shown"]
    assert browser.get("/cached", (b"sec-gpc", b"1")).body == page.body


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("surface", PAGES)
def test_nothing_is_granted_on_a_page_that_has_changed_since(
    browse: Browse, surface: str, is_kept: bool
) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder if is_kept else None)
    form = fields(browser.get(PAGES[surface]))
    browser.gate.replace(changed())
    for chosen in ({"answer": "all"}, {"answer": "these", "category": "marketing"}):
        refused = browser.post("/cookies", {**form, **chosen})
        assert refused.status == 409
        assert SENTENCE in refused.text
        assert "Nothing was changed" in refused.text
    sent = put(browser, granted=["analysis"], surface=surface, language="en", shown=form["shown"])
    assert (sent.status, json.loads(sent.text)["detail"]) == (409, SENTENCE)
    assert (browser.jar, recorder.choices) == ({}, [])
    again = fields(browser.get(PAGES[surface]))
    assert browser.post("/cookies", {**again, "answer": "all"}).status == DONE[surface]
    assert consent(browser).granted == ALL


def test_the_hash_of_another_surface_or_language_does_not_match(browse: Browse) -> None:
    browser = browse()
    form = fields(browser.get("/front"))
    for other in ({"surface": "settings"}, {"lang": "sv"}, {"shown": form["shown"] + "0"}):
        assert browser.post("/cookies", {**form, **other, "answer": "all"}).status == 409
    # A front end of the site does not show any of the pages.
    assert put(browser, granted=["analysis"], shown=form["shown"]).status == 409
    assert browser.jar == {}


@pytest.mark.parametrize("surface", PAGES)
def test_a_registry_that_renders_the_same_page_is_not_a_change(
    browse: Browse, surface: str
) -> None:
    browser = browse()
    form = fields(browser.get(PAGES[surface]))
    browser.gate.replace(registry("updated = 2026-11-25"))
    assert browser.post("/cookies", {**form, "answer": "all"}).status == DONE[surface]
    assert consent(browser).granted == ALL


def test_a_choice_without_a_hash_is_taken_as_made_on_the_current_page(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder)
    browser.gate.replace(changed())
    assert browser.post("/cookies", {"answer": "all", "shown": ""}).status == 200
    assert "Sells your visits." in (kept(recorder).html or "")
    browser.jar.clear()
    assert put(browser, granted=["analysis"], surface="banner").status == 200
    assert "Sells your visits." in (kept(recorder).html or "")


@pytest.mark.parametrize(
    "chosen",
    [{"answer": "these", "category": "analysis"}, {"answer": "none"}, {"answer": "withdraw"}],
)
def test_a_withdrawal_on_a_changed_page_is_accepted_and_records_no_page(
    browse: Browse, chosen: dict[str, str]
) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder)
    browser.post("/cookies", {"answer": "all"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(changed())
    assert browser.post("/cookies", {**form, **chosen}).status == 200
    assert consent(browser).granted == {chosen.get("category")} - {None}
    assert kept(recorder) == Presentation(surface="settings", language="en", sent_by="form")


def test_a_refusal_on_a_changed_page_is_recorded(browse: Browse) -> None:
    browser = browse()
    form = fields(browser.get("/front"))
    browser.gate.replace(changed())
    assert browser.post("/cookies", {**form, "answer": "none"}).status == 303
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()


def test_a_rejected_choice_on_a_changed_page_still_withdraws(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(recorder=recorder)
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(changed())
    both = {**form, "answer": "these", "category": ["analysis", "marketing"]}
    response = browser.post("/cookies", both)
    assert (response.status, "Nothing was changed" in response.text) == (409, True)
    assert consent(browser).granted == {"analysis"}
    response = browser.post("/cookies", {**form, "answer": "these", "category": "marketing"})
    assert (response.status, "Not everything was changed" in response.text) == (409, True)
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()
    assert recorder.choices[-1].is_withdrawal
    assert kept(recorder) == Presentation(surface="settings", language="en", sent_by="form")


def test_confirming_under_a_signal_counts_as_allowing_more(browse: Browse) -> None:
    policy = 'signals = "confirm"'
    browser = browse(registry=registry(policy=policy))
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(changed(policy=policy))
    again = {**form, "answer": "these", "category": "analysis"}
    assert browser.post("/cookies", again, (b"sec-gpc", b"1")).status == 409
    assert browser.post("/cookies", again).status == 200


def test_a_category_removed_since_is_a_change_and_not_a_bad_request(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "these", "category": "marketing"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(without_analysis())
    gone = {"answer": "these", "category": "analysis"}
    response = browser.post("/cookies", {**form, **gone})
    assert (response.status, SENTENCE in response.text) == (409, True)
    assert consent(browser).granted == set()
    now = fields(browser.get("/cookies"))
    assert browser.post("/cookies", {**now, **gone}).status == 400


def test_a_choice_rejected_for_a_change_does_not_count_against_the_limit(browse: Browse) -> None:
    browser = browse(choices_per_second=0.1, choices_at_once=1)
    form = fields(browser.get("/front"))
    browser.gate.replace(changed())
    for _ in range(3):
        assert browser.post("/cookies", {**form, "answer": "all"}).status == 409
    assert browser.post("/cookies", {"answer": "all"}).status == 200


@pytest.mark.parametrize("path", PAGES.values())
def test_without_a_recorder_the_presentation_is_rendered_once_too(
    browse: Browse, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []
    render = Renderer.render

    def counted(self: Renderer, template: str, texts: Any, values: Any) -> str:
        made.append(values["asset"]("banner-page.css").startswith("data:"))
        return render(self, template, texts, values)

    monkeypatch.setattr(Renderer, "render", counted)
    browser = browse()
    for _ in range(3):
        browser.post("/cookies", {**fields(browser.get(path)), "answer": "none"})
        browser.jar.clear()
    assert made.count(True) == 1
    browser.gate.replace(changed())
    browser.get(path)
    browser.get(path, (b"accept-language", b"sv"))
    assert made.count(True) == 3


@pytest.mark.slow
def test_every_process_gives_a_page_the_same_hash() -> None:
    program = (
        "from tests.pages.test_changed import PAGES, fields\n"
        "from tests.pages.support import Browser\n"
        "print([fields(Browser('wsgi').get(one))['shown'] for one in PAGES.values()])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
