"""Both implementations of the hot loops on the same inputs.

Usage: python -m tests.fuzz.loops HEADERS SEED
"""

import random
import sys
import time
from types import ModuleType
from typing import Any, Final

from cookiegate import _native as pure
from tests.implementations import IMPLEMENTATIONS

__all__ = ["check_cookie_header", "check_request", "check_response", "main"]

NEVER: Final = float("inf")
#: Names of headers, and what `sieve` makes of them. The others are not known.
KINDS: Final = {
    b"set-cookie": pure.SET_COOKIE,
    b"Set-Cookie": pure.SET_COOKIE,
    b"content-type": pure.OTHER,
    b"x": pure.OTHER,
    b"cache-control": pure.CACHE,
    b"content-security-policy": pure.POLICY,
}
#: The text before the first "=", and what becomes of the cookie.
OUTCOMES: Final = {
    b"": pure.REFUSED,
    b"sid": pure.REQUIRED,
    b"lang": pure.ALLOWED,
    b"_ga": pure.REFUSED,
    b"_ga_of_a_longer_name": pure.REFUSED,
    b"sid; x": pure.LOOK,
    b"who": pure.LOOK,
}
NOW: Final = 1_800_000_000.0
#: The text after the first ";", and from when it deletes.
DELETES: Final = {b"": NEVER, b" Path=/": NEVER, b" Max-Age=0": 0.0, b" Max-Age=60; Path=/": NOW}
#: Names of request headers, and whether the gate reads them.
KNOWN: Final[dict[bytes, float]] = {
    b"cookie": True,
    b"host": True,
    b"accept": True,
    b"x": False,
    b"via": False,
}
#: The text of a request cookie before its first "=", and whether it is refused.
REFUSED: Final[dict[bytes, float]] = {
    b"sid": False,
    b" sid": False,
    b" _ga": True,
    b"_ga": True,
    b"": False,
}
CONSENT: Final = b"__Host-consent"

Tables = tuple[Any, Any, Any]


def _table(loops: ModuleType, numbers: dict[bytes, Any], *, is_text: bool = False) -> Any:
    table = loops.new_table()
    for name, number in numbers.items():
        table[name.decode() if is_text else name] = number
    return table


def _response_tables(loops: ModuleType, *, is_text: bool) -> Tables:
    kinds, deletes, outcomes = (
        _table(loops, numbers, is_text=is_text) for numbers in (KINDS, DELETES, OUTCOMES)
    )
    return kinds, deletes, outcomes


TABLES: Final = {
    (name, is_text): _response_tables(loops, is_text=is_text)
    for name, loops in IMPLEMENTATIONS.items()
    for is_text in (False, True)
}
REQUEST_TABLES: Final = {
    name: (_table(loops, KNOWN), _table(loops, REFUSED)) for name, loops in IMPLEMENTATIONS.items()
}


def _sieve(
    name: str, headers: list[Any], *, is_text: bool, asked: bool
) -> tuple[list[Any], list[Any], list[int], int, int]:
    # Return what was handed back and kept, the lines, what was found, and how often it asked.
    loops = IMPLEMENTATIONS[name]
    kinds, deletes, outcomes = TABLES[name, is_text]
    kept: list[Any] = [("earlier", "")]
    lines: list[int] = []
    calls: list[Any] = []
    back: list[Any] = []

    def ask(context: Any) -> Any:
        calls.append(context)
        return outcomes, NOW, headers

    sieve = loops.sieve_text if is_text else loops.sieve
    rest = iter(headers)
    so_far = (outcomes, NOW, headers) if asked else None
    found = 0
    while True:
        result = sieve(rest, kept, lines, kinds, deletes, so_far, ask, "request")
        if type(result) is int:
            return back, kept, lines, found | result, len(calls)
        header, found_here, so_far = result
        back.append(header)
        found |= found_here
        assert so_far is None or so_far[2] is headers


def check_response(headers: list[Any], *, is_text: bool, asked: bool = False) -> None:
    """Check that what C decides is what Python decides."""
    if "c" not in IMPLEMENTATIONS:
        return
    decided = []
    for header in headers:
        in_c, in_python = (
            _sieve(name, [header], is_text=is_text, asked=asked) for name in ("c", "pure")
        )
        if not in_c[0]:
            decided.append(header)
        # C may hand back what Python decides: text beyond ASCII.
        assert in_c == in_python or (in_c[0] and _is_beyond(header)), header
    _, *of_all = _sieve("c", headers, is_text=is_text, asked=asked)
    _, *of_decided = _sieve("pure", decided, is_text=is_text, asked=asked)
    assert of_all[:3] == of_decided[:3], headers


def _is_beyond(header: Any) -> bool:
    # What C leaves to Python: text beyond ASCII.
    return any(type(part) is str and not part.isascii() for part in header)


def check_request(headers: list[Any]) -> None:
    """Check that `scan` misses nothing, and returns the same in C as in Python."""
    in_python = pure.scan(headers, KNOWN)
    if in_python is not None:
        read = [(name, value) for name, value in headers if KNOWN[name]]
        assert list(in_python.items()) == read
    if "c" in IMPLEMENTATIONS:
        in_c = IMPLEMENTATIONS["c"].scan(headers, REQUEST_TABLES["c"][0])
        # C leaves names to its caller that are not plain bytes.
        assert in_c == in_python or (in_c is None and any(type(n) is not bytes for n, _ in headers))


def check_cookie_header(header: bytes, limit: int = 150) -> None:
    """Check that both read a Cookie header alike."""
    if "c" not in IMPLEMENTATIONS:
        return
    refused = REQUEST_TABLES["c"][1]
    assert IMPLEMENTATIONS["c"].is_refused(header, refused, limit) == pure.is_refused(
        header, REFUSED, limit
    )
    in_c = IMPLEMENTATIONS["c"].consent_value(header, CONSENT)
    in_python = pure.consent_value(header, CONSENT)
    # In C, a value between blanks is left to Python.
    assert in_c is True or in_c is in_python or in_c == in_python


class Chance:
    """Makes headers by chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self) -> bytes:
        """Return a value of a Set-Cookie, mostly a usual one."""
        pick = self.random.choice
        value = pick([*OUTCOMES, b"new", b"y" * self.random.randrange(300)])
        value += pick([b"=", b"=", b"=", b"=", b""]) + pick([b"1", b"", b"a=b", b"value" * 20])
        value += pick([b";", b";", b""]) + pick([*DELETES, b" Path=/new"])
        if self.random.random() < 0.05:
            at = self.random.randrange(len(value) + 1)
            value = value[:at] + self.random.randbytes(1) + value[at:]
        return value

    def header(self, *, is_text: bool) -> Any:
        """Return a header of a response; one of a hundred is none."""
        if self.random.random() < 0.01:
            odd = [None, (), (b"x",), (b"x", b"y", b"z"), [b"x", b"y"], (b"x", "y"), ("x", b"y")]
            return self.random.choice([*odd, ("x", None), (b"x", bytearray(b"y")), "xy", 5])
        name, value = self.random.choice([*KINDS, b"set-cookie", b"new", b"z" * 257]), self.value()
        return (name.decode("latin-1"), value.decode("latin-1")) if is_text else (name, value)

    def request(self) -> list[Any]:
        """Return the headers of a request."""
        names = [*KNOWN, *KNOWN, b"Cookie", b"new"]
        size = self.random.randrange(6)
        return [(self.random.choice(names), self.random.randbytes(2)) for _ in range(size)]

    def cookies(self) -> bytes:
        """Return a Cookie header."""
        pick = self.random.choice
        names = [b"sid", b"_ga", b"", b"new", CONSENT, CONSENT, b"x" + CONSENT, b"\xff"]
        pairs = [
            pick(names) + pick([b"=", b"=", b"", b"=="]) + pick([b"1", b"", b" 2", b"3\t", CONSENT])
            for _ in range(self.random.randrange(6))
        ]
        return pick([b"; ", b"; ", b";", b" ; "]).join(pairs)


def main(headers: int, seed: int) -> None:
    """Compare both on so many headers."""
    if "c" not in IMPLEMENTATIONS:
        sys.exit("The loops in C are not built here.")
    chance, count, began = Chance(seed), 0, time.monotonic()
    while count < headers:
        for is_text in (False, True):
            response = [chance.header(is_text=is_text) for _ in range(8)]
            check_response(response, is_text=is_text, asked=chance.random.random() < 0.5)
            count += len(response)
        request, cookies = chance.request(), chance.cookies()
        check_request(request)
        check_cookie_header(cookies, chance.random.choice([0, 1, 2, 150, -1]))
        count += len(request) + 1
    print(f"{count} headers, the same in C and in Python ({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
