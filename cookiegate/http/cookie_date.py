"""The date in `Expires`, read as browsers read it (RFC 6265bis, section 5.6.1 "Dates").

A cookie date is not an HTTP date: its parts come in any order, between nearly any delimiters, and
unknown words are skipped. No library reads it so, hence this module.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import inf

__all__ = ["parse_cookie_date"]

_DELIMITERS = re.compile(rb"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
# Where Chromium and Firefox both differ from the RFC, this module follows them: leading zeros in a
# time and a year of five digits count; a day or a year with a suffix (1st, 2027x), a second time,
# and a number of more digits are skipped.
_TIME = re.compile(rb"0*(\d{1,2}):0*(\d{1,2}):0*(\d{1,2})(?:\D|\Z)")
_DAY = re.compile(rb"\d{1,2}")
_YEAR = re.compile(rb"\d{2,5}")
# A year only in Chromium: it counts where there is no other.
_SHORT_YEAR = re.compile(rb"\d")
_MONTHS = {
    name: number
    for number, name in enumerate(
        b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}


def parse_cookie_date(text: bytes) -> float | None:
    """
    Return the time of a cookie date in Unix seconds; None if browsers would ignore it.

    Time zones are skipped, as in browsers: the time is always UTC. A year of more than four digits
    is `inf`. A year before 1601 is `-inf`: the RFC ignores it, browsers delete the cookie.

    Args:
        text: The value of `Expires`.
    """
    time = day = month = year = short_year = None
    for token in _DELIMITERS.split(text):
        # In the RFC's order: the first part that is still missing and fits takes the token.
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
        # For years that datetime lacks, check month and day in a leap year.
        in_range = 1601 <= year <= 9999
        moment = datetime(year if in_range else 2000, month, day, *time, tzinfo=UTC)
    except ValueError:  # 30 February, 24:00:00, 00:00:60
        return None
    if in_range:
        return moment.timestamp()
    return inf if year > 9999 else -inf
