"""The response filter: headers in every form, and cache headers."""

from collections.abc import Iterable
from typing import Any

import pytest

from cookiegate import Gate, Registry, Verdict
from cookiegate.http.headers import KINDS, TEXT_KINDS, kind_of, kind_of_text
from tests.adapters import ADAPTERS, Adapter, nothing
from tests.registries import KEY, NOON, SHOP, cookie_header, gate_for, shop

GATE = gate_for()
SET = b"set-cookie"
PRIVATE, VARY = (b"cache-control", b"private"), (b"vary", b"Cookie, DNT, Sec-GPC")
NO_STORE = (b"cache-control", b"no-store")

each_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS.keys())


def filtered(headers: Iterable[Any], *granted: str, gate: Gate = GATE) -> list[Any]:
    request = [cookie_header(gate.issue(granted))] if granted else []
    return gate.filter(headers, gate.read(request), host="shop.example")


@pytest.mark.parametrize(
    "name",
    [
        b"set-cookie",
        b"Set-Cookie",
        b"SET-COOKIE",
        b" set-cookie",
        b"set-cookie\t",
        b"\x0bset-cookie ",
    ],
)
def test_header_names_compare_trimmed_and_without_case(name: bytes) -> None:
    assert filtered([(name, b"who=1")]) == []


@pytest.mark.parametrize("name", [b"set-cookie2", b"x-set-cookie", b"set_cookie", b"cookie", b""])
def test_other_headers_are_ignored(name: bytes) -> None:
    assert filtered([(name, b"who=1")]) == [(name, b"who=1")]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"a", b"b"), (b"set-cookie", b"who=1"), (b"set-cookie", b"sid=1")],
        ((b"a", b"b"), (b"set-cookie", b"who=1"), (b"set-cookie", b"sid=1")),
        [[b"a", b"b"], [b"set-cookie", b"who=1"], [b"set-cookie", b"sid=1"]],
        [
            (bytearray(b"a"), bytearray(b"b")),
            (bytearray(b"set-cookie"), bytearray(b"who=1")),
            (bytearray(b"set-cookie"), bytearray(b"sid=1")),
        ],
        [(b"a", b"b"), (b"set-cookie", bytearray(b"who=1")), (b"set-cookie", bytearray(b"sid=1"))],
        [
            (b"a", b"b"),
            (b"set-cookie", memoryview(b"who=1")),
            (memoryview(b"set-cookie"), b"sid=1"),
        ],
        [("a", "b"), ("set-cookie", "who=1"), ("set-cookie", "sid=1")],
    ],
    ids=["list", "tuple", "pairs as lists", "bytearrays", "values", "views", "text"],
)
def test_headers_may_come_in_any_form(headers: Iterable[Any]) -> None:
    assert filtered(headers) == [(b"a", b"b"), (b"set-cookie", b"sid=1")]


def test_headers_may_come_from_a_generator() -> None:
    headers = [(b"a", b"b"), (b"set-cookie", b"who=1"), (b"set-cookie", b"sid=1")]
    assert filtered(pair for pair in headers) == [headers[0], headers[2]]


@pytest.mark.parametrize("value", ["sid=\u20ac", None, 7])
def test_a_cookie_that_cannot_be_bytes_is_stripped_and_reported(value: Any) -> None:
    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)
    headers: list[Any] = [(b"set-cookie", value), (b"set-cookie", b"sid=1"), ("x-\u20ac", "a")]
    result = gate.filter(headers, gate.read([]))
    assert result[:2] == [(b"set-cookie", b"sid=1"), ("x-\u20ac", "a")]
    assert len(errors) == 1


@pytest.mark.parametrize("value", [bytearray(b"public"), memoryview(b"public"), "public", "\u20ac"])
@pytest.mark.parametrize("name", [b"cache-control", memoryview(b"cache-control"), "cache-control"])
def test_cache_headers_are_set_whatever_form_the_header_has(name: Any, value: Any) -> None:
    headers = [(name, value), (b"set-cookie", b"_ga=1")]
    assert GATE.filter(headers, GATE.read([])) == [(b"cache-control", b"private"), VARY]


def test_blanks_around_a_name_are_trimmed_before_a_pattern_sees_it() -> None:
    text = SHOP.format(policy="", analysis="") + '[[cookies]]\nname = "*"\ncategory = "analysis"\n'
    gate = gate_for(Registry.parse(text))
    headers = [(b"set-cookie", b"sid =1"), (b"set-cookie", b" sid=1"), (b"set-cookie", b"\tx=1")]
    assert gate.filter(headers, gate.read([]))[:2] == headers[:2]


def test_the_returned_list_is_new() -> None:
    pair = [b"a", b"b"]
    headers: list[Any] = [pair]
    result = filtered(headers)
    headers.append((b"set-cookie", b"who=1"))
    pair[0] = b"set-cookie"
    assert result == [(b"a", b"b")]


def test_two_cookies_of_one_name_are_both_judged() -> None:
    cookies = [(b"set-cookie", b"sid=1; Path=/a"), (b"set-cookie", b"sid=; Path=/b; Max-Age=0")]
    assert filtered(cookies) == cookies


def test_names_are_remembered_within_bounds() -> None:
    for number in range(3000):
        assert kind_of(b"x-%d" % number) == "other"
        assert kind_of_text(f"x-{number}") == "other"
    assert b"x-2999" in KINDS
    assert len(KINDS) <= 1024
    assert len(TEXT_KINDS) <= 1024


def test_thousands_of_names_and_attributes_are_filtered_alike() -> None:
    gate = gate_for()
    consent = gate.read([])
    headers = [
        (b"set-cookie", b"%s%d=1; Max-Age=%d" % (prefix, number, number))
        for number in range(9000)
        for prefix in (b"who", b"_gat_")
    ]
    headers += [(b"set-cookie", b"_gat_" + b"x" * 300 + b"=1; Path=/" + b"y" * 300)]
    # One deletion of each kind is among them.
    assert len(gate.filter(headers, consent)) == 4


def test_only_verified_consent_cookies_are_remembered_and_only_so_many() -> None:
    gate = gate_for()
    cookie = gate.pipeline.consent_cookie
    values = []
    for _ in range(5000):
        header = cookie_header(gate.issue({"analysis"}))
        assert gate.read([header]).status == "given"
        values.append(header[1].partition(b"=")[2])
    assert 0 < sum(map(cookie.remembers, values)) <= 4096
    assert cookie.remembers(values[-1])
    gate.read([(b"cookie", b"__Host-cookiegate=forged")])
    assert not cookie.remembers(b"forged")


# Caches


@each_adapter
def test_a_response_without_cookies_is_not_touched(adapter: Adapter) -> None:
    headers = [(b"cache-control", b"public"), (b"vary", b"Accept"), (b"x", b"\xe9")]
    assert adapter(GATE, [(b"cookie", b"x=y")], headers, nothing) == headers


@each_adapter
def test_required_and_unknown_cookies_do_not_depend_on_the_visitor(adapter: Adapter) -> None:
    headers = [(b"cache-control", b"public"), (b"set-cookie", b"sid=1")]
    assert adapter(GATE, [], [*headers, (b"set-cookie", b"who=1")], nothing) == headers


@each_adapter
@pytest.mark.parametrize("granted", [[], ["analysis"]])
def test_an_optional_cookie_makes_a_response_depend_on_the_visitor(
    adapter: Adapter, granted: list[str]
) -> None:
    request = [cookie_header(GATE.issue(granted))]
    headers = [(b"Cache-Control", b"public, max-age=9"), (b"set-cookie", b"_ga=1"), (b"Vary", b"A")]
    result = adapter(GATE, request, headers, nothing)
    assert result == [
        (b"Cache-Control", b"private, max-age=9"),
        *([(b"set-cookie", b"_ga=1")] if granted else []),
        (b"Vary", b"A, Cookie, DNT, Sec-GPC"),
    ]


@each_adapter
def test_a_response_whose_application_asked_depends_on_the_visitor(adapter: Adapter) -> None:
    asked = [(b"a", b"b"), PRIVATE, VARY]
    assert adapter(GATE, [], [(b"a", b"b")], lambda visit: visit.consent) == asked
    assert adapter(GATE, [], [(b"a", b"b")], lambda visit: visit.should_ask) == asked
    assert adapter(GATE, [], [(b"a", b"b")], lambda visit: visit.allows("analysis")) == asked


@each_adapter
def test_a_response_with_a_choice_is_not_stored(adapter: Adapter) -> None:
    headers = [(b"cache-control", b"public"), (b"surrogate-control", b"max-age=9")]
    result = adapter(GATE, [], headers, lambda visit: visit.withdraw())
    cleared = (b"clear-site-data", b'"prefetchCache", "prerenderCache"')
    assert result == [NO_STORE, (b"set-cookie", GATE.issue(set()).encode()), VARY, cleared]


@each_adapter
def test_a_response_whose_application_sets_the_consent_cookie_is_not_stored(
    adapter: Adapter,
) -> None:
    issued = (b"set-cookie", GATE.issue({"analysis"}).encode())
    assert adapter(GATE, [], [issued], nothing) == [issued, NO_STORE, VARY]


@each_adapter
def test_report_mode_changes_no_cache_header(adapter: Adapter) -> None:
    gate = gate_for(mode="report")
    headers = [(b"cache-control", b"public"), (b"set-cookie", b"_ga=1")]
    assert adapter(gate, [], headers, lambda visit: visit.consent) == headers


@each_adapter
def test_in_report_mode_a_choice_still_sets_the_consent_cookie(adapter: Adapter) -> None:
    gate = gate_for(mode="report")
    result = adapter(gate, [], [(b"set-cookie", b"_ga=1")], lambda visit: visit.withdraw())
    issued = (b"set-cookie", gate.issue(set()).encode())
    assert result == [(b"set-cookie", b"_ga=1"), issued, NO_STORE, VARY]


@each_adapter
def test_a_reporting_site_with_one_enforced_category_sets_cache_headers(adapter: Adapter) -> None:
    gate = gate_for(shop('mode = "report"', 'mode = "enforce"'))
    assert adapter(gate, [], [(b"a", b"b")], lambda v: v.consent) == [(b"a", b"b"), PRIVATE, VARY]


# The consent cookie, set by the application


def set_by_application(value: str, gate: Gate = GATE, now: float = NOON) -> Verdict:
    return gate.judge(value.encode(), gate.read([]), now=now)


def test_an_issued_choice_passes_for_a_minute() -> None:
    issued = GATE.issue({"analysis"})
    assert set_by_application(issued).allowed
    assert set_by_application(issued, now=NOON + 60).allowed
    assert set_by_application(issued, now=NOON - 300).allowed
    assert not set_by_application(issued, now=NOON + 61).allowed
    assert not set_by_application(issued, now=NOON - 301).allowed


def test_the_order_and_case_of_the_attributes_do_not_count() -> None:
    pair, *attributes = GATE.issue({"analysis"}).split("; ")
    written = "; ".join([pair, *map(str.lower, reversed(attributes))]).encode()
    assert filtered([(b"set-cookie", written)])[0] == (b"set-cookie", written)


def test_servers_that_change_keys_one_by_one_accept_each_others_cookies() -> None:
    issued = (b"set-cookie", gate_for().issue({"analysis"}).encode())
    newer = Gate(shop(), ["a newer key of some length", KEY], clock=lambda: NOON)
    assert newer.filter([issued], newer.read([]))[0] == issued


def test_in_report_mode_the_applications_consent_cookie_changes_no_other_header() -> None:
    gate = gate_for(mode="report")
    issued = [(b"set-cookie", gate.issue({"analysis"}).encode())]
    assert gate.filter(issued, gate.read([])) == issued


def test_long_header_names_are_not_remembered() -> None:
    filtered([(b"x" * 60_000, b""), (b"set-cookie", b"sid=1")])
    assert b"x" * 60_000 not in KINDS


def test_an_issued_refusal_passes_within_its_utc_day() -> None:
    issued = GATE.issue(set())
    midnight = NOON + 12 * 3600
    assert set_by_application(issued).allowed
    assert set_by_application(issued, now=midnight - 1).allowed
    assert not set_by_application(issued, now=midnight).allowed
    assert not set_by_application(issued, now=midnight - 24 * 3600 - 1).allowed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Max-Age=7776000", "Max-Age=7776001"),
        ("; HttpOnly", ""),
        ("; Secure", ""),
        ("SameSite=Lax", "SameSite=None"),
        ("Path=/", "Path=/a"),
        ("SameSite=Lax", "SameSite=Lax; Partitioned"),
        ("SameSite=Lax", "SameSite=Lax;"),
        ("__Host-cookiegate=", "__Host-cookiegate =  "),
    ],
)
def test_an_issued_choice_with_another_attribute_does_not_pass(old: str, new: str) -> None:
    assert not set_by_application(GATE.issue({"analysis"}).replace(old, new)).allowed


def test_an_issued_choice_of_another_version_does_not_pass() -> None:
    other = gate_for(shop().parse(SHOP_V2))
    assert not set_by_application(other.issue({"analysis"})).allowed


SHOP_V2 = '[site]\nname="Shop"\nlanguages=["en"]\nversion=2\n[categories.analysis]\n'


def test_headers_from_a_generator_are_read_again_if_one_breaks_the_framing() -> None:
    gate = gate_for()
    headers = [(b"set-cookie", b"sid=1"), (b"set-cookie", b"sid=a\nb"), (b"x-later", b"1")]
    for _ in range(2):
        result = gate.filter((pair for pair in headers), gate.read([]))
        assert result == [(b"set-cookie", b"sid=1"), (b"x-later", b"1")]


def test_a_header_without_a_name_affects_no_other() -> None:
    headers: Any = [(None, b"1"), (b"set-cookie", b"_ga=1"), (b"x", b"2"), (bytearray(b"y"), None)]
    result: Any = gate_for().filter(headers, gate_for().read([]))
    assert [name for name, _ in result if name not in (b"vary", b"cache-control")] == [
        None,
        b"x",
        b"y",
    ]


def test_a_cookie_whose_header_name_is_a_buffer_is_judged_by_the_visitors_consent() -> None:
    gate = gate_for()
    consent = gate.read([cookie_header(gate.issue({"analysis"}))])
    headers: Any = [(bytearray(b"Set-Cookie"), b"_ga=1")]
    result = gate.filter(headers, consent)
    assert (b"Set-Cookie", b"_ga=1") in result


def test_the_error_of_a_broken_clock_is_reported_unchanged() -> None:
    errors: list[Exception] = []

    def boom() -> float:
        raise LookupError("no clock")

    gate = gate_for(clock=boom, on_error=errors.append)
    gate.visit([]).respond([(b"set-cookie", b"_ga=1")])
    assert {type(error) for error in errors} == {LookupError}


class Liar(bytes):
    """Bytes that say they are something else."""

    def __eq__(self, other: object) -> bool:
        return other == b"x-a"

    def __hash__(self) -> int:
        return hash(b"x-a")

    def strip(self, *args: Any) -> bytes:
        return b"x-a"

    def __contains__(self, other: object) -> bool:
        return False


class Converted:
    def __init__(self, text: bytes) -> None:
        self.text = text

    def __bytes__(self) -> bytes:
        return self.text


class Failing:
    def __bytes__(self) -> bytes:
        raise RuntimeError("not yet")


UNUSUAL = [Liar, bytearray, list, tuple, Converted, lambda text: text.decode("latin-1")]


@pytest.mark.parametrize("mode", ["enforce", "report"])
@pytest.mark.parametrize("kind", UNUSUAL)
def test_names_and_values_of_any_type_are_judged_and_leave_as_plain_bytes(
    kind: Any, mode: str
) -> None:
    gate = gate_for(mode=mode)
    gate.filter([(b"x-a", b"")], gate.read([]))  # remembers x-a
    headers: list[Any] = [
        (kind(b"Set-Cookie"), b"sid=1"),
        (b"Set-Cookie", kind(b"sid=2")),
        (kind(b"Set-Cookie"), kind(b"_ga=1")),
        (kind(b"Set-Cookie\r\nX"), b"_ga=1"),
        (kind(b"X-A"), kind(b"1\r\nSet-Cookie: _ga=1")),
        (b"x-a", kind(b"1\nSet-Cookie: _ga=1")),
        (kind(b"x-a"), kind(b"2")),
    ]
    for one in (headers, headers[3:]):
        result = gate.filter(one, gate.read([]))
        result = [pair for pair in result if pair[0] not in (b"cache-control", b"vary")]
        cookies = [(b"Set-Cookie", b"sid=1"), (b"Set-Cookie", b"sid=2")]
        if mode == "report":
            cookies.append((b"Set-Cookie", b"_ga=1"))
        assert result == [*(cookies if one is headers else ()), (b"x-a", b"2")]
        assert {type(part) for pair in result for part in pair} == {bytes}
        assert gate.visit([]).respond(one) == gate.filter(one, gate.read([]))


@pytest.mark.parametrize("mode", ["enforce", "report"])
def test_what_no_server_writes_stays_and_what_may_become_a_cookie_does_not(mode: str) -> None:
    gate = gate_for(mode=mode)
    headers: list[Any] = [(None, b"1"), (3, b"1"), (b"x", None), (b"x", 2.5), ("x-\u2603", b"1")]
    odd: list[Any] = [
        (Failing(), b"1"),
        (b"x", Failing()),
        (b"x", [300]),
        ("set-cookie\u2603", b""),
    ]
    for unusual in (headers, [*headers, *odd]):
        assert gate.visit([]).respond(unusual) == headers


def test_a_folded_header_stays_and_is_read_once_more() -> None:
    folded = (b"x-a", b"1,\r\n 2")
    headers = [folded, (b"set-cookie", b"sid=1"), (b"x-b", b"1\r\nSet-Cookie: _ga=1")]
    for granted in ((), ("analysis",)):
        assert filtered(headers, *granted) == headers[:2]
    assert GATE.visit([]).respond([folded, headers[2]]) == [folded]
