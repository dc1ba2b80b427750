"""What the gate reads of a request: cookies, signals, and where the request came from.

Headers are (name, value) pairs of bytes, as in ASGI. They are read in one pass, so a generator will
do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from cookiegate.loops import Table, new_table, scan

from .headers import as_bytes
from .memo import Memo, register_memos
from .signals import NO_SIGNALS, SIGNAL_TABLE, Signal, is_on
from .validators import TAG_CONDITIONS

__all__ = [
    "WANTED_NAMES",
    "RawHeaders",
    "RequestFacts",
    "host_name",
    "opens_page",
    "parent_domains",
    "plain_cookies",
    "read_request",
    "read_scanned",
    "scan_request",
]

RawHeaders = Iterable[tuple[bytes, bytes]]

_SIGNAL_NAMES: Final = {one.header.lower().encode(): one.id for one in SIGNAL_TABLE}
#: The headers that are read of a request.
WANTED_NAMES: Final = (
    b"cookie",
    b"host",
    b"origin",
    b"sec-fetch-site",
    b"sec-fetch-dest",
    b"accept",
    *_SIGNAL_NAMES,
)


# A name with at least two labels; an IP address has a number as its last label.
_HAS_PARENTS = re.compile(r"(?=.{1,253}$)[a-z0-9.-]+\.[a-z0-9-]*[a-z-][a-z0-9-]*")
# The method itself: it takes bytes alone.
_strip: Final = bytes.strip
# What `scan` returns: what is read of a request, and the conditions that name a stored response.
_SCANNED: Final = frozenset((*WANTED_NAMES, *TAG_CONDITIONS))
# Clients use a few dozen names; the bound is for those that make names up.
_REMEMBERED: Final = 1024
_REMEMBERED_BYTES: Final = 64
# Real host names are short, and each domain costs a header.
_MOST_DOMAINS: Final = 4


class RequestFacts(msgspec.Struct, frozen=True):
    """One request, as far as the gate looks at it."""

    cookies: tuple[bytes, ...] = ()
    signals: frozenset[Signal] = NO_SIGNALS
    method: str = "GET"
    host: bytes | str | None = None
    origin: bytes | None = None
    fetch_site: bytes | None = None
    fetch_dest: bytes | None = None
    accept: bytes | None = None

    def __repr__(self) -> str:
        # Without the cookies: they have no place in a log.
        return f"<RequestFacts of a {self.method}>"

    @property
    def is_page_load(self) -> bool:
        """Whether the request opens a page in a window: no part of a page, frame or file."""
        return self.method == "GET" and opens_page(self.fetch_dest, self.accept)

    @property
    def is_cross_site(self) -> bool:
        """
        Whether another site made this request, and SameSite=Lax cookies are not sent with it.

        They are sent when a visitor follows a link from another site, but not with a form posted
        from there and not in a frame there (RFC 6265bis, section 5.8.3, "Lax").
        """
        if self.fetch_site is not None:
            if self.fetch_site != b"cross-site":
                return False
            is_link = self.fetch_dest in (b"document", None) and self.origin is None
            return not (is_link and self.method in ("GET", "HEAD"))
        # A browser too old for Sec-Fetch-Site still sends the Origin of a POST.
        if self.origin is None:
            return False
        # "null" (from a sandboxed frame, for example) has no host, so it never equals this one.
        return host_name(self.origin.partition(b"://")[2]) != host_name(self.host)


def opens_page(fetch_dest: bytes | None, accept: bytes | None) -> bool:
    """
    Return whether a GET with these headers opens a page.

    Args:
        fetch_dest: Sec-Fetch-Dest, which alone decides; None if it was not sent.
        accept: Accept; None if it was not sent.
    """
    if fetch_dest is not None:
        return fetch_dest == b"document"
    return accept is not None and b"text/html" in accept


def read_request(
    headers: RawHeaders,
    *,
    host: bytes | str | None = None,
    method: str = "GET",
) -> RequestFacts:
    """
    Return what the gate needs of a request, whatever the case and the blanks around the names.

    Args:
        headers: The request's headers.
        host: The request's host; None for its Host header.
        method: The request's method.

    Raises:
        TypeError: A name or value is neither text nor bytes.
        UnicodeEncodeError: A name or value is text that is not latin-1.
    """
    cookies: list[bytes] = []
    signals = NO_SIGNALS
    single: dict[bytes, bytes] = {}
    known = _WANTED.values
    for name, value in headers:
        try:
            wanted = known[name]
        except KeyError:
            wanted = _WANTED.compute(name)
        except (TypeError, ValueError):  # a name that cannot be hashed, such as a bytearray
            wanted = _WANTED[as_bytes(name)]
        if wanted is None:
            continue
        if type(value) is not bytes:
            value = as_bytes(value)
        if wanted == b"cookie":
            cookies.append(value)
        elif wanted in _SIGNAL_NAMES:
            if is_on(value):
                signals |= {_SIGNAL_NAMES[wanted]}
        else:
            single[wanted] = value.strip()
    return RequestFacts(
        cookies=tuple(cookies),
        signals=signals,
        method=method,
        host=single.get(b"host") if host is None else host,
        origin=single.get(b"origin"),
        fetch_site=single.get(b"sec-fetch-site"),
        fetch_dest=single.get(b"sec-fetch-dest"),
        accept=single.get(b"accept"),
    )


def scan_request(headers: RawHeaders) -> dict[bytes, Any] | None:
    """
    Return a request's headers by name, if that is done fast, for `read_scanned`.

    Args:
        headers: The request's headers.

    Returns:
        The headers that the gate reads. None if they have to be read in full: they are not a list
        of pairs, a name is not in lower case, or a header occurs twice.
    """
    scanned = scan(headers, _KNOWN)
    if scanned is None and type(headers) is list and _learn(headers):
        scanned = scan(headers, _KNOWN)
    return scanned


def plain_cookies(scanned: dict[bytes, Any]) -> tuple[bytes, ...] | None:
    """
    Return the Cookie headers of a request that sends no signal.

    Args:
        scanned: What `scan_request` returned.

    Returns:
        None if the request has to be read in full.
    """
    if not scanned.keys().isdisjoint(_SIGNAL_NAMES):
        return None
    if b"cookie" not in scanned:
        return ()
    cookie = scanned[b"cookie"]
    return (cookie,) if type(cookie) is bytes else None


def read_scanned(scanned: dict[bytes, Any], method: str) -> RequestFacts | None:
    """
    Return what `read_request` would; None if that has to read the headers.

    Args:
        scanned: What `scan_request` returned.
        method: The request's method.
    """
    cookie = scanned.get(b"cookie", b"")
    if type(cookie) is not bytes:
        return None
    signals = NO_SIGNALS
    try:
        if not scanned.keys().isdisjoint(_SIGNAL_NAMES):
            signals = frozenset(
                id
                for name, id in _SIGNAL_NAMES.items()
                if name in scanned and is_on(_strip(scanned[name]))
            )
        # Written out, and by position: every page load comes here.
        return RequestFacts(
            (cookie,) if b"cookie" in scanned else (),
            signals,
            method,
            _strip(scanned[b"host"]) if b"host" in scanned else None,
            _strip(scanned[b"origin"]) if b"origin" in scanned else None,
            _strip(scanned[b"sec-fetch-site"]) if b"sec-fetch-site" in scanned else None,
            _strip(scanned[b"sec-fetch-dest"]) if b"sec-fetch-dest" in scanned else None,
            _strip(scanned[b"accept"]) if b"accept" in scanned else None,
        )
    except TypeError:
        return None  # a value that is not bytes


def _learn(headers: list[Any]) -> bool:
    # Remember new names. Return whether there were any.
    has_new = False
    for header in headers:
        name = header[0] if type(header) is tuple and header else None
        if type(name) is bytes and len(name) <= _REMEMBERED_BYTES and name not in _KNOWN:
            plain = name.strip().lower()
            if name == plain or plain not in _SCANNED:
                if len(_KNOWN) >= _REMEMBERED:
                    _KNOWN.clear()
                _KNOWN[name] = name in _SCANNED
                has_new = True
    return has_new


def _wanted_name(name: bytes) -> bytes | None:
    plain = as_bytes(name).strip().lower()
    return plain if plain in WANTED_NAMES else None


# A header's name, as it was sent -> one of WANTED_NAMES, None for the many others.
_WANTED: Final = Memo(_wanted_name, max_entries=_REMEMBERED, max_key_bytes=_REMEMBERED_BYTES)
# The same for `scan`: names that say by themselves whether the gate reads the header.
_KNOWN: Final[Table[bytes]] = new_table()
register_memos(_WANTED.values.clear, _KNOWN.clear)


def host_name(host: bytes | str | None) -> str | None:
    """Return the host of a Host header or a URL: in lower case, without port and final dot."""
    if host is None:
        return None
    text = host.decode("latin-1") if isinstance(host, bytes) else host
    text = text.strip().lower()
    if text.startswith("["):  # an IPv6 address: its colons are not a port's
        return text.partition("]")[0].removeprefix("[") or None
    return text.partition(":")[0].removesuffix(".") or None


def parent_domains(host: str | None) -> list[str]:
    """
    Return a host and the domains above it, the widest last; none for anything but a host name.

    The top-level domain is left out: no browser takes a cookie for it. Of many domains, the widest
    are returned.

    Args:
        host: The host, from `host_name`. The visitor wrote it.
    """
    if host is None or not _HAS_PARENTS.fullmatch(host):
        return []
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)][-_MOST_DOMAINS:]
