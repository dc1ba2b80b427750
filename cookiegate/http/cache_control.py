"""Cache headers of a response that depends on the visitor.

Without its Set-Cookie, a response may become storable. With one, a cache may hand it to others
(RFC 9111, section 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import AnyStr, Final

from .headers import as_bytes
from .memo import BoundedDict, Memo, register_memos
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
_VALIDATORS: Final = frozenset((b"etag", b"last-modified"))
# A directive: a token, and perhaps a value that may be quoted and hold commas (RFC 9111, 5.2).
_DIRECTIVE = re.compile(rb'[^,"]*(?:"(?:[^"\\]|\\.)*"?[^,"]*)*')

# A header's name, as the application writes it -> in lower case, without blanks.
_NAMES: Final[Memo[bytes, bytes]] = Memo(
    lambda name: as_bytes(name).strip().lower(), max_entries=256
)
# The edits of the other lines. Applications repeat them, and they hold nothing of a visitor. Long
# ones are read each time.
_PRIVATE: Final[_Shared] = BoundedDict(256)
_UNSTORED: Final[_Shared] = BoundedDict(256)
_MAX_BYTES: Final = 1024
register_memos(_NAMES.values.clear, _PRIVATE.clear, _UNSTORED.clear)


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
    # A validator differs with each response, so it has no part in the memo.
    shared: list[Header] = []
    validators: list[tuple[int, Header]] = []
    for line, (written, value) in enumerate(pairs):
        name = _NAMES[written]
        if name in _VALIDATORS:
            validators.append((line, (name, value)))
        else:
            shared.append((name, value if type(value) is bytes else _readable(value)))
    key = tuple(shared)
    values, added = known.get(key) or _remember(key, known)
    if validators:
        values, state = list(values), state_of()
        for line, (name, value) in validators:
            values.insert(line, _validator(name, value, state))
    return values, added


def _edited(
    headers: list[tuple[AnyStr, AnyStr]],
    lines: Sequence[int],
    values: Sequence[AnyStr | None],
    added: Iterable[tuple[AnyStr, AnyStr]],
) -> list[tuple[AnyStr, AnyStr]]:
    # From the last line to the first, so that a removed one moves none that comes later.
    headers += added
    for at, line in enumerate(reversed(lines), start=1):
        value = values[-at]
        if value is None:
            del headers[line]
        else:
            headers[line] = (headers[line][0], value)
    return headers


def _validator(name: bytes, value: bytes, state: bytes | None) -> bytes | None:
    if state == b"":
        return value
    return add_suffix(_readable(value), state) if state and name == b"etag" else None


def _remember(shared: tuple[Header, ...], known: _Shared) -> _Edits:
    edits = _shared_edits(shared, is_stored=known is _PRIVATE)
    size = sum(len(value) for _, value in shared)
    if size <= _MAX_BYTES:
        known.remember(shared, edits, size)
    return edits


def _shared_edits(pairs: Sequence[Header], *, is_stored: bool) -> _Edits:
    # Several Cache-Control lines become one (RFC 9110, section 5.3); several Vary lines stay, and
    # the first gets what is missing. What is for some shared caches alone overrules Cache-Control:
    # it is removed.
    names = [name for name, _ in pairs]
    controls = [value for name, value in pairs if name == b"cache-control"]
    varies = [value for name, value in pairs if name == b"vary"]
    control = _private(controls) if is_stored else b"no-store"
    values = [value if name == b"vary" else None for name, value in pairs]
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
