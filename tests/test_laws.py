"""Laws of the gate, for all headers and consents."""

from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Consent, Gate
from tests.registries import cookie_header, gate_for, shop

GATES = [
    gate_for(),
    gate_for(shop('lifetime = "clamp"')),
    gate_for(shop('unknown = "allow"')),
    gate_for(shop(analysis='mode = "report"')),
]
OPTIONAL = ("functional", "comfort", "analysis", "marketing")
NAMES = [b"sid", b"cart", b"lang", b"theme", b"_ga", b"_gat_UA-1", b"_fbp", b"SID", b"NID", b"who"]

attributes = st.lists(
    st.sampled_from(
        b"""Path=/|Secure|HttpOnly|SameSite=Lax|Domain=shop.example|Domain=google.com|x|
Max-Age=0|Max-Age=60|Max-Age=999999999|Max-Age=x|Max-Age=-|
Expires=Thu, 01 Jan 1970 00:00:00 GMT|Expires=Fri, 31 Dec 9999 23:59:59 GMT""".split(b"|")
    ).map(bytes.strip),
    max_size=4,
).map(lambda some: b"".join(b"; " + one for one in some))
set_cookies = st.one_of(
    st.builds(
        lambda blank, name, equals, value, rest: blank + name + equals + value + rest,
        st.sampled_from([b"", b" ", b"\t"]),
        st.sampled_from(NAMES) | st.binary(max_size=8),
        st.sampled_from([b"=", b"=", b"=", b" =", b"", b"=="]),
        st.binary(max_size=8) | st.just(b"value"),
        attributes,
    ),
    st.binary(max_size=30),
)
headers = st.lists(
    st.tuples(st.sampled_from([b"set-cookie", b"Set-Cookie", b" SET-COOKIE"]), set_cookies)
    | st.tuples(st.sampled_from([b"vary", b"cache-control", b"x-a"]), st.just(b"public")),
    max_size=8,
)
gates = st.sampled_from(GATES)
choices = st.frozensets(st.sampled_from(OPTIONAL))
signals = st.sampled_from([(), (b"dnt",), (b"sec-gpc",), (b"dnt", b"sec-gpc")])
hosts = st.sampled_from([None, "shop.example", "google.com", "else.example"])


def consent_of(gate: Gate, granted: frozenset[str], on: tuple[bytes, ...] = ()) -> Consent:
    return gate.read([cookie_header(gate.issue(granted)), *((name, b"1") for name in on)])


def cookies(some: list[tuple[bytes, bytes]]) -> list[bytes]:
    return [value for name, value in some if name.strip().lower() == b"set-cookie"]


@given(gates, headers, choices, signals, hosts)
def test_filtering_twice_changes_nothing(
    gate: Gate,
    given_headers: list[tuple[bytes, bytes]],
    granted: frozenset[str],
    on: tuple[bytes, ...],
    host: str | None,
) -> None:
    consent = consent_of(gate, granted, on)
    once = gate.filter(given_headers, consent, host=host)
    assert gate.filter(once, consent, host=host) == once


@given(gates, headers, choices, hosts)
def test_kept_headers_are_byte_identical_and_in_order(
    gate: Gate,
    given_headers: list[tuple[bytes, bytes]],
    granted: frozenset[str],
    host: str | None,
) -> None:
    consent = consent_of(gate, granted)
    verdicts = [gate.judge(value, consent, host=host) for value in cookies(given_headers)]
    result = cookies(gate.filter(given_headers, consent, host=host))
    assert result == [verdict.header for verdict in verdicts if verdict.header is not None]
    for value, verdict in zip(cookies(given_headers), verdicts, strict=True):
        assert (verdict.header is None) == (verdict.action == "strip")
        assert (verdict.header == value) == (verdict.action == "keep")


@given(gates, headers, choices, hosts)
def test_a_stripped_name_never_appears(
    gate: Gate,
    given_headers: list[tuple[bytes, bytes]],
    granted: frozenset[str],
    host: str | None,
) -> None:
    consent = consent_of(gate, granted)
    for value in cookies(gate.filter(given_headers, consent, host=host)):
        verdict = gate.judge(value, consent, host=host)
        assert verdict.allowed or verdict.action != "strip"
        if not verdict.allowed and verdict.category != "analysis":
            assert verdict.reason == "deletion"
            assert value.partition(b"=")[2].startswith(b"; Max-Age=0; ")


@given(gates, set_cookies, choices, choices, signals, hosts)
def test_more_consent_never_strips_more(
    gate: Gate,
    value: bytes,
    some: frozenset[str],
    more: frozenset[str],
    on: tuple[bytes, ...],
    host: str | None,
) -> None:
    less, all = consent_of(gate, some, on), consent_of(gate, some | more, on)
    if gate.judge(value, less, host=host).allowed:
        assert gate.judge(value, all, host=host).allowed


@given(gates, set_cookies, choices, signals, hosts)
def test_a_signal_never_lets_more_through(
    gate: Gate, value: bytes, granted: frozenset[str], on: tuple[bytes, ...], host: str | None
) -> None:
    free, held = consent_of(gate, granted), consent_of(gate, granted, on)
    assert held.allowed <= free.allowed
    if gate.judge(value, held, host=host).allowed:
        assert gate.judge(value, free, host=host).allowed


@given(headers, choices, hosts)
def test_report_mode_changes_nothing_but_line_breaks(
    given_headers: list[tuple[bytes, bytes]], granted: frozenset[str], host: str | None
) -> None:
    gate = gate_for(mode="report")
    result = gate.filter(given_headers, consent_of(gate, granted), host=host)
    assert result == [
        (name, value)
        for name, value in given_headers
        if not (name.strip().lower() == b"set-cookie" and set(value) & {0, 10, 13})
    ]


@given(gates, headers, choices, hosts)
def test_watching_changes_nothing(
    gate: Gate,
    given_headers: list[tuple[bytes, bytes]],
    granted: frozenset[str],
    host: str | None,
) -> None:
    watched = gate_for(gate.registry, on_verdict=lambda verdict: None)
    consent = consent_of(gate, granted)
    assert watched.filter(given_headers, consent, host=host) == gate.filter(
        given_headers, consent, host=host
    )


@given(gates, headers, hosts)
def test_a_response_that_does_not_depend_on_the_visitor_is_the_same_for_all(
    gate: Gate, given_headers: list[tuple[bytes, bytes]], host: str | None
) -> None:
    without_consent = gate.filter(given_headers, gate.read([]), host=host)
    if not any(name == b"vary" and b"Cookie" in value for name, value in without_consent):
        with_all = gate.filter(given_headers, consent_of(gate, frozenset(OPTIONAL)), host=host)
        assert with_all == without_consent
