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
# Each part may be followed by anything that does not begin with a digit.
_TIME = re.compile(rb"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|\Z)")
_DAY = re.compile(rb"(\d{1,2})(?:\D|\Z)")
# The RFC stops at four digits and ignores the date; Chromium takes more, and means very late.
_YEAR = re.compile(rb"(\d{2,})")
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
    is infinitely late.
    """
    time = day = month = year = None
    for token in _DELIMITERS.split(text):
        # The order of these four is the RFC's: the first that still is missing and fits takes it.
        if time is None and (match := _TIME.match(token)):
            time = int(match[1]), int(match[2]), int(match[3])
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and (number := _MONTHS.get(token[:3].lower())):
            month = number
        elif year is None and (match := _YEAR.match(token)):
            year = int(match[1])
    if time is None or day is None or month is None or year is None:
        return None
    if year < 70:
        year += 2000
    elif year < 100:
        year += 1900
    if year < 1601:
        return None
    if year > 9999:
        return inf
    try:
        return datetime(year, month, day, *time, tzinfo=UTC).timestamp()
    except ValueError:  # 30 February, 24:00:00, 00:00:60
        return None
