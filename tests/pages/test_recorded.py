"""What a recorder is told of a choice, and what visitors see of one that cannot be kept."""

import json
import re
from pathlib import Path

import pytest

from cookiegate import Presentation
from tests.pages.asking import JSON, Browse, Browser, Keeper, consent, registry


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def browser(browse: Browse, keeper: Keeper) -> Browser:
    found: Browser = browse(keeper=keeper)
    return found


def shown(keeper: Keeper) -> Presentation:
    found = keeper.choices[-1].presentation
    assert found is not None
    return found


def test_a_choice_on_the_banner_brings_the_banner_in_its_language(
    browser: Browser, keeper: Keeper
) -> None:
    page = browser.get("/front", (b"accept-language", b"sv")).text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    browser.post("/cookies", {**fields, "answer": "all"})
    found = shown(keeper)
    assert (found.surface, found.language) == ("banner", "sv")
    assert found.html is not None
    assert "Godkänn alla" in found.html
    assert "<form" in found.html


def test_a_banner_of_the_sites_own_that_does_not_say_so_is_the_banner_all_the_same(
    browse: Browse, keeper: Keeper, tmp_path: Path
) -> None:
    (tmp_path / "banner.html").write_text(
        '<form method="post" action="{{ base }}"><input type="hidden" name="back" '
        'value="{{ back }}"><button name="answer" value="all">Sure</button></form>'
    )
    browser = browse(keeper=keeper, templates=tmp_path)
    page = browser.get("/front").text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert browser.post("/cookies", {**fields, "answer": "all"}).one(b"location") == "/front"
    found = shown(keeper)
    assert found.surface == "banner"
    assert "Sure" in (found.html or "")


def test_a_choice_in_the_settings_brings_the_settings_page(
    browser: Browser, keeper: Keeper
) -> None:
    browser.post("/cookies", {"answer": "these", "category": "analysis", "lang": "sv"})
    found = shown(keeper)
    assert (found.surface, found.language) == ("settings", "sv")
    assert found.html is not None
    assert "Analys" in found.html


def test_what_was_shown_holds_nothing_of_the_visitor_and_needs_no_other_file(
    browse: Browse, browser: Browser, keeper: Keeper
) -> None:
    browser.post("/cookies", {"answer": "all"})
    first = shown(keeper)
    browser.get("/cookies?lang=en", (b"sec-gpc", b"1"))
    # A mount, a signal, a token, a state: none of it is in the page.
    browser.sent = [(b"sec-gpc", b"1"), (b"sec-fetch-site", b"same-origin")]
    browser.post("/cookies?lang=en", {"answer": "none", "lang": "en"})
    assert shown(keeper).html == first.html
    other = browse(keeper=keeper, root="/mounted")
    other.post("/cookies", {"answer": "all", "lang": "en"})
    assert shown(keeper).html == first.html
    assert first.html is not None
    assert "data:text/css;base64," in first.html
    assert not re.search(r'(src|rel="stylesheet" href)="/', first.html)


def test_each_page_is_made_once_for_each_registry(browser: Browser, keeper: Keeper) -> None:
    for answer in ("all", "none"):
        browser.post("/cookies", {"answer": answer})
    one, two = (choice.presentation for choice in keeper.choices)
    assert one is two
    browser.gate.replace(registry("updated = 2026-11-25"))
    browser.post("/cookies", {"answer": "all"})
    assert keeper.choices[-1].presentation is not one


def test_a_front_end_of_the_sites_own_is_the_api(browser: Browser, keeper: Keeper) -> None:
    browser.send("PUT", "/cookies/api", b'{"granted": ["analysis"]}', [JSON])
    assert shown(keeper) == Presentation(surface="api", language="en")


def test_the_script_says_which_page_it_spoke_for(browser: Browser, keeper: Keeper) -> None:
    body = {"granted": ["analysis"], "surface": "banner", "language": "sv"}
    browser.send("PUT", "/cookies/api", json.dumps(body).encode(), [JSON])
    found = shown(keeper)
    assert (found.surface, found.language) == ("banner", "sv")
    assert found.html is not None


def test_a_withdrawal_shows_its_receipt_once_and_in_no_address(
    browser: Browser, keeper: Keeper
) -> None:
    browser.post("/cookies", {"answer": "all"})
    browser.jar["_ga"] = "1"
    answer = browser.post("/cookies", {"answer": "withdraw", "lang": "sv"})
    receipt = keeper.choices[-1].receipt
    assert answer.status == 200
    assert answer.one(b"cache-control") == "no-store"
    assert 'lang="sv"' in answer.text
    assert f"<code>{receipt}</code>" in answer.text
    assert "_ga" in answer.text
    assert "_ga" not in browser.jar
    assert receipt not in browser.get("/cookies").text
    assert receipt not in "".join(browser.jar.values())
    again = browser.post("/cookies", {"answer": "withdraw"})
    assert again.status == 303
    assert len(keeper.choices) == 2


def test_a_program_is_told_of_the_closing_receipt_once(browser: Browser, keeper: Keeper) -> None:
    browser.send("PUT", "/cookies/api", b'{"granted": ["analysis"]}', [JSON])
    answer = browser.send("PUT", "/cookies/api", b'{"granted": []}', [JSON])
    assert json.loads(answer.text)["receipt"] == keeper.choices[-1].receipt
    assert json.loads(browser.get("/cookies/api").text)["receipt"] is None


def test_a_refusal_has_no_number_to_show(browser: Browser, keeper: Keeper) -> None:
    answer = browser.post("/cookies", {"answer": "none"})
    assert answer.status == 303
    assert keeper.choices[-1].receipt not in answer.one(b"location")


def test_what_cannot_be_kept_is_refused_with_a_clear_page(browser: Browser, keeper: Keeper) -> None:
    keeper.is_down = True
    answer = browser.post("/cookies", {"answer": "all"})
    assert (answer.status, answer.one(b"retry-after")) == (503, "30")
    assert "Nothing was changed" in answer.text
    assert "could not be saved just now" in answer.text
    assert "cookiegate" not in browser.jar
    assert int(answer.one(b"content-length")) == len(answer.body)
    for path in ("/cookies/api", "/cookies/api/"):
        answer = browser.send("PUT", path, b'{"granted": ["analysis"]}', [JSON])
        assert (answer.status, answer.one(b"retry-after")) == (503, "30")
        assert json.loads(answer.text)["status"] == 503
        assert "cookiegate" not in browser.jar


def test_what_is_taken_back_holds_also_where_the_rest_cannot_be_kept(
    browser: Browser, keeper: Keeper
) -> None:
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    keeper.is_down = True
    answer = browser.post("/cookies", {"answer": "these", "category": "marketing"})
    assert answer.status == 503
    assert "Not everything was changed" in answer.text
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()
    assert keeper.choices[-1].is_withdrawal


def test_what_is_taken_back_holds_also_where_the_page_that_says_so_cannot_be_made(
    browse: Browse, keeper: Keeper, tmp_path: Path
) -> None:
    (tmp_path / "message.html").write_text("{{ of_another_version }}")
    told: list[Exception] = []
    browser = browse(keeper=keeper, templates=tmp_path, on_error=told.append)
    browser.post("/cookies", {"answer": "these", "category": "analysis"})
    keeper.is_down = True
    answer = browser.post("/cookies", {"answer": "these", "category": "marketing"})
    assert (answer.status, answer.one(b"cache-control")) == (503, "no-store")
    assert "Please try again in a minute" in answer.text
    assert consent(browser).granted == set()
    assert [type(error).__name__ for error in told] == ["UndefinedError"]


def test_withdrawals_work_while_nothing_can_be_kept(browser: Browser, keeper: Keeper) -> None:
    browser.post("/cookies", {"answer": "all"})
    keeper.is_down = True
    assert browser.post("/cookies", {"answer": "withdraw"}).status == 200
    assert consent(browser).granted == set()
