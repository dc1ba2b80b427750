"""The state of a visitor that a page may depend on, as a short digest."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

from cookiegate.consent.model import Status
from cookiegate.http.memo import register_memos
from cookiegate.http.signals import Signal

__all__ = ["state_of"]

# Enough to tell states apart.
_DIGITS: Final = 12


@lru_cache(maxsize=1024)
def state_of(
    digest: str, status: Status, is_foreign: bool, signals: frozenset[Signal], *ids: frozenset[str]
) -> bytes:
    """
    Return the digest of a state in hexadecimal digits.

    Args:
        digest: The registry, and what is enforced of it.
        status: The consent's status.
        is_foreign: Whether another site opened the page, so that the consent cookie may be missing
            for that reason alone.
        signals: The signals.
        ids: Sets of ids of categories.
    """
    named = (digest, status, is_foreign, sorted(signals), [sorted(one) for one in ids])
    return hashlib.sha256(repr(named).encode()).hexdigest()[:_DIGITS].encode()


register_memos(state_of.cache_clear)
