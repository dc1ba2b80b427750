"""What caches are told about a response that depends on the visitor.

Stripping a Set-Cookie can make a response storable that was not (RFC 9111, section 7.3, warns of
the opposite case: a stored Set-Cookie handed to others).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

__all__ = ["Header", "forbid_storing", "keep_private"]

Header = tuple[bytes, bytes]

_VARY_ON: Final = (b"Cookie", b"DNT", b"Sec-GPC")
# Headers for shared caches alone, which overrule Cache-Control there (RFC 9213, and habits).
_FOR_SHARED_CACHES: Final = (b"cdn-cache-control", b"surrogate-control", b"x-accel-expires")
_OURS: Final = frozenset((b"cache-control", b"vary", *_FOR_SHARED_CACHES))
_REMEMBERED: Final = 1024
# A directive: a token, and perhaps a value that may be quoted and hold commas (RFC 9111, 5.2).
_DIRECTIVE = re.compile(rb'[^,"]*(?:"(?:[^"\\]|\\.)*"?[^,"]*)*')


def keep_private(headers: Sequence[Header]) -> list[Header]:
    """
    The headers of a response that depends on the visitor.

    `Vary` names what the verdicts hang on. Shared caches may not store the response: `private`
    takes the place of `public` and `s-maxage`, unless an unqualified `private` or a `no-store`
    is there already. Headers meant for shared caches alone are taken out.
    """
    return _with(headers, _private)


def forbid_storing(headers: Sequence[Header]) -> list[Header]:
    """The headers of a response that carries a consent cookie: no cache stores it."""
    return _with(headers, lambda values: b"no-store")


def _with(
    headers: Sequence[Header], control_of: Callable[[tuple[bytes, ...]], bytes]
) -> list[Header]:
    # One pass. Several Cache-Control lines become one (RFC 9110, section 5.3); several Vary lines
    # stay, and the first gets what is missing.
    left: list[Header] = []
    controls: list[bytes] = []
    varies: list[bytes] = []
    control_at = vary_at = -1
    for header in headers:
        kind = _KINDS[header[0]]
        if kind is None:
            left.append(header)
        elif kind == b"cache-control":
            if not controls:
                control_at = len(left)
                left.append(header)
            controls.append(header[1])
        elif kind == b"vary":
            if not varies:
                vary_at = len(left)
            varies.append(header[1])
            left.append(header)
    control = control_of(tuple(controls))
    if controls:
        left[control_at] = (left[control_at][0], control)
    else:
        left.append((b"cache-control", control))
    vary = _vary(tuple(varies))
    if varies:
        left[vary_at] = (left[vary_at][0], vary)
    else:
        left.append((b"vary", vary))
    return left


class _Kinds(dict[bytes, bytes | None]):
    # A header's name, as it was sent -> the name it goes by here, None for all others.

    def __missing__(self, name: bytes) -> bytes | None:
        plain = name.strip().lower()
        kind = plain if plain in _OURS else None
        if len(self) >= _REMEMBERED:
            self.clear()
        self[name] = kind
        return kind


_KINDS: Final = _Kinds()


# What applications say to caches is the same again and again, and nothing of a visitor is in it.
@lru_cache(maxsize=256)
def _private(values: tuple[bytes, ...]) -> bytes:
    # Lines are read as one, as caches do: a quote left open in one reaches into the next.
    joined = b", ".join(values)
    directives = [one for part in _DIRECTIVE.findall(joined) if (one := part.strip())]
    names = {_name(directive) for directive in directives}
    # With must-understand, a cache that understands may store in spite of no-store (RFC 9111,
    # section 5.2.2.3).
    if (b"no-store" in names and b"must-understand" not in names) or any(
        directive.lower() == b"private" for directive in directives
    ):
        return joined
    kept = [one for one in directives if _name(one) not in (b"public", b"s-maxage", b"private")]
    return b", ".join([b"private", *kept])


@lru_cache(maxsize=256)
def _vary(values: tuple[bytes, ...]) -> bytes:
    # The first Vary line, with what is missing in all of them.
    named = {field.strip().lower() for value in values for field in value.split(b",")}
    missing = [] if b"*" in named else [f for f in _VARY_ON if f.lower() not in named]
    first = [value for value in values[:1] if value.strip() or not missing]
    return b", ".join([*first, *missing])


def _name(directive: bytes) -> bytes:
    return directive.partition(b"=")[0].strip().lower()
