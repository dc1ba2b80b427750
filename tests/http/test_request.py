"""What is read of a request."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.http.cookie_header import cookie_pairs, cookie_values
from cookiegate.http.request import host_name, read_request, read_scanned, scan_request


def test_names_count_in_any_case_and_with_blanks_around_them() -> None:
    facts = read_request([(b"COOKIE", b"a=1"), (b" dnt ", b"1"), (b"Host", b" shop.example ")])
    assert facts.cookies == (b"a=1",)
    assert facts.signals == {"dnt"}
    assert facts.host == b"shop.example"


@pytest.mark.parametrize("form", [bytearray, memoryview, lambda raw: raw.decode()])
def test_headers_may_come_in_any_form(form: Any) -> None:
    facts = read_request([(form(b"Cookie"), form(b"a=1")), (form(b"dnt"), form(b"1"))])
    assert facts.cookies == (b"a=1",)
    assert facts.signals == {"dnt"}


def test_a_request_shows_no_cookie() -> None:
    assert repr(read_request([(b"cookie", b"sid=secret")])) == "<RequestFacts of a GET>"


def test_a_signal_that_is_off_is_not_read() -> None:
    assert not read_request([(b"dnt", b"0"), (b"sec-gpc", b"null")]).signals


def test_a_given_host_precedes_the_header() -> None:
    headers = [(b"host", b"proxy.example")]
    assert read_request(headers, host="shop.example").host == "shop.example"
    assert read_request(headers).host == b"proxy.example"


def test_a_generator_is_read_once() -> None:
    assert read_request(pair for pair in [(b"cookie", b"a=1")]).cookies == (b"a=1",)


def test_thousands_of_header_names_hide_no_cookie() -> None:
    rng = Random(1)
    made_up = [(b"x-%d" % rng.randrange(10**9), b"") for _ in range(3000)]
    facts = read_request([(b"cookie", b"a=1"), *made_up, (b"cookie", b"b=2")])
    assert facts.cookies == (b"a=1", b"b=2")


@pytest.mark.parametrize(
    ("header", "values"),
    [
        (b"cookiegate=1", [b"1"]),
        (b"a=1; cookiegate=1; b=2", [b"1"]),
        (b"a=1;cookiegate=1", [b"1"]),
        (b"cookiegate=1; cookiegate=2", [b"1", b"2"]),
        (b"cookiegate =\t1 ", [b"1"]),
        (b"cookiegate=", [b""]),
        (b"cookiegate=a=b", [b"a=b"]),
        # Only the whole name counts, and not a name in a value.
        (b"cookiegate", []),
        (b"xcookiegate=1", []),
        (b"cookiegate2=1", []),
        (b"a=cookiegate=1", []),
        (b"a=1 cookiegate=1", []),
        (b"Cookiegate=1", []),
        (b"", []),
    ],
)
def test_every_value_of_a_cookie_is_returned(header: bytes, values: list[bytes]) -> None:
    assert cookie_values([header], b"cookiegate", limit=9) == values


@given(st.text("ab=; \t", max_size=30))
def test_the_values_of_a_cookie_are_those_of_the_pairs_that_have_its_name(header: str) -> None:
    pairs = cookie_pairs([header.encode()], limit=99)
    assert cookie_values([header.encode()], b"ab", limit=99) == [
        value for name, value in pairs if name == b"ab"
    ]


def test_no_more_values_are_returned_than_the_limit() -> None:
    header = b"cookiegate=1; " * 9
    assert cookie_values([header, header], b"cookiegate", limit=5) == [b"1"] * 5


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (b"Shop.Example:8000", "shop.example"),
        ("shop.example.", "shop.example"),
        (b"[::1]:80", "::1"),
        (b"127.0.0.1:80", "127.0.0.1"),
        (b"", None),
        (b":80", None),
        (b"[", None),
        (None, None),
    ],
)
def test_the_host_name_has_no_port_and_no_final_dot(
    host: bytes | str | None, name: str | None
) -> None:
    assert host_name(host) == name


REQUEST_NAMES = [
    *(b"cookie", b"host", b"origin", b"sec-fetch-site", b"sec-fetch-dest", b"accept", b"dnt"),
    *(b"sec-gpc", b"x-a", b"user-agent", b"if-none-match", b"Cookie", b" dnt", b"SEC-GPC"),
]
parts = st.sampled_from([b"1", b"", b" 1 ", b"0, 1", b"document", b"a=1; b=2", b"x\xff"])
odd_parts: st.SearchStrategy[Any] = st.sampled_from([b"1", "1", bytearray(b"1"), None, 1])


@given(st.lists(st.tuples(st.sampled_from(REQUEST_NAMES), parts), max_size=8))
def test_the_fast_way_reads_what_the_full_way_reads(headers: list[tuple[bytes, bytes]]) -> None:
    scanned = scan_request(headers)
    facts = None if scanned is None else read_scanned(scanned, "GET")
    assert facts in (None, read_request(headers))


@given(st.lists(st.tuples(st.sampled_from(REQUEST_NAMES), odd_parts), max_size=4))
def test_the_fast_way_reads_no_value_that_is_not_bytes(headers: list[tuple[bytes, Any]]) -> None:
    scanned = scan_request(headers)
    facts = None if scanned is None else read_scanned(scanned, "GET")
    if facts is not None:
        plain = [(name, value) for name, value in headers if type(value) is bytes]
        assert facts == read_request(plain)
        assert {name for name, _ in headers} - {b"x-a", b"user-agent", b"if-none-match"} == {
            name for name, _ in plain
        } - {b"x-a", b"user-agent", b"if-none-match"}


def test_names_in_lower_case_are_read_the_fast_way() -> None:
    headers = [(b"host", b"a.example "), (b"x-not-seen-before", b""), (b"cookie", b"a=1")]
    for _ in range(2):
        scanned = scan_request(headers)
        assert scanned is not None
        facts = read_scanned(scanned, "POST")
        assert facts == read_request(headers, method="POST")


@pytest.mark.parametrize("headers", [None, (), iter(()), [(b"a",)], [7], [([], b"")], ["ab"]])
def test_what_is_no_list_of_pairs_is_left_to_the_full_way(headers: Any) -> None:
    scanned = scan_request(headers)
    assert scanned is None or read_scanned(scanned, "GET") is None


def test_thousands_of_names_are_remembered_within_bounds() -> None:
    for number in range(3000):
        headers = [(b"x-%d" % number, b""), (b"cookie", b"a=1"), (b"x" * 500, b"")]
        scanned = scan_request(headers)
        facts = scanned and read_scanned(scanned, "GET")
        assert facts in (None, read_request(headers))
