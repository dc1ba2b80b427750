"""Cache headers of a response that depends on the visitor.

Without its Set-Cookie, a response may become storable. With one, a cache may hand it to others
(RFC 9111, section 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import AnyStr, Final

from .headers import as_bytes
from .memo import BoundedDict, register_memos
from .signals import SIGNAL_TABLE
from .validators import add_suffix

__all__ = [
    "Header",
    "TextHeader",
    "forbid_storing",
    "keep_private",
    "keep_text_private",
    "leave_validators",
]

Header = tuple[bytes, bytes]
#: A header as WSGI has it.
TextHeader = tuple[str, str]
StateOf = Callable[[], bytes | None]
# For each line its new value, or None to remove it; and the headers that are added.
_Edits = tuple[Sequence[bytes | None], Sequence[Header]]
_Shared = BoundedDict[tuple[Header, ...], _Edits]

_VARY_ON: Final = (b"Cookie", *(one.header.encode() for one in SIGNAL_TABLE))
_VARY: Final = (b"vary", b", ".join(_VARY_ON))
# Validators, as applications spell them. Only an ETag has four letters.
_TAGS: Final = frozenset((b"etag", b"ETag", b"Etag", b"last-modified", b"Last-Modified"))
_ETAG_BYTES: Final = 4
# A directive: a token, and perhaps a value that may be quoted and hold commas (RFC 9111, 5.2).
_DIRECTIVE = re.compile(rb'[^,"]*(?:"(?:[^"\\]|\\.)*"?[^,"]*)*')

# The edits of the other lines. Applications repeat them, and they hold nothing of a visitor. Long
# ones are read each time.
_PRIVATE: Final[_Shared] = BoundedDict(256)
_UNSTORED: Final[_Shared] = BoundedDict(256)
_MAX_BYTES: Final = 1024
register_memos(_PRIVATE.clear, _UNSTORED.clear)


def leave_validators() -> bytes:
    """Return the state of a response that keeps its validators as they are; see `keep_private`."""
    return b""


def keep_private(
    headers: list[Header],
    lines: Sequence[int],
    state_of: StateOf = leave_validators,
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
    pairs = [headers[line] for line in lines]
    return _edited(headers, lines, *_edits(pairs, state_of, _PRIVATE))


def keep_text_private(
    headers: list[TextHeader], lines: Sequence[int], state_of: StateOf = leave_validators
) -> list[TextHeader]:
    """
    Do what `keep_private` does with headers of text, as WSGI has them.

    Raises:
        UnicodeEncodeError: A line that caches obey is not latin-1.
    """
    pairs = [headers[line] for line in lines]
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    values, added = _edits(encoded, state_of, _PRIVATE)
    return _edited(
        headers,
        lines,
        [None if value is None else value.decode("latin-1") for value in values],
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in added],
    )


def forbid_storing(
    headers: list[Header],
    lines: Sequence[int],
    state_of: StateOf = leave_validators,
) -> list[Header]:
    """
    Return the headers of a response that carries a consent cookie, which no cache may store.

    Args:
        headers: The response's; changed in place.
        lines: The indices of the headers that caches obey, in order.
        state_of: See `keep_private`.
    """
    pairs = [headers[line] for line in lines]
    return _edited(headers, lines, *_edits(pairs, state_of, _UNSTORED))


def _edits(pairs: Sequence[Header], state_of: StateOf, known: _Shared) -> _Edits:
    # Written without comprehensions: each response with an optional cookie comes here.
    shared = []
    for pair in pairs:
        # A validator differs with each response, so it has no part in the memo.
        if pair[0] not in _TAGS:
            shared.append(pair)
    key = tuple(shared)
    try:
        edits = known.get(key)
    except TypeError:  # a value that no server writes, and that cannot be hashed
        edits = None
    if edits is None:
        plain = [(name.strip().lower(), _readable(value)) for name, value in pairs]
        if sum(name in _TAGS for name, _ in plain) + len(key) > len(pairs):
            return _edits(plain, state_of, known)  # a validator in an unusual spelling
        edits = _remember(key, known)
    values, added = edits
    if len(key) == len(pairs):
        return values, added
    state = state_of()
    merged: list[bytes | None] = []
    at = 0
    for name, value in pairs:
        if name in _TAGS:
            merged.append(_validator(name, value, state))
        else:
            merged.append(values[at])
            at += 1
    return merged, added


def _edited(
    headers: list[tuple[AnyStr, AnyStr]],
    lines: Sequence[int],
    values: Sequence[AnyStr | None],
    added: Iterable[tuple[AnyStr, AnyStr]],
) -> list[tuple[AnyStr, AnyStr]]:
    headers += added
    at = len(lines)
    while at:  # from the last line to the first, so that a removed one moves none
        at -= 1
        line, value = lines[at], values[at]
        if value is None:
            del headers[line]
        else:
            headers[line] = (headers[line][0], value)
    return headers


def _validator(name: bytes, value: bytes, state: bytes | None) -> bytes | None:
    if state == b"":
        return value
    return add_suffix(_readable(value), state) if state and len(name) == _ETAG_BYTES else None


def _remember(shared: tuple[Header, ...], known: _Shared) -> _Edits:
    edits = _shared_edits(shared, is_stored=known is _PRIVATE)
    parts = [part for pair in shared for part in pair if type(part) is bytes]
    size = sum(map(len, parts))
    if len(parts) == 2 * len(shared) and size <= _MAX_BYTES:
        known.remember(shared, edits, size)
    return edits


def _shared_edits(pairs: Sequence[Header], *, is_stored: bool) -> _Edits:
    # Several Cache-Control lines become one (RFC 9110, section 5.3); several Vary lines stay, and
    # the first gets what is missing. What is for some shared caches alone overrules Cache-Control:
    # it is removed.
    names = [name.strip().lower() for name, _ in pairs]
    lines = [_readable(value) for _, value in pairs]
    controls = [v for name, v in zip(names, lines, strict=True) if name == b"cache-control"]
    varies = [v for name, v in zip(names, lines, strict=True) if name == b"vary"]
    control = _private(controls) if is_stored else b"no-store"
    values = [v if name == b"vary" else None for name, v in zip(names, lines, strict=True)]
    added = []
    if controls:
        values[names.index(b"cache-control")] = control
    else:
        added.append((b"cache-control", control))
    if varies:
        values[names.index(b"vary")] = _vary(varies)
    else:
        added.append(_VARY)
    return tuple(values), tuple(added)


def _readable(value: bytes) -> bytes:
    if type(value) is bytes:
        return value
    try:
        return as_bytes(value)
    except Exception:
        return b""  # no cache could read it either


def _private(values: Sequence[bytes]) -> bytes:
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


def _vary(values: Sequence[bytes]) -> bytes:
    # Return the first Vary line, with the fields that all lines lack.
    named = {field.strip().lower() for value in values for field in value.split(b",")}
    missing = [] if b"*" in named else [f for f in _VARY_ON if f.lower() not in named]
    first = [value for value in values[:1] if value.strip() or not missing]
    return b", ".join([*first, *missing])


def _name(directive: bytes) -> bytes:
    return directive.partition(b"=")[0].strip().lower()
