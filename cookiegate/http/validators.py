"""Entity tags of responses that depend on the visitor (RFC 9110, sections 8.8.3 and 13.1).

An application's tag often names the version of its data alone. With it, a browser would be allowed
to show a page again after the visitor has withdrawn what the page still does. So a tag leaves with
a suffix that stands for the visitor's state, and the suffix is removed from the tag that the
browser sends back. If it does not fit any more, the tag is dropped, and the application answers in
full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["CONDITIONS", "TAG_CONDITIONS", "add_suffix", "is_ours", "restore"]

#: The conditions of a request that may contain entity tags, in lower case.
TAG_CONDITIONS: Final = (b"if-none-match", b"if-match", b"if-range")
#: All that name a stored response.
CONDITIONS: Final = (*TAG_CONDITIONS, b"if-modified-since")

# Before the state's digest. It is valid in a tag, with quotes and without.
_MARK: Final = b"~cg-"
# A tag as it should be, and one without quotes, which some applications write.
_TAG: Final = re.compile(rb'((?:W/)?"[^"\r\n]*)(")|([^\s",]+)', re.IGNORECASE)
_ANY_TAG: Final = re.compile(rb'(?:W/)?"[^"]*"|[^\s",]+', re.IGNORECASE)
_OURS: Final = re.compile(rb'(.*)~cg-([0-9a-f]+)("?)', re.DOTALL)

Header = tuple[bytes, bytes]


def add_suffix(tag: bytes, state: bytes) -> bytes | None:
    """
    Return a response's ETag with a suffix for the visitor's state; a weak tag stays weak.

    Args:
        tag: The application's tag.
        state: The digest of the state, in hexadecimal digits.

    Returns:
        The tag; None if it is malformed, so that no suffix can be added.
    """
    suffix = _MARK + state
    parts = bytes.split(tag, b'"')  # the method itself: it takes bytes alone
    # Nearly all are quoted, without a line end.
    if len(parts) == 3 and not (parts[0] or parts[2] or 10 in tag or 13 in tag):
        return tag if parts[1].endswith(suffix) else tag[:-1] + suffix + b'"'
    found = _TAG.fullmatch(tag.strip())
    if found is None:
        return None
    begin, end = found[1] or found[3], found[2] or b""
    return (begin if begin[-len(suffix) :] == suffix else begin + suffix) + end


def is_ours(value: bytes) -> bool:
    """Return whether a condition may contain a tag with a suffix; this is fast."""
    return _MARK in value


def restore(headers: Iterable[Header], state: bytes, *, is_read: bool) -> tuple[list[Header], bool]:
    """
    Return a request's headers with the application's own tags.

    A tag with a suffix that does not fit is dropped from If-None-Match, so that the application
    answers in full. In If-Match and If-Range it stays: no version of the application's data has
    that tag, so the condition fails. A request that changes data is about the data alone, so there
    the suffix is removed whatever the state.

    Args:
        headers: The request's headers, or its conditions alone.
        state: The digest of the visitor's state now; b"" if it is not known.
        is_read: Whether the request only reads (GET and HEAD).

    Returns:
        The headers, and whether a tag's suffix fitted.
    """
    restored: list[Header] = []
    fits = has_dropped = False
    for name, value in headers:
        condition = name.strip().lower()
        if condition in TAG_CONDITIONS and is_ours(value):
            tags: list[bytes] = []
            for tag in _ANY_TAG.findall(value):
                found = _OURS.fullmatch(tag)
                if found is None:
                    tags.append(tag)
                elif not is_read or found[2] == state:
                    fits = True
                    tags.append(found[1] + found[3])
                elif condition != b"if-none-match":
                    tags.append(tag)
            value = b", ".join(tags)
            if not tags:
                has_dropped = True
                continue
        restored.append((name, value))
    names = {name.strip().lower() for name, _ in restored}
    if has_dropped and b"if-none-match" not in names:
        # It is about the response that was dropped. With both, only If-None-Match counts (RFC
        # 9110, section 13.1.3).
        restored = [one for one in restored if one[0].strip().lower() != b"if-modified-since"]
    return restored, fits
