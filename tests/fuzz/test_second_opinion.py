"""The gate against a model written from the specifications, on headers made of grammar pieces."""

import hypothesis
import pytest
from hypothesis import given, target
from hypothesis import strategies as st

from tests.conformance import ROWS, header_of
from tests.fuzz import headers, model
from tests.registries import NOON

pytestmark = pytest.mark.slow

MANY = hypothesis.settings(max_examples=400, deadline=None)

blanks = st.text(" \t", max_size=2).map(str.encode)
names = st.sampled_from(
    [
        "sid",
        "session.1",
        "session.",
        "cart",
        "csrf",
        "lang",
        "theme",
        "prefs[theme]",
        "_ga",
        "_GA",
        "_gat_",
        "_gat_x",
        "_fbp",
        "küche",
        "SID",
        "NID",
        "who",
        "__Host-cookiegate",
        "cookiegate",
        "Path",
        "ls_only",
        "\xa0sid",
        "%5Fga",
        "_ga,sid",
        "",
    ]
).map(str.encode)
numbers = st.sampled_from(
    [
        "0",
        "1",
        "9",
        "05",
        "31",
        "32",
        "60",
        "69",
        "70",
        "99",
        "100",
        "1600",
        "1601",
        "1970",
        "2026",
        "9999",
        "12345",
        "123456",
    ]
)
words = st.sampled_from(
    [
        "Jan",
        "FEB",
        "mar.",
        "november",
        "Thu,",
        "GMT",
        "x",
        "1st",
        "2027x",
        "+0100",
        "-",
        ",",
        "_",
    ]
)
times = st.builds(":".join, st.lists(numbers, min_size=2, max_size=4))
dates = st.one_of(
    st.lists(st.one_of(numbers, words, times), max_size=7).map(" ".join),
    st.builds(
        "{} {} {} {}{}".format,
        st.integers(0, 32),
        st.sampled_from(model.MONTHS),
        st.integers(0, 10100),
        st.sampled_from(["00:00:00", "23:59:59", "24:00:00", "1:2:3", "001:02:03", "12:00"]),
        st.sampled_from(["", " GMT", "x", ":1"]),
    ),
).map(str.encode)
ages = st.sampled_from(b'0|-|-1|+0|+1|60|00|1.5|x||\xb2|9999999999999999999999|- 1|"0"'.split(b"|"))
worths = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b"/", b"/a b", b"Lax", b"NONE", b".google.com", b"shop.example", b"v" * 1025]),
)
attributes = st.one_of(
    st.builds(lambda n, v: n + b"=" + v, st.sampled_from([b"Max-Age", b"max-age "]), ages),
    st.builds(lambda n, v: n + b"=" + v, st.sampled_from([b"Expires", b"\tEXPIRES"]), dates),
    st.builds(
        lambda n, e, v: n + e + v,
        st.sampled_from(b"Path Domain Secure HttpOnly SameSite Partitioned x".split()),
        st.sampled_from([b"=", b"", b" = "]),
        worths,
    ),
    st.binary(max_size=6),
)
values = st.one_of(
    st.builds(
        lambda before, name, after, equals, value, rest: (
            before + name + after + equals + value + b"".join(b";" + one for one in rest)
        ),
        blanks,
        names | st.binary(max_size=5),
        blanks,
        st.sampled_from([b"=", b"=", b"=", b"", b"==", b"=_ga="]),
        st.binary(max_size=6) | st.just(b"1"),
        st.lists(attributes, max_size=5),
    ),
    st.binary(max_size=40),
)
grants = st.integers(0, len(headers.GRANTS) - 1)
fours = st.integers(0, 3)


@MANY
@given(dates | st.binary(max_size=30))
def test_dates_agree_with_the_model(text: bytes) -> None:
    target(float(model.read_date(text.decode("latin-1")) is not None))
    headers.check_date(text)


@MANY
@given(values)
def test_headers_agree_with_the_model(value: bytes) -> None:
    target(float(len(model.read(value.decode("latin-1")).attributes)))
    headers.check_reading(value)


@MANY
@given(values, grants, fours, fours, st.booleans())
def test_verdicts_and_filter_agree_with_the_model(
    value: bytes, grant: int, signals: int, host: int, is_open: bool
) -> None:
    target(float(model.read(value.decode("latin-1")).deletes(NOON)))
    headers.check_judging(value, grant, signals, host, is_open)


@hypothesis.settings(max_examples=60, deadline=None)
@given(values, grants, fours, fours, st.booleans())
def test_every_adapter_agrees_with_the_model(
    value: bytes, grant: int, signals: int, host: int, is_open: bool
) -> None:
    headers.check_adapters(value, grant, signals, host, is_open)


@given(grants, fours, st.booleans())
def test_consent_agrees_with_the_model(grant: int, signals: int, is_open: bool) -> None:
    consent = headers.CONSENTS[is_open, grant, signals]
    assert consent.allowed == headers.allowed_by(grant, signals)
    assert consent.status == ("missing" if headers.GRANTS[grant] is None else "given")


@given(
    st.binary(max_size=60)
    | st.lists(
        st.sampled_from(
            [b"__Host-cookiegate", b"=", b"; ", b";", b" ", b"\t", headers.SIGNED, b"x", b"\xff"]
        ),
        max_size=12,
    ).map(b"".join)
)
def test_no_cookie_header_grants_what_the_gate_did_not_sign(value: bytes) -> None:
    headers.check_request(value)


@pytest.mark.parametrize("value", [header_of(row) for row in ROWS])
def test_the_model_and_the_gate_agree_on_the_browser_rows(value: bytes) -> None:
    headers.check_reading(value)
    for host in range(4):
        headers.check_judging(value, 0, 0, host, False)
