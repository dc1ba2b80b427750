"""What is kept of an address."""

import hashlib
import hmac
from typing import Any

import pytest

from cookiegate.ledger.recording.addresses import AddressFilter

KEY = "a key of its own for the hashes of addresses"


def test_no_address_is_kept_by_default() -> None:
    assert AddressFilter("none").apply("192.0.2.77") is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        # The form in which a dual-stack socket reports IPv4 addresses.
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
    ],
)
def test_a_truncated_address_is_its_network(address: str, kept: str) -> None:
    assert AddressFilter("truncated").apply(address) == kept


@pytest.mark.parametrize("key", [KEY, KEY.encode()])
def test_a_hashed_address_can_only_be_found_with_the_key(key: str | bytes) -> None:
    kept = AddressFilter("hashed", key).apply("192.0.2.77")
    packed = bytes([192, 0, 2, 77])
    assert kept == hmac.new(KEY.encode(), packed, hashlib.sha256).hexdigest()
    assert kept != AddressFilter("hashed", f"{KEY}2").apply("192.0.2.77")
    assert kept != AddressFilter("hashed", key).apply("192.0.2.78")
    assert kept == AddressFilter("hashed", key).apply("::ffff:192.0.2.77")


@pytest.mark.parametrize("address", [None, "", "/run/app.sock", "localhost", "192.0.2.300"])
def test_invalid_addresses_are_not_kept(address: str | None) -> None:
    assert AddressFilter("truncated").apply(address) is None
    assert AddressFilter("hashed", KEY).apply(address) is None


@pytest.mark.parametrize(
    ("rule", "key", "text"),
    [
        ("all", None, "write 'none', 'truncated' or 'hashed'"),
        ("hashed", None, "needs an address_key of at least 16 bytes"),
        ("hashed", "short", "needs an address_key of at least 16 bytes"),
        ("none", KEY, "remove it"),
        ("truncated", KEY, "remove it"),
    ],
)
def test_an_invalid_rule_or_key_is_an_error(rule: Any, key: str | None, text: str) -> None:
    with pytest.raises(ValueError, match=text) as raised:
        AddressFilter(rule, key)
    assert KEY not in str(raised.value)
