"""Cache headers of a response that depends on the visitor.

Without its Set-Cookie, a response may become storable. With one, a cache may hand it to others
(RFC 9111, section 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import AnyStr, Final, Generic

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
# The new lines, by their positions among the given ones; the positions of those that are removed;
# and the lines that are added.
_Edits = tuple[
    Sequence[tuple[int, tuple[AnyStr, AnyStr]]], Sequence[int], Sequence[tuple[AnyStr, AnyStr]]
]

_VARY_ON: Final = (b"Cookie", *(one.header.encode() for one in SIGNAL_TABLE))
_VARY: Final = (b"vary", b", ".join(_VARY_ON))
_VALIDATORS: Final = (b"etag", b"last-modified")
# As applications spell them.
_SPELLED: Final = frozenset((b"etag", b"ETag", b"Etag", b"last-modified", b"Last-Modified"))
# Only an ETag has four letters.
_ETAG_SIZE: Final = 4
# A directive: a token, and perhaps a value that may be quoted and hold commas (RFC 9111, 5.2).
_DIRECTIVE = re.compile(rb'[^,"]*(?:"(?:[^"\\]|\\.)*"?[^,"]*)*')

# For how many lines the edits are remembered. Applications repeat them, and they hold nothing of a
# visitor. Long ones are read each time.
_MAX_LINES: Final = 256
_MAX_BYTES: Final = 1024


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
    return _edited(headers, lines, state_of, _PRIVATE)


def keep_text_private(
    headers: list[TextHeader], lines: Sequence[int], state_of: StateOf = leave_validators
) -> list[TextHeader]:
    """
    Do what `keep_private` does with headers of text, as WSGI has them.

    Raises:
        AttributeError: A line that caches obey is not text.
        UnicodeEncodeError: It is not latin-1.
    """
    return _edited(headers, lines, state_of, _TEXT_PRIVATE)


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
    return _edited(headers, lines, state_of, _UNSTORED)


class _Form(Generic[AnyStr]):
    # How the lines are edited, as bytes or as text.

    __slots__ = ("known", "learn", "spelled", "suffixed")

    def __init__(
        self,
        spelled: frozenset[AnyStr],
        learn: Callable[[tuple[tuple[AnyStr, AnyStr], ...]], _Edits[AnyStr]],
        suffixed: Callable[[AnyStr, bytes], AnyStr | None],
    ) -> None:
        #: The names of validators.
        self.spelled: frozenset[AnyStr] = spelled
        #: Returns the edits of the other lines.
        self.learn: Callable[[tuple[tuple[AnyStr, AnyStr], ...]], _Edits[AnyStr]] = learn
        #: `add_suffix`.
        self.suffixed: Callable[[AnyStr, bytes], AnyStr | None] = suffixed
        #: The edits by lines.
        self.known: BoundedDict[tuple[tuple[AnyStr, AnyStr], ...], _Edits[AnyStr]] = BoundedDict(
            _MAX_LINES
        )
        register_memos(self.known.clear)


def _edited(
    headers: list[tuple[AnyStr, AnyStr]],
    lines: Sequence[int],
    state_of: StateOf,
    form: _Form[AnyStr],
) -> list[tuple[AnyStr, AnyStr]]:
    # Each response with an optional cookie comes here. A validator differs with each response, so
    # it has no part in the memo.
    spelled = form.spelled
    validators: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    key: tuple[tuple[AnyStr, AnyStr], ...] = ()
    for line in lines:
        pair = headers[line]
        if pair[0] in spelled:
            validators += (line,)
        else:
            others += (line,)
            key += (pair,)
    try:
        edits = form.known.get(key)
    except TypeError:  # a value that no server writes, and that cannot be hashed
        edits = None
    if edits is None:
        # None in an unusual spelling gets into the memo.
        validators = tuple(line for line in lines if _is_validator(headers[line][0]))
        others = tuple(line for line in lines if line not in validators)
        edits = _learn(tuple(headers[line] for line in others), form)
    changed, removed, added = edits
    for at, pair in changed:
        headers[others[at]] = pair
    gone: list[int] = [others[at] for at in removed] if removed else []
    if validators and (state := state_of()) != b"":
        for line in validators:
            name, value = headers[line]
            try:
                is_tag = len(name.strip()) == _ETAG_SIZE
                tag = form.suffixed(value, state) if is_tag and state else None
            except TypeError:  # a value that no server writes
                tag = None
            if tag is None:
                gone.append(line)
            else:
                headers[line] = (name, tag)
    headers += added
    if gone:
        for line in sorted(gone, reverse=True):  # so that none moves before its turn
            del headers[line]
    return headers


def _is_validator(name: bytes | str) -> bool:
    plain = name.encode("latin-1") if isinstance(name, str) else name
    return plain.strip().lower() in _VALIDATORS


def _learn(lines: tuple[tuple[AnyStr, AnyStr], ...], form: _Form[AnyStr]) -> _Edits[AnyStr]:
    edits = form.learn(lines)
    parts = [part for pair in lines for part in pair if type(part) in (bytes, str)]
    size = sum(map(len, parts))
    if len(parts) == 2 * len(lines) and size <= _MAX_BYTES:
        form.known.remember(lines, edits, size)
    return edits


def _private_edits(lines: tuple[Header, ...]) -> _Edits[bytes]:
    return _edits(lines, is_stored=True)


def _unstored_edits(lines: tuple[Header, ...]) -> _Edits[bytes]:
    return _edits(lines, is_stored=False)


def _text_edits(lines: tuple[TextHeader, ...]) -> _Edits[str]:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
    changed, removed, added = _edits(encoded, is_stored=True)
    return [(at, _as_text(pair)) for at, pair in changed], removed, [*map(_as_text, added)]


def _as_text(pair: Header) -> TextHeader:
    return pair[0].decode("latin-1"), pair[1].decode("latin-1")


def _edits(pairs: Sequence[Header], *, is_stored: bool) -> _Edits[bytes]:
    # Several Cache-Control lines become one (RFC 9110, section 5.3); several Vary lines stay, and
    # the first gets what is missing. What is for some shared caches alone overrules Cache-Control:
    # it is removed.
    names = [name.strip().lower() for name, _ in pairs]
    values = [_readable(value) for _, value in pairs]
    controls = [at for at, name in enumerate(names) if name == b"cache-control"]
    varies = [at for at, name in enumerate(names) if name == b"vary"]
    control = _private([values[at] for at in controls]) if is_stored else b"no-store"
    changed, added = [], []
    if controls:
        changed.append((controls[0], (pairs[controls[0]][0], control)))
    else:
        added.append((b"cache-control", control))
    if varies:
        first = varies[0]
        changed.append((first, (pairs[first][0], _vary([values[at] for at in varies]))))
        changed += [(at, (pairs[at][0], values[at])) for at in varies[1:]]
    else:
        added.append(_VARY)
    removed = [at for at in range(len(pairs)) if at not in varies and at not in controls[:1]]
    return changed, removed, added


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


def _suffixed_text(value: str, state: bytes) -> str | None:
    tag = add_suffix(value.encode("latin-1"), state)
    return None if tag is None else tag.decode("latin-1")


_PRIVATE: Final[_Form[bytes]] = _Form(_SPELLED, _private_edits, add_suffix)
_UNSTORED: Final[_Form[bytes]] = _Form(_SPELLED, _unstored_edits, add_suffix)
_TEXT_PRIVATE: Final[_Form[str]] = _Form(
    frozenset(name.decode() for name in _SPELLED), _text_edits, _suffixed_text
)
