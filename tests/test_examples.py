"""The example shops, through their frameworks' own test clients."""

import re
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

PAGES = ("/", "/goods/notebook", "/checkout", "/about", "/cookies")


@dataclass(frozen=True, slots=True)
class Answer:
    """The response of either client."""

    status: int
    cookies: list[str]
    headers: Mapping[str, str]
    text: str


# (method, path, form fields, request headers) -> answer; each call is a new browser.
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
    """Return the cookies that this visitor receives by the hand-made table."""
    return {name for (name, who), arrives in expected().items() if who == visitor and arrives}


def received(ask: Ask, headers: Mapping[str, str]) -> set[str]:
    sent = {"Sec-Fetch-Site": "none", **headers}
    return set().union(*(names(ask("GET", path, [], sent).cookies) for path in PAGES))


def choose(ask: Ask, *fields: tuple[str, str]) -> dict[str, str]:
    """Send the settings form. Return the Cookie header that carries the choice."""
    answer = ask("POST", "/cookies", list(fields), {"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 200
    (cookie,) = answer.cookies
    return {"Cookie": cookie.partition(";")[0]}


def test_there_is_one_sample_for_each_entry_of_the_registry() -> None:
    found = [storefront.REGISTRY.find(sample.name) for sample in samples.SAMPLES]
    assert [len(entries) for entries in found] == [1] * 45
    assert {id(entry) for (entry,) in found} == {id(e) for e in storefront.REGISTRY.entries}


def test_the_samples_are_those_of_the_expected_table() -> None:
    assert {sample.name for sample in samples.SAMPLES} == {name for name, _ in expected()}


def test_no_sample_outlives_its_declared_lifetime() -> None:
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
        ([("category", "analysis"), ("answer", "these")], "analysis"),
        ([("category", "analysis"), ("category", "marketing"), ("answer", "these")], "all"),
        ([("answer", "all")], "all"),
        ([("category", "analysis"), ("answer", "none")], "no_consent"),
        ([("answer", "these")], "no_consent"),
    ],
)
def test_the_settings_form_decides_what_arrives(
    ask: Ask, fields: list[tuple[str, str]], visitor: str
) -> None:
    assert received(ask, choose(ask, *fields)) == arriving(visitor)


def test_a_page_that_does_not_exist_sets_nothing(ask: Ask) -> None:
    answer = ask("GET", "/goods/nothing", [], {})
    assert (answer.status, answer.cookies) == (404, [])


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_scripts_or_foreign_resources(ask: Ask, path: str) -> None:
    page = ask("GET", path, [], {}).text
    assert all(" src=" in tag for tag in re.findall("<script[^>]*>", page))
    assert re.findall('(?:src|srcset|action)="(?:https?:)?//[^"]*"', page) == []


def test_the_shop_asks_until_there_is_a_choice(ask: Ask) -> None:
    question = "Cookies on Billogram: your choice"
    assert question in ask("GET", "/", [], {"Accept-Language": "en"}).text
    assert question not in ask("GET", "/", [], choose(ask, ("answer", "none"))).text


def test_the_cacheable_page_is_the_same_for_every_visitor(ask: Ask) -> None:
    answers = [ask("GET", "/about", [], given) for given in ({}, choose(ask, ("answer", "all")))]
    assert answers[0].text == answers[1].text
    for answer in answers:
        assert (answer.cookies, answer.headers["Cache-Control"]) == ([], "public, max-age=300")
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = storefront.make_gate()
    monkeypatch.setenv("COOKIEGATE_SECRET_KEY", "another key, only for this test")
    cookie = storefront.make_gate().issue({"analysis"}).partition(";")[0].encode()
    assert gate.read([(b"cookie", cookie)]).status == "invalid"
    assert storefront.make_gate().read([(b"cookie", cookie)]).status == "given"
