"""The example shops, through their frameworks' own test clients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
import webtest
from starlette.testclient import TestClient

import flask_shop
import samples
import starlette_shop
import storefront
from demo import expected

PAGES = ("/", "/goods/notebook", "/checkout", "/settings")


@dataclass(frozen=True, slots=True)
class Answer:
    """What either client saw."""

    status: int
    cookies: list[str]
    headers: Mapping[str, str]
    text: str


# (method, path, form fields, request headers); every call is a new browser with no jar.
Ask = Callable[[str, str, list[tuple[str, str]], Mapping[str, str]], Answer]


def ask_flask(
    method: str, path: str, form: list[tuple[str, str]], headers: Mapping[str, str]
) -> Answer:
    client = webtest.TestApp(flask_shop.make_site(storefront.make_gate()))
    if method == "POST":
        response = client.post(path, form, headers=dict(headers), expect_errors=True)
    else:
        response = client.get(path, headers=dict(headers), expect_errors=True)
    cookies = response.headers.getall("Set-Cookie")
    return Answer(response.status_int, cookies, dict(response.headers), response.text)


def ask_starlette(
    method: str, path: str, form: list[tuple[str, str]], headers: Mapping[str, str]
) -> Answer:
    site = starlette_shop.make_site(storefront.make_gate())
    fields = {name: [value for key, value in form if key == name] for name, _ in form}
    with TestClient(site, base_url="http://localhost", follow_redirects=False) as client:
        response = client.request(method, path, data=fields or None, headers=dict(headers))
    cookies = response.headers.get_list("set-cookie")
    folded = {name.title(): value for name, value in response.headers.items()}
    return Answer(response.status_code, cookies, folded, response.text)


@pytest.fixture(params=[ask_flask, ask_starlette], ids=["flask", "starlette"])
def ask(request: pytest.FixtureRequest) -> Ask:
    found: Ask = request.param
    return found


def names(cookies: list[str]) -> set[str]:
    return {cookie.partition("=")[0] for cookie in cookies}


def arriving(visitor: str) -> set[str]:
    """What the table that was made by hand lets this visitor receive."""
    return {name for (name, who), arrives in expected().items() if who == visitor and arrives}


def received(ask: Ask, headers: Mapping[str, str]) -> set[str]:
    return set().union(*(names(ask("GET", path, [], headers).cookies) for path in PAGES))


def choose(ask: Ask, *fields: tuple[str, str]) -> dict[str, str]:
    """Send the settings form; give back the request header that carries the choice from then on."""
    answer = ask("POST", "/settings", list(fields), {"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 303
    (cookie,) = answer.cookies
    return {"Cookie": cookie.partition(";")[0]}


def test_there_is_one_sample_for_each_entry_of_the_registry() -> None:
    found = [storefront.REGISTRY.find(sample.name) for sample in samples.SAMPLES]
    assert [len(entries) for entries in found] == [1] * 45
    assert {id(entry) for (entry,) in found} == {id(e) for e in storefront.REGISTRY.entries}


def test_the_samples_are_those_of_the_expected_table() -> None:
    assert {sample.name for sample in samples.SAMPLES} == {name for name, _ in expected()}


def test_no_sample_outlives_what_the_registry_states() -> None:
    for sample in samples.SAMPLES:
        (entry,) = storefront.REGISTRY.find(sample.name)
        assert entry.expires is not None
        if entry.expires.unit == "session":
            assert sample.max_age is None
        elif entry.expires.seconds is not None:
            assert sample.max_age is not None
            assert sample.max_age <= entry.expires.seconds


def test_without_a_choice_only_essential_cookies_arrive(ask: Ask) -> None:
    assert received(ask, {}) == arriving("no_consent")


@pytest.mark.parametrize(
    ("fields", "visitor"),
    [
        ([("category", "analysis"), ("save", "ticked")], "analysis"),
        ([("category", "analysis"), ("category", "marketing"), ("save", "ticked")], "all"),
        ([("save", "all")], "all"),
        ([("category", "analysis"), ("save", "none")], "no_consent"),
        ([("save", "ticked")], "no_consent"),
    ],
)
def test_the_settings_form_decides_what_arrives(
    ask: Ask, fields: list[tuple[str, str]], visitor: str
) -> None:
    assert received(ask, choose(ask, *fields)) == arriving(visitor)


def test_a_saved_choice_leads_back_to_the_settings_page_which_shows_it(ask: Ask) -> None:
    answer = ask("POST", "/settings", [("category", "analysis")], {})
    assert answer.headers["Location"].endswith("/settings?saved")
    page = ask("GET", "/settings?saved", [], choose(ask, ("category", "analysis"))).text
    assert "Your choice is saved." in page
    assert page.count(" checked") == 1
    assert page.index('value="analysis"') < page.index(" checked") < page.index('value="marketing"')


def test_every_switch_starts_off(ask: Ask) -> None:
    assert " checked" not in ask("GET", "/settings", [], {}).text


@pytest.mark.parametrize(("header", "word"), [("DNT", "Do Not Track"), ("Sec-GPC", "Global")])
def test_the_settings_page_says_what_the_browser_holds_off(
    ask: Ask, header: str, word: str
) -> None:
    page = ask("GET", "/settings", [], {header: "1"}).text
    assert word in page
    assert page.count("Held off by your browser") == len(storefront.REGISTRY.offered)


def test_no_other_site_can_choose_for_the_visitor(ask: Ask) -> None:
    answer = ask("POST", "/settings", [("save", "all")], {"Sec-Fetch-Site": "cross-site"})
    assert (answer.status, answer.cookies) == (403, [])


def test_a_category_that_does_not_exist_is_a_bad_request(ask: Ask) -> None:
    answer = ask("POST", "/settings", [("category", "analytics")], {})
    assert (answer.status, answer.cookies) == (400, [])


def test_a_page_that_does_not_exist_sets_nothing(ask: Ask) -> None:
    answer = ask("GET", "/goods/nothing", [], {})
    assert (answer.status, answer.cookies) == (404, [])


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_a_script_or_anything_from_elsewhere(ask: Ask, path: str) -> None:
    page = ask("GET", path, [], {}).text
    assert "<script" not in page
    assert "//" not in page


def test_the_shop_asks_until_there_is_an_answer(ask: Ask) -> None:
    question = "You have not said which cookies we may set"
    assert question in ask("GET", "/", [], {}).text
    assert question not in ask("GET", "/", [], choose(ask, ("save", "none"))).text


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = storefront.make_gate()
    monkeypatch.setenv("COOKIEGATE_SECRET_KEY", "another key, only for this test")
    cookie = storefront.make_gate().issue({"analysis"}).partition(";")[0].encode()
    assert gate.read([(b"cookie", cookie)]).status == "invalid"
    assert storefront.make_gate().read([(b"cookie", cookie)]).status == "given"
