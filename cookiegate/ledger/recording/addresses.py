"""What is kept of a visitor's address: nothing, unless the site decides otherwise."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import ip_address, ip_network
from typing import Final, Literal

__all__ = ["AddressRule", "Addresses"]

#: Nothing; the network it is in; or a keyed hash, which tells equal ones apart and no more.
AddressRule = Literal["none", "truncated", "hashed"]

_MIN_KEY_BYTES: Final = 16
# What is left names a provider and a region (as CNIL advises for audience measurement).
_BITS: Final = {4: 24, 6: 48}


class Addresses:
    """
    Cuts addresses short, or hashes them.

    Args:
        rule: What is kept.
        key: The hash's key; with it, and only with it, an address can be looked for.

    Raises:
        ValueError: The rule is none of them, or the key is missing, short or not wanted.
    """

    def __init__(self, rule: AddressRule, key: str | bytes | None = None) -> None:
        if rule not in ("none", "truncated", "hashed"):
            raise ValueError(f"address is {rule!r}; write 'none', 'truncated' or 'hashed'")
        raw = key.encode() if isinstance(key, str) else key
        if rule == "hashed" and (raw is None or len(raw) < _MIN_KEY_BYTES):
            raise ValueError(
                f"address='hashed' needs an address_key of at least {_MIN_KEY_BYTES} bytes; "
                "without one anybody can hash all addresses there are"
            )
        if rule != "hashed" and raw is not None:
            raise ValueError("address_key is for address='hashed' alone; leave it out")
        self._rule = rule
        self._key = raw or b""

    def kept(self, address: str | None) -> str | None:
        """What is kept of an address; None where that is nothing, or it is none."""
        if self._rule == "none" or address is None:
            return None
        try:
            ip = ip_address(address)
        except ValueError:
            return None  # a socket's path, or a name
        # How a socket that takes both kinds writes the old one (RFC 4291, section 2.5.5.2).
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if self._rule == "truncated":
            return str(ip_network((ip, _BITS[ip.version]), strict=False))
        return hmac.new(self._key, ip.packed, hashlib.sha256).hexdigest()
