"""Names of unknown cookies without identifiers, safe to count and to show.

Visitors and bugs can put anything into a name. Redaction makes one name of names that differ for
each visitor, and removes what could identify one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

from cookiegate.advice import known_name

from .wordlike import MAX_RUN, TOKEN_LENGTH, is_word, surplus_bits

__all__ = ["MAX_NAME", "escape_route", "redact_name", "redact_subject", "unescape"]

#: The longest redacted name, in bytes of printable ASCII.
MAX_NAME: Final = 64
_MAX_ROUTE: Final = 128
_ELLIPSIS: Final = "..."
# What follows in a name is redacted unread.
_MAX_READ: Final = 256
_FOLDED: Final = "*"
# A UUID, a JSON Web Token (RFC 7519: `eyJ` is the base64 of `{"`), a percent-encoded character, a
# run of letters and digits, or one other character.
_HEX_DIGIT: Final = "[0-9A-Fa-f]"
_TOKEN: Final = re.compile(
    rf"{_HEX_DIGIT}{{8}}(?:[-_]{_HEX_DIGIT}{{4}}){{3}}[-_]{_HEX_DIGIT}{{12}}"
    r"|eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*"
    rf"|%{_HEX_DIGIT}{{2}}|[^\W_]+|[\W_]"
)
_AT: Final = frozenset(("@", "%40"))
_DIGITS: Final = re.compile(r"(\d+)")
_LONG_NUMBER: Final = re.compile(r"\d\d")
_HEX_LETTERS: Final = re.compile("[A-Fa-f]{6,}")
_ESCAPED: Final = re.compile(rb"\\x([0-9a-f]{2})")
# A run that is long enough for a random token must clearly be words: of a million random ones of
# eight small letters, about three have so many bits to spare.
_MIN_SURPLUS_LONG: Final = 6.0
# A shorter one is kept unless it is most improbable; beside what is redacted, if it is like words.
_SHORT: Final = 5
_MEDIUM: Final = 6
_MIN_SURPLUS_MEDIUM: Final = -9.0
_MIN_SURPLUS_SHORT: Final = -14.0
_MIN_SURPLUS_BEFORE: Final = -1.0
_MIN_SURPLUS_BESIDE: Final = 3.0
# So many separators in a row can be in a token.
_MAX_GAP: Final = 3
# Several short ones with other characters between them, which together have this length.
_FRAGMENTS: Final = 6
_MIN_SURPLUS_TOGETHER: Final = -10.0
# The same of a character that seldom separates words.
_ODD: Final = -4.0
_SEPARATORS: Final = frozenset("_-.:[]/ ")
# The first letters of a name, as in `u_...`, which programmers write.
_MAX_INITIALS: Final = 3


def redact_name(name: str) -> str:
    r"""
    Return a cookie's name without identifiers, in at most 64 bytes of ASCII.

    Numbers, email addresses, and everything that could be a random token or its encoding become
    `*`; words, in any case and joined in any way, stay. A byte outside printable ASCII and a
    backslash become `\xNN`; a longer name is cut and ends in `...`.

    A word that names a person (a nickname) cannot be distinguished from another word, and stays.

    Args:
        name: As in `Verdict.name`, with surrogates for bytes that are not UTF-8.
    """
    if len(name) <= _MAX_READ:
        return _redact(name)
    # Something in front of the star, so that it is not taken for a part of the last word.
    return _redact(f"{name[:_MAX_READ]}\udc80")


def redact_subject(subject: str) -> str:
    """Return a redacted name redacted again: an earlier version kept more, and a file may lie."""
    is_cut = subject.endswith(_ELLIPSIS) and len(subject) > MAX_NAME - 4
    raw = unescape(subject.removesuffix(_ELLIPSIS) if is_cut else subject)
    redacted = redact_name(raw.decode("utf-8", "surrogateescape"))
    return redacted if not is_cut or redacted.endswith(_FOLDED) else redacted + _ELLIPSIS


def unescape(redacted: str) -> bytes:
    r"""Return the bytes of a redacted name, in which `\xNN` stands for one."""
    raw = redacted.encode("utf-8", "surrogatepass")
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), raw)


def escape_route(route: str) -> str:
    """Return a route's template in at most 128 bytes of ASCII, with all its digits."""
    return _escape(route.encode("utf-8", "replace"), _MAX_ROUTE)


@lru_cache(maxsize=1024)
def _redact(name: str) -> str:
    tokens = list(_split(name))
    folded = [_is_identifying(token) for token in tokens]
    _fold_addresses(tokens, folded)
    _fold_fragments(tokens, folded)
    _fold_neighbours(tokens, folded)
    parts: list[str] = []
    gap = ""
    for token, is_folded in zip(tokens, folded, strict=True):
        if is_folded and parts and parts[-1] == _FOLDED:
            gap = ""  # a token with separators in it is one token
        elif is_folded:
            parts.append(_FOLDED)
        elif not _is_run(token) and parts and parts[-1] == _FOLDED:
            gap += token
        else:
            parts += [gap, token]
            gap = ""
    redacted = "".join([*parts, gap])
    if any(folded) and (found := known_name(name)):
        # The name that the service gives it, unless more of the beginning is safe to show.
        known, is_plain = found[0], redacted.count(_FOLDED) == 1 and redacted.endswith(_FOLDED)
        if not is_plain or len(known.partition(_FOLDED)[0]) >= len(redacted) - 1:
            redacted = known
    return _escape(redacted.encode("utf-8", "surrogateescape"), MAX_NAME)


def _split(name: str) -> Iterator[str]:
    for token in _TOKEN.findall(name):
        yield from _split_run(token) if _is_run(token) else (token,)


def _split_run(run: str) -> Iterable[str]:
    if is_word(run):
        return (run,)
    parts = [part for part in _DIGITS.split(run) if part]
    if len(parts) == 2 and _LONG_NUMBER.search(run):
        return parts  # `cart4711`
    if len(run) >= 2 * TOKEN_LENGTH and _is_identifying(run):
        # `ASPSESSIONIDABCDEFGH`: a long word, and a token without anything between them.
        ends = range(len(run), TOKEN_LENGTH - 1, -1)
        end = next((end for end in ends if is_word(run[:end])), len(run))
        return filter(None, (run[:end], run[end:]))
    return (run,)


def _is_run(token: str) -> bool:
    return token[0].isalnum()


def _is_identifying(token: str) -> bool:
    """Return whether a token must not be shown, whatever is beside it."""
    if not _is_run(token):
        return not token.isprintable()  # a byte that is not UTF-8, or a control character
    if is_word(token):
        return False
    if token.isnumeric() or len(token) > MAX_RUN or _HEX_LETTERS.fullmatch(token):
        return True
    if len(token) < _SHORT and token.isalpha() and (token.islower() or token.isupper()):
        return False
    letters = [part for part in _DIGITS.split(token) if part]
    if len(letters) > 2:
        return True  # digits between letters
    if len(token) >= TOKEN_LENGTH:
        return _surplus(token) < _MIN_SURPLUS_LONG
    return _surplus(token) < (_MIN_SURPLUS_MEDIUM if len(token) >= _MEDIUM else _MIN_SURPLUS_SHORT)


def _surplus(token: str) -> float:
    # Without accents, which the list of words leaves out.
    plain = "".join(one for one in normalize("NFKD", token) if not combining(one))
    return surplus_bits(_DIGITS.sub("", plain)[:MAX_RUN])


def _fold_addresses(tokens: list[str], folded: list[bool]) -> None:
    """Fold email addresses: the host, and before the `@` everything that is not clearly a word."""
    for at in (number for number, token in enumerate(tokens) if token in _AT):
        folded[at] = True
        joined = True
        for before in range(at - 1, -1, -1):
            token = tokens[before]
            if _is_run(token):
                if not joined and (is_word(token) or _is_initial(tokens, before)):
                    break
                folded[before] = True
            elif token not in "._+-":
                break
            # Words of a program are not joined by these.
            joined = _is_run(token) or token in ".+"
        for behind in range(at + 1, len(tokens)):
            if not _is_run(tokens[behind]) and tokens[behind] not in ".-":
                break
            folded[behind] = _is_run(tokens[behind])


def _fold_fragments(tokens: list[str], folded: list[bool]) -> None:
    """Fold short runs that together could be one random token with other characters in it."""
    start = 0
    for end in range(len(tokens) + 1):
        if end < len(tokens) and not folded[end] and not is_word(tokens[end]):
            continue
        odd = [number for number in range(start, end) if tokens[number] not in _SEPARATORS]
        first, start = start, end + 1
        if len(odd) < 2:
            continue
        inside = range(odd[0], odd[-1] + 1)
        surplus = sum(_surplus(tokens[n]) if _is_run(tokens[n]) else _ODD for n in odd)
        # Separators that end the name, or that another one follows.
        surplus += _ODD * sum(n not in odd and n + 1 not in odd for n in range(first, end))
        length = sum(len(tokens[number]) for number in inside)
        if length >= _FRAGMENTS and surplus < _MIN_SURPLUS_TOGETHER:
            for number in inside:
                folded[number] = True


def _fold_neighbours(tokens: list[str], folded: list[bool]) -> None:
    """Fold runs that could be the beginning or the end of a token that is folded."""
    for numbers in (range(len(tokens)), range(len(tokens) - 1, -1, -1)):
        is_beside, gap = False, 0
        for number in numbers:
            if folded[number]:
                is_beside, gap = True, 0
            elif not _is_run(tokens[number]):
                gap += 1
            elif is_beside and gap <= _MAX_GAP and not _is_plain(tokens, number):
                folded[number] = True
                gap = 0
            else:
                is_beside = False
    runs = [number for number, token in enumerate(tokens) if _is_run(token) or folded[number]]
    for before, number, behind in zip(runs, runs[1:], runs[2:], strict=False):
        if folded[before] and folded[behind] and len(tokens[number]) < _SHORT:
            folded[number] = True  # a word by chance


def _is_plain(tokens: list[str], number: int) -> bool:
    token = tokens[number]
    if is_word(token) or _is_initial(tokens, number):
        return True
    if not token.isalpha() or len(token) <= _MAX_INITIALS:
        return False
    is_first = _is_first(tokens, number)
    return _surplus(token) >= (_MIN_SURPLUS_BEFORE if is_first else _MIN_SURPLUS_BESIDE)


def _is_initial(tokens: list[str], number: int) -> bool:
    token = tokens[number]
    is_short = len(token) <= _MAX_INITIALS and token.isalpha()
    return is_short and (token.islower() or token.isupper()) and _is_first(tokens, number)


def _is_first(tokens: list[str], number: int) -> bool:
    return not any(map(_is_run, tokens[:number]))


def _escape(raw: bytes, limit: int) -> str:
    # Escaping makes nothing shorter, so `limit + 1` bytes decide whether to cut.
    parts = [
        chr(byte) if 0x20 <= byte < 0x7F and byte != ord("\\") else f"\\x{byte:02x}"
        for byte in raw[: limit + 1]
    ]
    if sum(map(len, parts)) <= limit:
        return "".join(parts)
    while sum(map(len, parts)) > limit - len(_ELLIPSIS):
        parts.pop()
    return "".join(parts) + _ELLIPSIS
