"""Lifetimes as a policy writes them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.registry.errors import InvalidValueError
from cookiegate.registry.lifetimes import UNITS, Lifetime, parse_keep, parse_lifetime

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "lifetime", "seconds"),
    [
        ("session", Lifetime(None, "session"), None),
        ("never", Lifetime(None, "never"), None),
        ("30 minutes", Lifetime(30, "minutes"), 1_800),
        ("1 hour", Lifetime(1, "hours"), 3_600),
        ("730 days", Lifetime(730, "days"), 730 * DAY),
        ("2 weeks", Lifetime(2, "weeks"), 14 * DAY),
        ("6 months", Lifetime(6, "months"), 6 * 31 * DAY),
        ("20 years", Lifetime(20, "years"), 20 * 366 * DAY),
        ("1000 years", Lifetime(1000, "years"), 366_000 * DAY),
    ],
)
def test_a_lifetime_is_read_counted_and_written_back(
    text: str, lifetime: Lifetime, seconds: int | None
) -> None:
    assert parse_lifetime(text) == lifetime
    assert lifetime.seconds == seconds
    assert str(lifetime) == text


@given(st.integers(1, 1000), st.sampled_from(sorted(UNITS)))
def test_every_count_and_unit_comes_back_as_written(count: int, unit: str) -> None:
    lifetime = Lifetime(count, unit)
    assert parse_lifetime(str(lifetime)) == lifetime
    assert parse_lifetime(f"{count} {unit.removesuffix('s')}") == lifetime
    assert parse_lifetime(f"{count} {unit}") == lifetime


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Session", 'write "session"'),
        ("session cookie", 'write "session"'),
        ("sesion", 'write "session"'),
        ("forever", 'write "never"'),
        ("persistent", 'write "never"'),
        ("nevr", 'write "never"'),
        ("30 dayz", 'write "30 days"'),
        ("30 Days", 'write "30 days"'),
        ("30 fortnights", "use one of minutes, hours, days, weeks, months, years"),
        ("30d", 'write "30 days"'),
        ("1y", 'write "1 year"'),
        ("1 yr", 'write "1 year"'),
        ("1 Year", 'write "1 year"'),
        ("1 min", 'write "1 minute"'),
        ("13 mo", 'write "13 months"'),
        ("1 h", 'write "1 hour"'),
        ("one year", 'write "1 year"'),
        ("two weeks", 'write "2 weeks"'),
        ("ever", 'write "session", "never", or a count and a unit such as "30 days"'),
        ("some years", 'write "session", "never", or a count and a unit such as "30 days"'),
        ("30  days", 'write "30 days"'),
        ("days 30", 'write "30 days"'),
        ("1.5 years", 'write "session", "never", or a count and a unit such as "30 days"'),
        ("-1 days", 'write "1 day"'),
        ("٣ days", 'write "session", "never", or a count and a unit such as "30 days"'),
        ("0 days", 'count from 1, or write "session"'),
        ("1001 years", 'write "never"'),
        ("9" * 10_000 + " days", 'write "never"'),
        ("9" * 10_000 + "d", 'write "session", "never", or a count and a unit such as "30 days"'),
        ("", 'write "session", "never", or a count and a unit such as "30 days"'),
    ],
)
def test_what_cannot_be_read_says_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_lifetime(text)
    assert caught.value.hint == hint


@given(st.text() | st.from_regex(r"[0-9]{1,20} ?[a-z]{1,8}", fullmatch=True))
def test_any_text_is_a_lifetime_or_an_error(text: str) -> None:
    with suppress(InvalidValueError):
        assert parse_lifetime(text).unit in {*UNITS, "session", "never"}


@given(st.integers(1, 1000), st.sampled_from(sorted(UNITS)))
def test_receipts_are_kept_for_a_count_and_a_unit_as_written(count: int, unit: str) -> None:
    assert parse_keep(f"{count} {unit}") == parse_lifetime(f"{count} {unit}")


FORM = (
    'write a count and a unit such as "3 years", or leave keep out: '
    "receipts then stay until they are pruned by hand"
)


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("session", "receipts cannot be kept for 'session'", FORM),
        ("never", "receipts cannot be kept for 'never'", FORM),
        ("Forever", "receipts cannot be kept for 'Forever'", FORM),
        ("some years", "receipts cannot be kept for 'some years'", FORM),
        ("sesion", "receipts cannot be kept for 'sesion'", FORM),
        ("", "receipts cannot be kept for ''", FORM),
        ("9" * 10_000, f"receipts cannot be kept for '{'9' * 59}…'", FORM),
        ("3y", "receipts cannot be kept for '3y'", 'write "3 years"'),
        ("one Year", "receipts cannot be kept for 'one Year'", 'write "1 year"'),
        ("3 yrs", "unknown unit 'yrs' in lifetime '3 yrs'", 'write "3 years"'),
        (
            "3 decades",
            "unknown unit 'decades' in lifetime '3 decades'",
            "use one of minutes, hours, days, weeks, months, years",
        ),
        ("0 years", "lifetime '0 years' is not a valid duration", "count from 1"),
        ("1001 years", "lifetime '1001 years' is over 1000 years", FORM),
    ],
)
def test_what_receipts_cannot_be_kept_for_says_what_to_write(
    text: str, what: str, hint: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_keep(text)
    assert (caught.value.what, caught.value.hint) == (what, hint)
