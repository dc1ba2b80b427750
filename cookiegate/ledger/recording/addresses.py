"""What the ledger keeps of a visitor's address: nothing, unless the site configures it."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import ip_address, ip_network
from typing import Final, Literal

__all__ = ["AddressFilter", "AddressRule"]

#: Nothing; the network; or a keyed hash, which only shows whether two addresses are equal.
AddressRule = Literal["none", "truncated", "hashed"]

_MIN_KEY_BYTES: Final = 16
# Prefixes that identify a provider and a region (CNIL's advice for audience measurement).
_PREFIX_BITS: Final = {4: 24, 6: 48}


class AddressFilter:
    """
    Truncates or hashes addresses.

    Args:
        rule: What is kept.
        key: The key of the hash. Only with it can an address be searched for.

    Raises:
        ValueError: The rule does not exist, or the key is missing, too short or not used.
    """

    def __init__(self, rule: AddressRule, key: str | bytes | None = None) -> None:
        if rule not in ("none", "truncated", "hashed"):
            raise ValueError(f"address is {rule!r}; write 'none', 'truncated' or 'hashed'")
        raw = key.encode() if isinstance(key, str) else key
        if rule == "hashed" and (raw is None or len(raw) < _MIN_KEY_BYTES):
            raise ValueError(
                f"address='hashed' needs an address_key of at least {_MIN_KEY_BYTES} bytes; "
                "without one, the hashes of all addresses can be computed"
            )
        if rule != "hashed" and raw is not None:
            raise ValueError("address_key is only used with address='hashed'; remove it")
        self._rule = rule
        self._key = raw or b""

    def apply(self, address: str | None) -> str | None:
        """Return what is kept of an address; None if that is nothing, or it is not an address."""
        if self._rule == "none" or address is None:
            return None
        try:
            ip = ip_address(address)
        except ValueError:
            return None  # the path of a socket, or a host name
        # A dual-stack socket reports IPv4 addresses in IPv6 form (RFC 4291, section 2.5.5.2).
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if self._rule == "truncated":
            return str(ip_network((ip, _PREFIX_BITS[ip.version]), strict=False))
        return hmac.new(self._key, ip.packed, hashlib.sha256).hexdigest()
