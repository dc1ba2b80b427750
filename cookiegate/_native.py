"""
The hot loops, in Python. `_speedups.c` has the same functions in C, in the same order.

They decide what is common, and leave the rest to their callers, who read it in full: a header of a
name not seen before, an unusual type, a line end in a value. Both implementations may leave more to
their callers than they must; what leaves in the end is the same.

No function raises an exception or computes what a table lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, TypeVar

__all__ = [
    "ALLOWED",
    "CACHE",
    "DEPENDS",
    "HAS_POLICY",
    "LOOK",
    "OTHER",
    "POLICY",
    "REFUSED",
    "REQUIRED",
    "SET_COOKIE",
    "Asked",
    "Found",
    "Table",
    "consent_value",
    "is_refused",
    "new_table",
    "scan",
    "sieve",
    "sieve_text",
]

Name = TypeVar("Name", bytes, str)

#: Numbers by name, made by `new_table`. Whoever fills one bounds it.
Table = dict[Name, float]

# What a response's header is, by its name.
OTHER: Final = 0
CACHE: Final = 1
POLICY: Final = 2
SET_COOKIE: Final = 3

# What becomes of a cookie, by the text before its first "=".
REQUIRED: Final = 0
ALLOWED: Final = 1
REFUSED: Final = 2
LOOK: Final = 3

# What `sieve` found: another consent would change the response; the response has a policy.
DEPENDS: Final = 1
HAS_POLICY: Final = 2

#: The outcomes by name, the time in Unix seconds, and anything that the caller needs.
Asked = tuple[Table[Name], float, Any]
#: What `sieve` returns: what was found; or a header to look at, what was found before it, and what
#: was asked.
Found = int | tuple[Any, int, Asked[Name] | None]


def new_table() -> dict[Any, float]:
    """Return an empty table."""
    return {}


def sieve(
    rest: Iterator[Any],
    kept: list[tuple[bytes, bytes]],
    lines: list[int],
    kinds: Table[bytes],
    deletes: Table[bytes],
    asked: Asked[bytes] | None,
    ask: Callable[[Any], Asked[bytes]],
    context: Any,
) -> Found[bytes]:
    """
    Keep a response's headers that may leave, as far as the first that needs a closer look.

    Args:
        rest: The headers. Each that is taken from it is decided, or returned.
        kept: The headers that leave are appended.
        lines: The indices in `kept` of those that caches obey are appended.
        kinds: A header's name -> OTHER, CACHE, POLICY or SET_COOKIE.
        deletes: The text after a cookie's first ";" -> the time from which it deletes.
        asked: What `ask` has returned for this response; None if it was not called.
        ask: Called with the context at the first cookie. Its outcomes: the text before a cookie's
            first "=" -> REQUIRED, ALLOWED, REFUSED or LOOK.
        context: The request.
    """
    found = 0
    tuple_, text = tuple, bytes
    for pair in rest:
        # Exact types: any other could read differently the second time.
        if type(pair) is not tuple_:
            return pair, found, asked
        try:
            name, value = pair
            if type(name) is not text or type(value) is not text or 10 in value or 13 in value:
                return pair, found, asked
            kind = kinds[name]
            if not kind:
                pass
            elif kind == SET_COOKIE:
                if asked is None:
                    asked = ask(context)
                prefix, equals, after = value.partition(b"=")
                outcome = asked[0][prefix]
                if not equals or 0 in value:
                    return pair, found, asked
                if outcome:
                    if outcome == REFUSED:
                        if deletes[after.partition(b";")[2]] <= asked[1]:
                            return pair, found, asked
                        found |= DEPENDS
                        continue
                    if outcome != ALLOWED:
                        return pair, found, asked
                    found |= DEPENDS
            elif kind == CACHE:
                lines.append(len(kept))
            else:
                found |= HAS_POLICY
        except (KeyError, ValueError):  # not known yet, or no pair
            return pair, found, asked
        kept.append(pair)
    return found


def sieve_text(
    rest: Iterator[Any],
    kept: list[tuple[str, str]],
    lines: list[int],
    kinds: Table[str],
    deletes: Table[str],
    asked: Asked[str] | None,
    ask: Callable[[Any], Asked[str]],
    context: Any,
) -> Found[str]:
    """Do what `sieve` does with headers of text, as WSGI has them."""
    found = 0
    tuple_, text = tuple, str
    for pair in rest:
        if type(pair) is not tuple_:
            return pair, found, asked
        try:
            name, value = pair
            if type(name) is not text or type(value) is not text or "\n" in value or "\r" in value:
                return pair, found, asked
            kind = kinds[name]
            if not kind:
                pass
            elif kind == SET_COOKIE:
                if asked is None:
                    asked = ask(context)
                prefix, equals, after = value.partition("=")
                outcome = asked[0][prefix]
                # The judge sees all beyond ASCII: beyond latin-1, it cannot leave.
                if not equals or "\0" in value or not value.isascii():
                    return pair, found, asked
                if outcome:
                    if outcome == REFUSED:
                        if deletes[after.partition(";")[2]] <= asked[1]:
                            return pair, found, asked
                        found |= DEPENDS
                        continue
                    if outcome != ALLOWED:
                        return pair, found, asked
                    found |= DEPENDS
            elif kind == CACHE:
                lines.append(len(kept))
            else:
                found |= HAS_POLICY
        except (KeyError, ValueError):  # not known yet, or no pair
            return pair, found, asked
        kept.append(pair)
    return found


def scan(headers: Any, known: Table[bytes]) -> dict[bytes, Any] | None:
    """
    Return by name the headers of a request that the gate reads.

    Args:
        headers: The request's headers.
        known: The names that were seen before -> whether the gate reads them. Those that it reads
            are in lower case.

    Returns:
        None if something may be missing: the headers are not a list of pairs, a name has another
        spelling or was not seen before, or one that it reads occurs twice.
    """
    if type(headers) is not list:
        return None
    found: dict[bytes, Any] = {}
    tuple_ = tuple
    for pair in headers:
        if type(pair) is not tuple_:
            return None
        try:
            name, value = pair
            if known[name]:
                if name in found:
                    return None
                found[name] = value
        except (KeyError, TypeError, ValueError):  # not known yet, or no pair
            return None
    return found


def is_refused(header: bytes, refused: Table[bytes], limit: int) -> Literal[True] | list[bytes]:
    """
    Return whether a Cookie header has a cookie that is refused, as far as the table knows.

    Args:
        header: The header's value.
        refused: The text of a pair before its first "=" -> whether it is refused.
        limit: After how many semicolons the rest of the header counts as one pair.

    Returns:
        True; or the names that are not in the table, if none of the others is refused.
    """
    unknown = []
    for pair in header.split(b";", limit):
        name = pair.partition(b"=")[0]
        try:
            if refused[name]:
                return True
        except KeyError:
            unknown.append(name)
    return unknown


def consent_value(header: bytes, name: bytes) -> bytes | bool:
    """
    Return the value of a cookie in a Cookie header, if it stands there as browsers write it.

    Args:
        header: The header's value.
        name: The cookie's name.

    Returns:
        False if the name is not in the header; True if it is there in another way, or twice: then
        `cookie_values` finds out.
    """
    parts = header.split(name, 2)
    if len(parts) == 1:
        return False
    before, after = parts[0], parts[1]
    if len(parts) > 2 or after[:1] != b"=" or (before and before[-2:] != b"; "):
        return True
    return after.partition(b";")[0][1:].strip(b" \t")
