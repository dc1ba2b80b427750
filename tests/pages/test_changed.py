"""A choice on a page that has changed since it was shown."""

import json
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Presentation, Registry
from cookiegate.pages.templating import Renderer
from tests.pages.asking import JSON, TEXT, Answer, Browse, Browser, Keeper, consent, registry

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


def fields(page: Answer) -> dict[str, str]:
    form = page.text.partition("<form")[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def put(browser: Browser, **body: Any) -> Answer:
    return browser.send("PUT", "/cookies/api", json.dumps(body).encode(), [JSON])


def kept(keeper: Keeper) -> Presentation:
    found = keeper.choices[-1].presentation
    assert found is not None
    return found


@pytest.mark.parametrize("surface", PAGES)
def test_a_page_carries_the_hash_of_what_is_kept_of_it(browse: Browse, surface: str) -> None:
    keeper = Keeper()
    browser = browse(keeper=keeper)
    page = browser.get(PAGES[surface], (b"accept-language", b"sv"))
    form = fields(page)
    assert browser.post("/cookies", {**form, "answer": "all", "lang": "sv"}).status == 303
    html = kept(keeper).html or ""
    assert form["shown"] == sha256(html.encode()).hexdigest()[:16]
    # A hash cannot stand in what it is of.
    assert 'name="shown" value=""' in html
    if surface == "banner":
        assert f'data-shown="{form["shown"]}"' in page.text
        assert 'data-shown=""' in html


def test_a_cached_banner_carries_it_too_and_is_the_same_for_everyone(browse: Browse) -> None:
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
    keeper = Keeper()
    browser = browse(keeper=keeper if is_kept else None)
    form = fields(browser.get(PAGES[surface]))
    browser.gate.replace(changed())
    for answer in ({"answer": "all"}, {"answer": "these", "category": "marketing"}):
        refused = browser.post("/cookies", {**form, **answer})
        assert refused.status == 409
        assert SENTENCE in refused.text
        assert "Nothing was changed" in refused.text
    sent = put(browser, granted=["analysis"], surface=surface, language="en", shown=form["shown"])
    assert (sent.status, json.loads(sent.text)["detail"]) == (409, SENTENCE)
    assert (browser.jar, keeper.choices) == ({}, [])
    again = fields(browser.get(PAGES[surface]))
    assert browser.post("/cookies", {**again, "answer": "all"}).status == 303
    assert consent(browser).granted == ALL


def test_the_page_of_another_surface_or_language_is_another_page(browse: Browse) -> None:
    browser = browse()
    form = fields(browser.get("/front"))
    for other in ({"surface": "settings"}, {"lang": "sv"}, {"shown": form["shown"] + "0"}):
        assert browser.post("/cookies", {**form, **other, "answer": "all"}).status == 409
    # A front end of the site's own shows none of the pages.
    assert put(browser, granted=["analysis"], shown=form["shown"]).status == 409
    assert browser.jar == {}


@pytest.mark.parametrize("surface", PAGES)
def test_a_registry_that_shows_the_same_is_no_change(browse: Browse, surface: str) -> None:
    browser = browse()
    form = fields(browser.get(PAGES[surface]))
    browser.gate.replace(registry("updated = 2026-11-25"))
    assert browser.post("/cookies", {**form, "answer": "all"}).status == 303
    assert consent(browser).granted == ALL


def test_who_does_not_say_what_was_shown_is_taken_as_now(browse: Browse) -> None:
    keeper = Keeper()
    browser = browse(keeper=keeper)
    browser.gate.replace(changed())
    assert browser.post("/cookies", {"answer": "all", "shown": ""}).status == 303
    assert "Sells your visits." in (kept(keeper).html or "")
    browser.jar.clear()
    assert put(browser, granted=["analysis"], surface="banner").status == 200
    assert "Sells your visits." in (kept(keeper).html or "")


@pytest.mark.parametrize(
    "answer",
    [{"answer": "these", "category": "analysis"}, {"answer": "none"}, {"answer": "withdraw"}],
)
def test_what_only_takes_back_is_not_refused_and_names_no_page_that_was_not_seen(
    browse: Browse, answer: dict[str, str]
) -> None:
    keeper = Keeper()
    browser = browse(keeper=keeper)
    browser.post("/cookies", {"answer": "all"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(changed())
    assert browser.post("/cookies", {**form, **answer}).status in (200, 303)
    assert consent(browser).granted == {answer.get("category")} - {None}
    assert kept(keeper) == Presentation(surface="settings", language="en")


def test_who_refuses_on_a_page_that_has_changed_has_refused(browse: Browse) -> None:
    browser = browse()
    form = fields(browser.get("/front"))
    browser.gate.replace(changed())
    assert browser.post("/cookies", {**form, "answer": "none"}).status == 303
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()


def test_what_is_taken_back_on_a_page_that_has_changed_holds(browse: Browse) -> None:
    keeper = Keeper()
    browser = browse(keeper=keeper)
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(changed())
    both = {**form, "answer": "these", "category": ["analysis", "marketing"]}
    answer = browser.post("/cookies", both)
    assert (answer.status, "Nothing was changed" in answer.text) == (409, True)
    assert consent(browser).granted == {"analysis"}
    answer = browser.post("/cookies", {**form, "answer": "these", "category": "marketing"})
    assert (answer.status, "Not everything was changed" in answer.text) == (409, True)
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()
    assert keeper.choices[-1].is_withdrawal
    assert kept(keeper) == Presentation(surface="settings", language="en")


def test_to_confirm_under_a_signal_is_to_allow_more(browse: Browse) -> None:
    policy = 'signals = "confirm"'
    browser = browse(registry=registry(policy=policy))
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(changed(policy=policy))
    again = {**form, "answer": "these", "category": "analysis"}
    assert browser.post("/cookies", again, (b"sec-gpc", b"1")).status == 409
    assert browser.post("/cookies", again).status == 303


def test_a_category_that_is_gone_since_is_a_change_and_no_mistake(browse: Browse) -> None:
    browser = browse()
    browser.post("/cookies", {"answer": "these", "category": "marketing"})
    form = fields(browser.get("/cookies"))
    browser.gate.replace(without_analysis())
    gone = {"answer": "these", "category": "analysis"}
    answer = browser.post("/cookies", {**form, **gone})
    assert (answer.status, SENTENCE in answer.text) == (409, True)
    assert consent(browser).granted == set()
    now = fields(browser.get("/cookies"))
    assert browser.post("/cookies", {**now, **gone}).status == 400


def test_a_choice_that_is_refused_for_it_takes_no_place_of_another(browse: Browse) -> None:
    browser = browse(choices_per_second=0.1, choices_at_once=1)
    form = fields(browser.get("/front"))
    browser.gate.replace(changed())
    for _ in range(3):
        assert browser.post("/cookies", {**form, "answer": "all"}).status == 409
    assert browser.post("/cookies", {"answer": "all"}).status == 303


@pytest.mark.parametrize("path", PAGES.values())
def test_without_a_recorder_too_the_page_is_made_once_for_its_hash(
    browse: Browse, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []
    render = Renderer.render

    def counted(self: Renderer, template: str, texts: Any, values: Any) -> str:
        made.append(values["asset"]("banner.css").startswith("data:"))
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


def test_every_process_gives_a_page_the_same_hash() -> None:
    program = (
        "from tests.pages.test_changed import PAGES, fields\n"
        "from tests.pages.asking import Browser\n"
        "print([fields(Browser('wsgi').get(one))['shown'] for one in PAGES.values()])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
