"""Cookie headers without some of the cookies in them; every other byte stays."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["without"]


def without(header: bytes, names: Collection[bytes]) -> bytes:
    """
    A Cookie header without the cookies of these names; b"" where none is left.

    Args:
        header: The header's value.
        names: The names, as they stand before the "=".
    """
    pairs = header.split(b";")
    left = [pair for pair in pairs if _name(pair) not in names]
    if len(left) == len(pairs):
        return header
    # The blank after a semicolon belongs to no cookie.
    return b";".join(left).lstrip(b" \t")


def _name(pair: bytes) -> bytes:
    name, equals, _ = pair.partition(b"=")
    return name.strip(b" \t") if equals else b""
