"""The inputs of the benchmarks favour no code that remembers what it has seen."""

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.subjects import (
    KEY,
    SENT,
    Kind,
    Requests,
    Visitor,
    answer,
    gated,
    registry,
    site,
)
from benchmarks.wsgisubjects import WsgiRequests
from cookiegate import Gate

KINDS: tuple[Kind, ...] = ("returning", "first sight", "no cookie", "forged cookie")
MOST = 6 + len(SENT)


def headers_of(visitor: Visitor, number: int = 20) -> list[list[tuple[bytes, bytes]]]:
    scopes = Requests(site, visitor, 0).prepare(number)
    return [scope["headers"] for scope in scopes]


def cookies_of(visitor: Visitor, number: int = 20) -> list[bytes]:
    return [value for sent in headers_of(visitor, number) for n, value in sent if n == b"cookie"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_request_has_objects_of_its_own(kind: Kind) -> None:
    texts = [text for sent in headers_of(Visitor(kind=kind)) for pair in sent for text in pair]
    assert len({id(text) for text in texts}) == len(texts)


def test_each_response_has_objects_of_its_own() -> None:
    texts = [text for n in range(20) for pair in answer(5, n) for text in pair]
    assert len({id(text) for text in texts}) == len(texts)


@pytest.mark.parametrize("requests", [Requests, WsgiRequests])
def test_no_cookie_header_comes_twice_in_any_preparation(requests: Callable[..., Any]) -> None:
    subject = requests(site, Visitor(), 5)
    prepared = [*subject.prepare(30), *subject.prepare(30)]
    sent = {str(one.get("headers", one.get("HTTP_COOKIE"))) for one in prepared}
    assert len(sent) == 60


@pytest.mark.parametrize("count", [6, MOST])
def test_a_cookie_header_has_as_many_cookies_as_it_should(count: int) -> None:
    sent = cookies_of(Visitor(cookies=count))
    assert {len(value.split(b"; ")) for value in sent} == {count}


@pytest.mark.parametrize("count", [5, MOST + 1])
def test_other_numbers_of_cookies_are_an_error(count: int) -> None:
    with pytest.raises(ValueError, match=f"cookies is {count}; write 6 to {MOST}"):
        Visitor(cookies=count)


@pytest.mark.parametrize(
    ("kind", "status", "consents"),
    [("returning", "given", 8), ("first sight", "given", 20), ("forged cookie", "invalid", 8)],
)
def test_visitors_have_the_consents_of_their_kind(kind: Kind, status: str, consents: int) -> None:
    gate = Gate(registry(), KEY)
    sent = cookies_of(Visitor(kind=kind))
    assert {gate.read([(b"cookie", value)]).status for value in sent} == {status}
    named = {crumb for value in sent for crumb in value.split(b"; ") if b"cookiegate" in crumb}
    assert len(named) == consents


def test_a_visitor_without_cookies_sends_none() -> None:
    assert cookies_of(Visitor(kind="no cookie")) == []


@pytest.mark.parametrize("count", [6, MOST])
def test_a_page_load_has_nothing_to_sweep(count: int) -> None:
    subject = Requests(gated(site, Gate(registry(), KEY)), Visitor(cookies=count), 0)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    for scope in subject.prepare(10):
        with pytest.raises(StopIteration):
            subject.app(scope, None, send).send(None)
    headers = [pair for one in sent if "headers" in one for pair in one["headers"]]
    assert len(headers) == 60
    assert not [value for name, value in headers if name == b"set-cookie"]


@pytest.mark.parametrize("new_names", [False, True])
def test_the_gate_strips_every_other_cookie(new_names: bool) -> None:
    gate = Gate(registry(), KEY)
    consent = gate.read([(b"cookie", cookies_of(Visitor())[0])])
    for n in range(10):
        made = [(k.encode(), v.encode()) for k, v in answer(20, n, new_names=new_names)]
        left = [value for name, value in gate.filter(made, consent) if name == b"set-cookie"]
        assert left == [value for name, value in made if name == b"set-cookie"][::2]


def test_new_names_come_once() -> None:
    names = [v.partition("=")[0] for n in range(50) for k, v in answer(5, n, new_names=True)[6:]]
    assert len(set(names)) == len(names) == 250
