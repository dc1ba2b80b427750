"""The Cookie header: find cookies in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

__all__ = ["MOST_PAIRS", "cookie_pairs", "cookie_values", "possible_names"]

#: How many cookies of a request are judged; no browser sends more.
MOST_PAIRS: Final = 256

_BEFORE_A_PAIR: Final = (b"", b"; ")
_SEMICOLON: Final = ord(";")
# What parsers trim from a name: the blanks of the RFC, or every blank of Unicode.
_TRIMMED: Final = (b" \t", bytes(code for code in range(256) if chr(code).isspace()))
# A name before a "=": at the start, or after a byte that ends the value before it in some parser.
_INNER_NAME: Final = re.compile(
    rb"""(?:^|[\0-\x20",\\\x7f-\xff])=*([^\0-\x20",\\\x7f-\xff=]+)[\0-\x20\x7f-\xff]*="""
)


def cookie_values(cookies: Iterable[bytes], name: bytes, *, limit: int) -> list[bytes]:
    """
    Return the values of one cookie in the Cookie headers, in the order sent.

    Args:
        cookies: The headers' values.
        name: The cookie's name.
        limit: How many values to return at most: a request may hold thousands.
    """
    values: list[bytes] = []
    for header in cookies:
        # The common case: one cookie of the name, as browsers write it.
        parts = header.split(name, 2)
        if len(parts) == 1:
            continue
        if len(parts) == 2 and parts[1][:1] == b"=" and parts[0][-2:] in _BEFORE_A_PAIR:
            values.append(parts[1].split(b";", 1)[0][1:].strip(b" \t"))
            continue
        start = header.find(name)
        while start >= 0 and len(values) < limit:
            end = header.find(b";", start)
            if end < 0:
                end = len(header)
            # The name must reach from its pair's start to the "="; blanks around it do not count.
            left, equals, value = header[start:end].partition(b"=")
            if equals and left.rstrip(b" \t") == name and _begins_pair(header, start):
                values.append(value.strip(b" \t"))
            start = header.find(name, end)
    return values[:limit]


def cookie_pairs(cookies: Iterable[bytes], *, limit: int) -> list[tuple[bytes, bytes]]:
    """
    Return the names and values of the cookies in the Cookie headers, in the order sent.

    Args:
        cookies: The headers' values.
        limit: How many pairs to return at most: browsers send some hundred.
    """
    pairs: list[tuple[bytes, bytes]] = []
    for header in cookies:
        for pair in header.split(b";", limit):
            name, equals, value = pair.partition(b"=")
            if equals and (name := name.strip(b" \t")):
                pairs.append((name, value.strip(b" \t")))
    return pairs[:limit]


def _begins_pair(header: bytes, at: int) -> bool:
    while at and header[at - 1] in b" \t":
        at -= 1
    return not at or header[at - 1] == _SEMICOLON


def possible_names(pair: bytes) -> set[bytes]:
    """
    Return every name under which some parser may find a cookie in one pair.

    Python's parsers differ. Some trim every blank of Unicode, some begin a cookie after a blank, a
    comma or a quote, some decode percent signs, and some name a cookie that has no "=".

    Args:
        pair: The bytes between two semicolons.
    """
    name, equals, _ = pair.partition(b"=")
    if not equals:
        name = pair
    names = {name.strip(blanks) for blanks in _TRIMMED}
    if not name.isascii():
        names.add(name.decode(errors="replace").strip().encode())
    names.update(_INNER_NAME.findall(pair))
    names.update(unquote_to_bytes(one) for one in tuple(names) if b"%" in one)
    return names
