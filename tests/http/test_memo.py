"""Bounded memory."""

import tracemalloc
from typing import Any

import pytest

from cookiegate.http import headers
from cookiegate.http.memo import BoundedDict, Memo, clear_memos
from cookiegate.http.request import read_request
from tests.enforcement.test_csp_editor import gate as csp_gate
from tests.registries import cookie_header, gate_for, shop


def test_a_memo_computes_a_value_once() -> None:
    computed: list[bytes] = []

    def compute(key: bytes) -> int:
        computed.append(key)
        return len(key)

    memo = Memo(compute)
    assert [memo[b"name"], memo[b"name"], memo[b""]] == [4, 4, 0]
    assert computed == [b"name", b""]


def test_a_memo_is_emptied_when_it_is_full() -> None:
    memo: Memo[bytes, int] = Memo(len, max_entries=3)
    for number in range(10):
        assert memo[b"x" * number] == number
        assert len(memo.values) <= 3
    assert set(memo.values) == {b"x" * 9}


def test_a_memo_is_bounded_by_default() -> None:
    memo: Memo[bytes, int] = Memo(len)
    for number in range(9000):
        memo[b"%d" % number]
    assert 0 < len(memo.values) <= 4096


def test_a_memo_does_not_remember_long_keys() -> None:
    memo: Memo[bytes, int] = Memo(len, max_key_bytes=4)
    assert memo[b"12345"] == 5
    assert memo[b"1234"] == 4
    assert set(memo.values) == {b"1234"}
    memo = Memo(len)
    assert memo[b"x" * 257] == 257
    assert not memo.values


def test_a_bounded_dict_is_emptied_when_it_is_full() -> None:
    bounded: BoundedDict[int, str] = BoundedDict(2)
    for number in range(5):
        bounded.remember(number, "")
        assert len(bounded) <= 2
    assert set(bounded) == {4}


def test_a_memo_is_bounded_by_the_bytes_of_its_keys() -> None:
    memo: Memo[bytes, int] = Memo(len, max_bytes=10)
    for number in range(5):
        memo[b"abc%d" % number]
        assert sum(map(len, memo.values)) <= 10
    assert set(memo.values) == {b"abc4"}


def test_a_bounded_dict_is_bounded_by_the_sizes_it_is_given() -> None:
    bounded: BoundedDict[int, int] = BoundedDict(max_bytes=10)
    for number in range(1, 6):
        bounded.remember(number, number, number)
        assert sum(bounded) <= 10
    assert set(bounded) == {5}


SOURCES = b"script-src https://ads.example https://a%d.example "


@pytest.mark.parametrize(
    "headers",
    [
        lambda n: [(b"content-security-policy", SOURCES % n + b"x" * 3_900)],
        lambda n: [(b"content-security-policy", SOURCES % n + b"x" * 60_000)],
        lambda n: [(b"content-security-policy", b"x%d " % (n * 9 + m) * 400) for m in range(9)],
        lambda n: [(b"set-cookie", b"_ga=1; p%d" % n + b";a" * 120)],
        lambda n: [(b"set-cookie", b"_gat_%d" % n + b"x" * 240 + b"=1")],
        lambda n: [(b"set-cookie", b"_ga=1"), (b"cache-control", b"x%d," % n + b"a=b," * 9_000)],
        lambda n: [(b"set-cookie", b"_ga=1"), (b"vary", b"x%d," % n + b"ab," * 9_000)],
        lambda n: [(b"x-%d" % n + b"x" * 55, b"")],
        lambda n: [(b"x-%d" % n + b"x" * 5_000, b"")],
    ],
    ids=["policies", "long", "several", "attributes", "names", "control", "vary", "x", "long x"],
)
def test_what_responses_make_the_gate_remember_is_bounded_in_bytes(headers: Any) -> None:
    gate = csp_gate(on_verdict=lambda verdict: None)
    gate.visit([]).respond(headers(0))
    tracemalloc.start()
    try:
        for number in range(1, 400):
            gate.visit([]).respond(headers(number))
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 4 * 1024 * 1024


MANY = [b"%d" % number + b"x" * 240 for number in range(80)]


def made_up(before: bytes, n: int, between: bytes = b"; ", after: bytes = b"=1") -> bytes:
    """Return 20 KB of names that no other number makes."""
    return between.join(before + b"%d_" % n + name + after for name in MANY)


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        lambda n: [(b"cookie", made_up(b"_gat_", n))],
        lambda n: [(b"cookie", made_up(b"x", n))],
        lambda n: [(b"cookie", made_up(b"_ga=", n, after=b""))],
        lambda n: [(b"cookie", made_up(b"__Host-cookiegate=1.shop.", n, after=b""))],
        lambda n: [(b"x-%d-" % n + name, b"") for name in MANY],
        lambda n: [(b"if-none-match", made_up(b'"', n, between=b", ", after=b'~cg-0123456789ab"'))],
    ],
    ids=["swept", "unknown", "values", "consents", "headers", "tags"],
)
def test_what_requests_make_the_gate_remember_is_bounded_in_bytes(headers: Any) -> None:
    gate = gate_for(shop('request_cookies = "hide"'), on_verdict=lambda verdict: None)
    refusal = cookie_header(gate.issue([]))

    def answer(number: int) -> None:
        sent = [refusal, (b"sec-fetch-dest", b"document"), *headers(number)]
        visit = gate.visit(sent, path=b"/%d/" % number + b"x" * 20_000)
        visit.context.pipeline.visible_cookies(visit.context)
        visit.respond([(b"content-type", b"text/html"), (b"etag", b'"v1"')])

    answer(0)
    tracemalloc.start()
    try:
        for number in range(1, 100):
            answer(number)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 1536 * 1024


def test_the_memos_of_the_process_can_be_emptied() -> None:
    read_request([(b"x-some-name", b"")])
    assert headers.kind_of(b"x-some-name") == "other"
    assert b"x-some-name" in headers.KINDS
    clear_memos()
    assert not headers.KINDS
