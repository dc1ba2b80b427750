"""Content-Security-Policy: which sources a policy admits, and the policy without some of them.

The grammar is that of CSP Level 3, section 2.2. Whatever is not removed stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

__all__ = ["FETCH_DIRECTIVES", "admits", "edit", "listed_sources"]

#: The directives that list where something may be loaded from (section 6.1).
FETCH_DIRECTIVES: Final = frozenset(
    (
        *(b"child-src", b"connect-src", b"default-src", b"fenced-frame-src", b"font-src"),
        *(b"frame-src", b"img-src", b"manifest-src", b"media-src", b"object-src", b"prefetch-src"),
        *(b"script-src", b"script-src-attr", b"script-src-elem"),
        *(b"style-src", b"style-src-attr", b"style-src-elem", b"worker-src"),
    )
)
# For each kind of request its directives; the first that a policy has counts (section 6.8.3).
_FALLBACKS: Final = (
    (b"script-src-elem", b"script-src", b"default-src"),
    (b"frame-src", b"child-src", b"default-src"),
    (b"img-src", b"default-src"),
    (b"connect-src", b"default-src"),
)
# ASCII whitespace, as the Infra standard has it.
_BLANKS: Final = b" \t\n\f\r"
_TOKEN: Final = re.compile(rb"[^ \t\n\f\r]+")
_HOST_SOURCE: Final = re.compile(
    rb"(?:([a-z][a-z0-9+.-]*)://)?((?:\*\.)?[a-z0-9_.-]+|\*)(?::([0-9]+|\*))?(/.*)?"
)
# A scheme is also matched by its secure variant (section 6.7.2.9).
_MATCHED_BY: Final = {
    b"http": (b"http", b"https"),
    b"ws": (b"ws", b"wss", b"http", b"https"),
    b"wss": (b"wss", b"https"),
}
_DEFAULT_PORTS: Final = {b"https": b"443", b"wss": b"443"}


def edit(value: bytes, refused: Collection[bytes]) -> bytes:
    """
    Return a header's value without some sources; every other byte stays.

    No directive is removed: one that loses all its sources becomes `'none'`.

    Args:
        value: The header's value; it may hold several policies.
        refused: The sources to remove, in lower case. Only a whole token is removed.
    """

    def edit_one(directive: bytes) -> bytes:
        tokens = _TOKEN.findall(directive)
        if not tokens or tokens[0].lower() not in FETCH_DIRECTIVES:
            return directive
        remaining = [token for token in tokens[1:] if token.lower() not in refused]
        if len(remaining) == len(tokens) - 1:
            return directive
        margin = directive[: len(directive) - len(directive.lstrip(_BLANKS))]
        return margin + b" ".join([tokens[0], *(remaining or [b"'none'"])])

    return b",".join(b";".join(map(edit_one, policy.split(b";"))) for policy in value.split(b","))


def listed_sources(value: bytes) -> frozenset[bytes]:
    """Return every source that the fetch directives of a header's value list, in lower case."""
    found: set[bytes] = set()
    for policy in value.split(b","):
        for tokens in map(_TOKEN.findall, policy.split(b";")):
            if tokens and tokens[0].lower() in FETCH_DIRECTIVES:
                found.update(token.lower() for token in tokens[1:])
    return frozenset(found)


def admits(values: Sequence[bytes], source: bytes) -> bool:
    """
    Return whether all policies admit scripts, frames, images or connections from a source.

    Args:
        values: The values of the response's Content-Security-Policy headers, without report-only.
        source: An origin, or a host, which may begin with `*.`.
    """
    policies = [_lists(policy) for value in values for policy in value.split(b",")]
    wanted = _HOST_SOURCE.fullmatch(source.lower())
    if wanted is None:
        return True
    scheme, host, port = wanted[1] or b"https", wanted[2], wanted[3]
    return any(
        all(_admits(policy, chain, scheme, host, port) for policy in policies)
        for chain in _FALLBACKS
    )


def _lists(policy: bytes) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for tokens in map(_TOKEN.findall, policy.split(b";")):
        if tokens:
            # Of two directives of one name, the first counts (section 2.2.1).
            found.setdefault(tokens[0].lower(), [token.lower() for token in tokens[1:]])
    return found


def _admits(
    policy: dict[bytes, list[bytes]],
    chain: Sequence[bytes],
    scheme: bytes,
    host: bytes,
    port: bytes | None,
) -> bool:
    listed = next((policy[name] for name in chain if name in policy), None)
    if listed is None:
        return True
    if chain[0] == b"script-src-elem" and b"'strict-dynamic'" in listed:
        # Scripts that a trusted script inserts are loaded from any host.
        return True
    return any(_matches(token, scheme, host, port) for token in listed)


def _matches(token: bytes, scheme: bytes, host: bytes, port: bytes | None) -> bool:
    if token == b"*":
        return True
    if token.endswith(b":") and scheme in _MATCHED_BY.get(token[:-1], (token[:-1],)):
        return True
    found = _HOST_SOURCE.fullmatch(token)
    if found is None:
        return False
    if found[1] is not None and scheme not in _MATCHED_BY.get(found[1], (found[1],)):
        return False
    # A host that begins with "*." is matched like one of its subdomains.
    if found[2] != host and not (
        found[2].startswith(b"*") and host.endswith(found[2].removeprefix(b"*"))
    ):
        return False
    default = _DEFAULT_PORTS.get(scheme)
    # A path admits less, but something: it counts as admitted.
    return (
        found[3] == b"*"
        or (found[3] or default) == (port or default)
        or (found[3] == b"80" and port in (None, default))
    )
