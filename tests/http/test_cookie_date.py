"""`Expires` is read as browsers read it."""

import time
from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.http.cookie_date import parse_cookie_date

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        b"Fri, 01 Jan 2027 00:00:00 GMT",
        b"Fri, 01-Jan-2027 00:00:00 GMT",
        b"Fri,01/Jan/2027 00:00:00 GMT",
        b"2027 Jan 1 00:00:00",
        b"00:00:00 1 Jan 2027",
        b"Fri, 01 January 2027 0:0:0 nonsense",
        b"01 JAN 27 00:00:00",
        b'"Fri, 01 Jan 2027 00:00:00 GMT"',
        b"Fri, 01 Jan 2027 00:00:00 PST",
        b"\tFri, 1st 1 Jan 2027x 2027 00:00:00z",
        b"1 Jan 00:00:00 12:34:56 2027",
        b"Fri, 01 Jan 2027 000:00:0000 GMT",
        b"1234567 01 Jan 123456 2027 00:00:00",
        b"01 1 Jan 2027 00:00:00",
    ],
)
def test_parts_may_come_in_any_order_and_zones_are_ignored(text: bytes) -> None:
    assert parse_cookie_date(text) == NEW_YEAR


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b"0",
        b"-1",
        b"1798761600",
        b"2027-01-01T00:00:00Z",
        b"Fri, 01 Jan 2027",
        b"Fri, 01 Jan 00:00:00 GMT",
        b"Fri, Jan 2027 00:00:00 GMT",
        b"Fri, 1st Jan 2027 00:00:00 GMT",
        b"Fri, 1 Jan 2027x 00:00:00 GMT",
        b"Fri, 01 Foo 2027 00:00:00 GMT",
        b"Fri, 32 Jan 2027 00:00:00 GMT",
        b"Fri, 29 Feb 2027 00:00:00 GMT",
        b"Fri, 01 Jan 2027 24:00:00 GMT",
        b"Fri, 01 Jan 2027 00:60:00 GMT",
        b"Fri, 01 Jan 2027 00:00:60 GMT",
        b"Fri, 32 Jan 1600 00:00:00 GMT",
        b"Fri, 01 Jan 2027 00:00:100 GMT",
        b"Fri, 01 Jan 1234567 00:00:00 GMT",
    ],
)
def test_dates_that_browsers_ignore_are_not_read(text: bytes) -> None:
    assert parse_cookie_date(text) is None


@pytest.mark.parametrize(
    ("year", "means"), [(b"69", 2069), (b"70", 1970), (b"99", 1999), (b"00", 2000), (b"1", 2001)]
)
def test_short_years_turn_at_seventy(year: bytes, means: int) -> None:
    moment = parse_cookie_date(b"01 Jan " + year + b" 00:00:00")
    assert moment == datetime(means, 1, 1, tzinfo=UTC).timestamp()


def test_a_year_of_five_digits_is_infinitely_late() -> None:
    assert parse_cookie_date(b"Fri, 01 Jan 10000 00:00:00 GMT") == inf


@pytest.mark.parametrize("year", [b"100", b"197", b"1500", b"1600"])
def test_a_year_before_1601_is_infinitely_early(year: bytes) -> None:
    assert parse_cookie_date(b"Fri, 01 Jan " + year + b" 00:00:00 GMT") == -inf


@given(st.binary(max_size=80))
def test_no_bytes_raise_an_error(text: bytes) -> None:
    parse_cookie_date(text)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31)))
def test_http_dates_are_read_to_the_second(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    text = moment.strftime("%a, %d %b ").encode() + b"%04d" % moment.year
    text += moment.strftime(" %H:%M:%S GMT").encode()
    assert parse_cookie_date(text) == moment.timestamp()


def test_1601_is_the_first_year_with_a_finite_time() -> None:
    assert parse_cookie_date(b"Mon, 01 Jan 1601 00:00:00 GMT") == -11_644_473_600
    assert parse_cookie_date(b"Fri, 31 Dec 9999 23:59:59 GMT") == 253_402_300_799


def test_the_last_day_of_february_1600_is_a_day_and_infinitely_early() -> None:
    assert parse_cookie_date(b"Tue, 29 Feb 1600 00:00:00 GMT") == -inf


def test_a_date_is_utc_in_every_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert parse_cookie_date(b"Thu, 01 Jan 1970 00:01:00 GMT") == 60
    time.tzset()
