"""A second opinion on the gate: slow, simple, and written from the specifications.

It follows RFC 6265bis (sections 5.6 and 5.7) and `docs/decisions.md`, character by character, for
the shop of `tests/registries.py`, whose rows are repeated here by hand. Nothing of cookiegate
is imported. Where browsers differ from the RFC (dates, signs before Max-Age), the rules are those
of `docs/browsers.md` and of the comments in cookiegate.
"""

from collections.abc import Callable
from dataclasses import dataclass

DIGITS = "0123456789"
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
EPOCH = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
CARRIED = ["path", "domain", "secure", "httponly", "samesite", "partitioned"]
SHOP_HOST, GOOGLE = ["shop.example"], ["google.com", "google.se"]

#: name, or a test of it; category; domains.
ROWS: list[tuple[str | Callable[[str], bool], str, list[str]]] = [
    ("sid", "essential", []),
    (lambda name: name[:8] == "session." and all_digits(name[8:]), "essential", []),
    ("cart", "essential", []),
    ("csrf", "essential", []),
    ("lang", "functional", []),
    ("theme", "comfort", []),
    ("prefs[theme]", "comfort", []),
    ("_ga", "analysis", []),
    (lambda name: name[:5] == "_gat_", "analysis", []),
    ("_fbp", "marketing", []),
    ("k\u00c3\u00bcche", "marketing", []),
    ("SID", "marketing", GOOGLE),
    ("SID", "essential", SHOP_HOST),
    ("NID", "marketing", GOOGLE),
]
SURVIVES = {"dnt": {"essential", "functional", "comfort"}, "gpc": {"essential", "functional"}}


def all_digits(text: str) -> bool:
    return text != "" and all(one in DIGITS for one in text)


def trim(text: str) -> str:
    """Return text without spaces and tabs at both ends; nothing else is a blank."""
    while text and text[0] in " \t":
        text = text[1:]
    while text and text[-1] in " \t":
        text = text[:-1]
    return text


def cut(text: str, at: str) -> tuple[str, str | None]:
    """Return the text before and after the first `at`; None after it if there is none."""
    before = ""
    for place, one in enumerate(text):
        if one == at:
            return before, text[place + 1 :]
        before += one
    return before, None


def lower(text: str) -> str:
    """Return text with ASCII letters in lower case."""
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)


@dataclass
class Cookie:
    """One parsed header. Text is latin-1, one character for each byte."""

    names: list[str]
    attributes: list[tuple[str, str]]
    max_age: float | None = None
    expires: float | None = None

    def last(self, name: str) -> str | None:
        found = None
        for one, value in self.attributes:
            if one == name:
                found = value
        return found

    def deletes(self, now: float) -> bool:
        if self.max_age is not None:
            return self.max_age <= 0
        return self.expires is not None and self.expires <= now


def read(header: str) -> Cookie:
    pair, rest = cut(header, ";")
    left, value = cut(pair, "=")
    names = [trim(left)]
    if value is None and trim(left) != "":
        # Chromium: nameless. Firefox: a name without a value.
        names = ["", trim(left)]
    if value is not None and trim(left) == "":
        hidden, more = cut(value, "=")
        if more is not None and trim(hidden) != "":
            # The standard: nameless. Servers read this name.
            names = ["", trim(hidden)]
    cookie = Cookie(names, [])
    while rest is not None:
        text, rest = cut(rest, ";")
        name, worth = cut(text, "=")
        if len(trim(worth or "")) <= 1024:
            cookie.attributes.append((lower(trim(name)), trim(worth or "")))
    age, date = cookie.last("max-age"), cookie.last("expires")
    if age is not None:
        cookie.max_age = read_max_age(age)
    if date is not None:
        cookie.expires = read_date(date)
    return cookie


def read_max_age(text: str) -> float | None:
    if text[:1] == "-":
        return float("-inf")
    digits = text[1:] if text[:1] == "+" else text
    if not all_digits(digits):
        return None
    total = 0.0
    for one in digits:
        total = total * 10 + DIGITS.index(one)
    return total


def is_delimiter(one: str) -> bool:
    code = ord(one)
    return (
        code == 0x09
        or 0x20 <= code <= 0x2F
        or 0x3B <= code <= 0x40
        or 0x5B <= code <= 0x60
        or 0x7B <= code <= 0x7E
    )


def read_time(token: str) -> tuple[int, int, int] | None:
    """Return the time of three numbers between colons, not followed by a digit."""
    fields, place = [], 0
    for field in range(3):
        digits = ""
        while place < len(token) and token[place] in DIGITS:
            digits += token[place]
            place += 1
        if digits == "":
            return None
        while len(digits) > 1 and digits[0] == "0":
            digits = digits[1:]
        if len(digits) > 2:
            return None
        fields.append(int(digits))
        if field < 2:
            if token[place : place + 1] != ":":
                return None
            place += 1
    return fields[0], fields[1], fields[2]


def days_in(month: int, year: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]


def read_date(text: str) -> float | None:
    """Return the time of a cookie date, as far as browsers agree."""
    tokens = [""]
    for one in text:
        if is_delimiter(one):
            tokens.append("")
        else:
            tokens[-1] += one
    time = day = month = year = short = None
    for token in tokens:
        if time is None and read_time(token) is not None:
            time = read_time(token)
        elif day is None and all_digits(token) and len(token) <= 2:
            day = int(token)
        elif month is None and lower(token[:3]) in MONTHS:
            month = MONTHS.index(lower(token[:3])) + 1
        elif year is None and all_digits(token) and 2 <= len(token) <= 5:
            year = int(token)
        elif short is None and all_digits(token) and len(token) == 1:
            short = int(token)
    if year is None:
        year = short
    if time is None or day is None or month is None or year is None:
        return None
    if year < 70:
        year += 2000
    elif year < 100:
        year += 1900
    # Also for a year out of range, month and day must exist: year 2000 stands in for it.
    plain = 1601 <= year <= 9999
    if not 1 <= day <= days_in(month, year if plain else 2000):
        return None
    if time[0] > 23 or time[1] > 59 or time[2] > 59:
        return None
    if not plain:
        return float("inf") if year > 9999 else float("-inf")
    days = day - 1 + sum(days_in(earlier, year) for earlier in range(1, month))
    # Days before the year in the Gregorian calendar; 719162 days were before 1970.
    past = year - 1
    days += past * 365 + past // 4 - past // 100 + past // 400 - 719162
    return float(days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2])


def allowed_under(granted: set[str], signals: set[str]) -> set[str]:
    """Return the categories that are allowed: a signal is a ceiling."""
    held = {"essential"} | granted
    for signal in signals:
        held &= SURVIVES[signal]
    return held


def covers(domains: list[str], host: str) -> bool:
    return domains == [] or any(host == one or host.endswith("." + one) for one in domains)


def categories_of(name: str, cookie: Cookie, host: str | None) -> set[str]:
    """Return the categories of the matching entries; none for an unknown name."""
    rows = [row for row in ROWS if (row[0] == name if isinstance(row[0], str) else row[0](name))]
    exact = [row for row in rows if isinstance(row[0], str)]
    rows = exact or rows
    if len(rows) > 1:
        domain = lower(cookie.last("domain") or "")
        if domain[:1] == ".":
            domain = domain[1:]
        hosts = [one for one in (domain, host) if one]
        meant = [row for row in rows if any(covers(row[2], one) for one in hosts)]
        rows = meant or rows
    return {row[1] for row in rows}


def may_be_set(
    header: str, allowed: set[str], host: str | None, *, unknown: bool
) -> tuple[bool, bool]:
    """Return whether the header may leave as it is, and whether it may leave as a deletion."""
    if "\r" in header or "\n" in header or "\0" in header:
        return False, False
    cookie = read(header)
    if "" in cookie.names or "__Host-cookiegate" in cookie.names:
        return False, False
    meant = categories_of(cookie.names[0], cookie, host)
    return (meant <= allowed if meant else unknown), True


def is_faithful_deletion(leaves: str, header: str) -> bool:
    """Return whether it deletes the cookie of the header, and carries nothing that it must not."""
    name = read(header).names[-1]
    start = name + "=" + EPOCH
    if leaves[: len(start)] != start:
        return False
    given, left = read(header), read(leaves).attributes[2:]
    for attribute, value in left:
        worth = given.last(attribute)
        if attribute not in CARRIED or worth is None:
            return False
        if attribute in ("path", "domain", "samesite") and lower(value) != lower(worth):
            return False
        if attribute in ("secure", "httponly", "partitioned") and value != "":
            return False
    found = [attribute for attribute, _ in left]
    return len(found) == len(set(found))
