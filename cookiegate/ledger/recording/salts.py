"""Salts: random bytes that are fetched many at a time.

The operating system is asked with the interpreter's lock given away, and getting that back from a
thread at work takes longer than all else that is done for a receipt.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

__all__ = ["SALT_BYTES", "new_salt"]

SALT_BYTES: Final = 16
_AT_A_TIME: Final = 256

# Whoever takes one takes it out: also of threads that do so at once, each has its own.
_SALTS: Final[list[bytes]] = []


def new_salt() -> bytes:
    """Sixteen random bytes that nobody else is given."""
    while True:
        try:
            return _SALTS.pop()
        except IndexError:
            fresh = os.urandom(SALT_BYTES * _AT_A_TIME)
            _SALTS.extend(fresh[at : at + SALT_BYTES] for at in range(0, len(fresh), SALT_BYTES))


with suppress(AttributeError):  # where nothing forks
    # A forked process would be given the same ones as its parent.
    os.register_at_fork(after_in_child=_SALTS.clear)
