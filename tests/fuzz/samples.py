"""Bytes from which the fuzzer starts: one claim each, with what it takes."""

from typing import Final

from tests.conformance import ROWS, header_of

__all__ = ["SAMPLES"]

_HEADERS = [b"\0\0\0" + header_of(row) for row in ROWS]
_COOKIES = [
    b"\1" + bytes([visitor, weight]) + cookies
    for visitor in (1, 2, 0x10, 0x21)
    for weight in (0, 100, 200)
    for cookies in (
        b"_ga=1; _gat_x=2; _fbp=3; SID=4; NID=5; sid=6",
        b"_gat_\xc3\xa9=1; prefs[theme]=2; theme=3; =4; lang; _ga",
        b"; ".join(b"_gat_%d=1" % number for number in range(40)),
    )
]
_POLICIES = [
    b"\2" + bytes([visitor]) + policy
    for visitor in range(8)
    for policy in (
        b"default-src 'self'; script-src https://count.example 'nonce-a' https://pay.example",
        b"img-src *.ads.example,script-src-elem https://BOTH.example;;form-action https://x.example",
        b"\tFRAME-SRC\thttps://ads.example ; report-uri /x",
    )
]
_FORMS = [
    b"\3" + bytes([kind]) + body
    for kind in range(8)
    for body in (
        b"category=analysis&category=marketing&lang=en&shown=abc&surface=banner&back=%2Fx",
        b"answer=all&category=%C3%A9",
        b'{"granted":["analysis"],"surface":"banner","language":"en","shown":"abc"}',
        b'analysis"]}',
        b"_gat_\xc3\xa9=1; _ga=2; NID=3; __Host-cookiegate=x",
    )
]
#: What the fuzzer is given at first.
SAMPLES: Final = [*_HEADERS, *_COOKIES, *_POLICIES, *_FORMS]
