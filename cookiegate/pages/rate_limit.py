"""A limit on choices per time and client: token buckets in the memory of each process."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import ip_address
from math import ceil
from threading import Lock
from typing import Final

__all__ = ["TOTAL", "Limiter"]

#: How many times the limit of one client all clients together may use.
TOTAL: Final = 10
# Each takes about 250 bytes, whatever address it sends from.
_MOST_CLIENTS: Final = 10_000
# Whoever has one address of IPv6 usually has this whole network (RFC 6177, section 2).
_NETWORK_BYTES: Final = 8
_UNKNOWN: Final = b""


class Limiter:
    """
    Token buckets for each client and for all: `burst` at once, `per_second` in the long run.

    A client is an IPv4 address, or a /64 network of IPv6. Requests without a valid address share a
    bucket. All clients together get ten times as much as one.

    Args:
        per_second: How many a second for one client.
        burst: How many at once for one client.
        clients: How many clients to remember. One that is forgotten starts with a full bucket; the
            limit for all holds for it, too.

    Raises:
        ValueError: `per_second` or `burst` is not above 0.
    """

    def __init__(self, per_second: float, burst: int, *, clients: int = _MOST_CLIENTS) -> None:
        if not per_second > 0 or burst < 1:
            raise ValueError(
                f"choices are limited to {per_second!r} a second, {burst!r} at once; "
                "give numbers above 0"
            )
        self._per_second = per_second
        self._burst = burst
        self._most_clients = clients
        self._all = _Bucket(per_second * TOTAL, burst * TOTAL)
        # The one that was used last is at the end.
        self._clients: OrderedDict[bytes, _Bucket] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str | None, now: float) -> int:
        """
        Take a token and return 0. Without a token, return the seconds until the next.

        Args:
            address: The client's address; None if it is not known.
            now: Unix seconds. A clock that was set back adds no tokens and takes none away.
        """
        key = _client_of(address)
        with self._lock:
            own = self._clients.pop(key, None) or _Bucket(self._per_second, self._burst)
            if len(self._clients) >= self._most_clients:
                self._clients.popitem(last=False)
            self._clients[key] = own
            # Of both or of none: a client beyond its limit takes nothing from the others.
            if seconds := max(own.wait(now), self._all.wait(now)):
                return seconds
            own.take()
            self._all.take()
            return 0


class _Bucket:
    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._left = self._burst
        self._at: float | None = None

    def wait(self, now: float) -> int:
        # Fill it up, and return the seconds until it has a token: 0 if it has one.
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        self._left = min(self._burst, self._left + passed * self._per_second)
        return 0 if self._left >= 1 else max(1, ceil((1 - self._left) / self._per_second))

    def take(self) -> None:
        self._left -= 1


def _client_of(address: str | None) -> bytes:
    if address is None:
        return _UNKNOWN
    try:
        ip = ip_address(address)
    except ValueError:
        # The path of a socket, or what a visitor wrote into a header that a proxy passed on.
        return _UNKNOWN
    # A dual-stack socket reports IPv4 addresses in IPv6 form (RFC 4291, section 2.5.5.2).
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.packed[:_NETWORK_BYTES]
