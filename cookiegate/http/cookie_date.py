"""The date in `Expires`, read as browsers read it (RFC 6265bis, section 5.6.1 "Dates").

A cookie date is not an HTTP date: the parts may come in any order, between nearly any delimiters,
and words that mean nothing are passed over. No library reads it so, hence this module.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import inf

__all__ = ["parse_cookie_date"]

_DELIMITERS = re.compile(rb"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
# Where Chromium and Firefox agree with each other and not with the RFC, so does this: noughts
# before the numbers of a time and a year of five digits count; a day or a year with anything
# behind it (1st, 2027x), a second time, and a number of more digits are words that mean nothing.
_TIME = re.compile(rb"0*(\d{1,2}):0*(\d{1,2}):0*(\d{1,2})(?:\D|\Z)")
_DAY = re.compile(rb"\d{1,2}")
_YEAR = re.compile(rb"\d{2,5}")
# A year to Chromium, and to nobody else: it counts where there is no other.
_SHORT_YEAR = re.compile(rb"\d")
_MONTHS = {
    name: number
    for number, name in enumerate(
        b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}


def parse_cookie_date(text: bytes) -> float | None:
    """
    The moment a cookie date names, in Unix seconds, or None where browsers would ignore it.

    Zones are passed over as browsers do: the time is always UTC. A year of more than four digits
    is infinitely late. One before 1601 is infinitely early: the RFC ignores it, browsers delete.
    """
    time = day = month = year = short_year = None
    for token in _DELIMITERS.split(text):
        # The order of these four is the RFC's: the first that still is missing and fits takes it.
        if time is None and (match := _TIME.match(token)):
            time = int(match[1]), int(match[2]), int(match[3])
        elif day is None and _DAY.fullmatch(token):
            day = int(token)
        elif month is None and (number := _MONTHS.get(token[:3].lower())):
            month = number
        elif year is None and _YEAR.fullmatch(token):
            year = int(token)
        elif short_year is None and _SHORT_YEAR.fullmatch(token):
            short_year = int(token)
    if year is None:
        year = short_year
    if time is None or day is None or month is None or year is None:
        return None
    if year < 70:
        year += 2000
    elif year < 100:
        year += 1900
    try:
        # Years that datetime does not have lend the calendar of one that has every day.
        in_range = 1601 <= year <= 9999
        moment = datetime(year if in_range else 2000, month, day, *time, tzinfo=UTC)
    except ValueError:  # 30 February, 24:00:00, 00:00:60
        return None
    if in_range:
        return moment.timestamp()
    return inf if year > 9999 else -inf
