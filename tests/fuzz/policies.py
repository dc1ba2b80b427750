"""Claims about policies: any Content-Security-Policy, before and after editing."""

import re

from cookiegate import Registry
from tests.fuzz.model import lower
from tests.registries import gate_for

__all__ = ["check_policy"]

REGISTRY = Registry.parse("""
[site]
name = "S"
languages = ["en"]
[categories.must]
required = true
[categories.analysis]
[categories.marketing]
[services.count]
category = "analysis"
sources = ["https://count.example", "https://both.example"]
[services.ads]
category = "marketing"
sources = ["https://ads.example", "*.ads.example", "https://both.example"]
[services.pay]
category = "must"
sources = ["https://pay.example"]
""")
GATE = gate_for(REGISTRY)
SOURCES = {
    "https://count.example": {"analysis"},
    "https://both.example": {"analysis", "marketing"},
    "https://ads.example": {"marketing"},
    "*.ads.example": {"marketing"},
}
GRANTS: list[set[str]] = [set(), {"analysis"}, {"marketing"}, {"analysis", "marketing"}]
NAMES = (b"content-security-policy", b"Content-Security-Policy-Report-Only ")
BLANKS = " \t\n\f\r"
_COOKIE_LINE = re.compile(rb"[\r\n][^\S\r\n]*set-cookie[^\S\r\n]*:", re.IGNORECASE)
# CSP Level 3, section 6.1.
FETCH = [
    *("child-src", "connect-src", "default-src", "fenced-frame-src", "font-src", "frame-src"),
    *("img-src", "manifest-src", "media-src", "object-src", "prefetch-src", "script-src"),
    *("script-src-attr", "script-src-elem", "style-src", "style-src-attr", "style-src-elem"),
    "worker-src",
]


def check_policy(data: bytes) -> None:
    """Check a policy: one byte chooses the visitor and the header, the others are the value."""
    if not data:
        return
    granted, value = GRANTS[data[0] % 4], data[1:]
    name = NAMES[(data[0] >> 2) % 2]
    consent = GATE.issue(granted)
    visit = GATE.visit([(b"cookie", consent.partition(";")[0].encode())])
    leaves = visit.respond([(b"a", b"b"), (name, value)])

    assert leaves[0] == (b"a", b"b")
    if _COOKIE_LINE.search(value):
        # A server that does not check values would send this as a Set-Cookie.
        assert len(leaves) == 1
        return
    assert leaves[1][0] == name
    refused = {source for source, needs in SOURCES.items() if not needs <= granted}
    before, after = split(value), split(leaves[1][1])
    assert len(before) == len(after)
    is_edited = False
    for old, new in zip(before, after, strict=True):
        expected = edited(old, refused)
        is_edited = is_edited or expected is not None
        if expected is None:
            assert new == old
        else:
            assert tokens(new) == expected
    if not is_edited:
        assert leaves[1][1] == value


def split(value: bytes) -> list[str]:
    """Return the directives of all policies in a header's value."""
    return [
        directive
        for policy in value.decode("latin-1").split(",")
        for directive in policy.split(";")
    ]


def tokens(directive: str) -> list[str]:
    """Return the parts of a directive between ASCII whitespace."""
    found = [""]
    for one in directive:
        if one in BLANKS:
            found.append("")
        else:
            found[-1] += one
    return [token for token in found if token]


def edited(directive: str, refused: set[str]) -> list[str] | None:
    """Return the tokens of the directive without refused sources; None if it stays as it is."""
    name, *sources = tokens(directive) or [""]
    kept = [source for source in sources if lower(source) not in refused]
    if lower(name) not in FETCH or kept == sources:
        return None
    return [name, *(kept or ["'none'"])]
