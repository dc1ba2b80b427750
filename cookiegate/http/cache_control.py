"""Cache headers of a response that depends on the visitor.

Without its Set-Cookie, a response may become storable. With one, a cache may hand it to others
(RFC 9111, section 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from .headers import as_bytes
from .memo import register_memos
from .signals import SIGNAL_TABLE
from .validators import add_suffix

__all__ = ["Header", "forbid_storing", "keep_private", "leave_validators"]

Header = tuple[bytes, bytes]

_VARY_ON: Final = (b"Cookie", *(one.header.encode() for one in SIGNAL_TABLE))
_VARY: Final = (b"vary", b", ".join(_VARY_ON))
# A directive: a token, and perhaps a value that may be quoted and hold commas (RFC 9111, 5.2).
_DIRECTIVE = re.compile(rb'[^,"]*(?:"(?:[^"\\]|\\.)*"?[^,"]*)*')


def leave_validators() -> bytes:
    """Return the state of a response that keeps its validators as they are; see `keep_private`."""
    return b""


def keep_private(
    headers: list[Header],
    lines: Sequence[int],
    state_of: Callable[[], bytes | None] = leave_validators,
) -> list[Header]:
    """
    Return the headers of a response that depends on the visitor, closed to shared caches.

    `Vary` names the request headers that verdicts depend on. `private` replaces `public` and
    `s-maxage`, unless there is an unqualified `private` or a `no-store`. Headers for shared caches
    alone are removed (RFC 9111, section 5.2.2; RFC 9213).

    The ETag gets a suffix for the visitor's state, and Last-Modified, which cannot have one, is
    removed: a browser must not keep a page that shows another state.

    Args:
        headers: The response's; changed in place.
        lines: The indices of the headers that caches obey, in order.
        state_of: Returns the digest of the visitor's state; b"" to leave the validators as they
            are, None to remove them. Called only for a response with validators.
    """
    return _with(headers, lines, _private, state_of)


def forbid_storing(
    headers: list[Header],
    lines: Sequence[int],
    state_of: Callable[[], bytes | None] = leave_validators,
) -> list[Header]:
    """
    Return the headers of a response that carries a consent cookie, which no cache may store.

    Args:
        headers: The response's; changed in place.
        lines: The indices of the headers that caches obey, in order.
        state_of: See `keep_private`.
    """
    return _with(headers, lines, lambda values: b"no-store", state_of)


def _with(
    headers: list[Header],
    lines: Sequence[int],
    control_of: Callable[[tuple[bytes, ...]], bytes],
    state_of: Callable[[], bytes | None],
) -> list[Header]:
    # Several Cache-Control lines become one (RFC 9110, section 5.3); several Vary lines stay, and
    # the first gets what is missing.
    control_at = vary_at = -1
    controls: tuple[bytes, ...] = ()
    varies: tuple[bytes, ...] = ()
    removed: list[int] = []
    for line in lines:
        name, value = headers[line]
        kind = as_bytes(name).strip().lower()
        if kind == b"cache-control":
            if controls:
                removed.append(line)
            else:
                control_at = line
            controls = (*controls, _readable(value))
        elif kind == b"vary":
            if not varies:
                vary_at = line
            varies = (*varies, _readable(value))
        elif kind in (b"etag", b"last-modified"):
            state = state_of()
            if state == b"":
                continue
            tag = add_suffix(_readable(value), state) if state and kind == b"etag" else None
            if tag is None:
                removed.append(line)
            else:
                headers[line] = (name, tag)
        else:
            # For some shared caches alone, where it overrules Cache-Control.
            removed.append(line)
    if control_at < 0:
        headers.append((b"cache-control", control_of(())))
    else:
        headers[control_at] = (headers[control_at][0], control_of(controls))
    if vary_at < 0:
        headers.append(_VARY)
    else:
        headers[vary_at] = (headers[vary_at][0], _vary(varies))
    for line in reversed(removed):
        del headers[line]
    return headers


def _readable(value: bytes) -> bytes:
    try:
        return as_bytes(value)
    except Exception:
        return b""  # no cache could read it either


# Applications repeat these values, and they hold nothing of a visitor. Long ones are computed each
# time.
_MAX_BYTES: Final = 1024


def _private(values: tuple[bytes, ...]) -> bytes:
    is_short = sum(map(len, values)) <= _MAX_BYTES
    return (_short_private if is_short else _short_private.__wrapped__)(values)


@lru_cache(maxsize=256)
def _short_private(values: tuple[bytes, ...]) -> bytes:
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


def _vary(values: tuple[bytes, ...]) -> bytes:
    is_short = sum(map(len, values)) <= _MAX_BYTES
    return (_short_vary if is_short else _short_vary.__wrapped__)(values)


@lru_cache(maxsize=256)
def _short_vary(values: tuple[bytes, ...]) -> bytes:
    # Return the first Vary line, with the fields that all lines lack.
    named = {field.strip().lower() for value in values for field in value.split(b",")}
    missing = [] if b"*" in named else [f for f in _VARY_ON if f.lower() not in named]
    first = [value for value in values[:1] if value.strip() or not missing]
    return b", ".join([*first, *missing])


register_memos(_short_private.cache_clear, _short_vary.cache_clear)


def _name(directive: bytes) -> bytes:
    return directive.partition(b"=")[0].strip().lower()
