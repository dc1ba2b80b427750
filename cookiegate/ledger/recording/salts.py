"""Random salts, fetched from the operating system in batches.

os.urandom releases the interpreter's lock. On a busy process, getting it back takes longer than
everything else that is done for a receipt.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

__all__ = ["SALT_BYTES", "new_salt"]

SALT_BYTES: Final = 16
_BATCH: Final = 256

# Removing from a list is atomic, so no two threads get the same salt.
_SALTS: Final[list[bytes]] = []


def new_salt() -> bytes:
    """Return sixteen random bytes that are used once."""
    while True:
        try:
            return _SALTS.pop()
        except IndexError:
            fresh = os.urandom(SALT_BYTES * _BATCH)
            _SALTS.extend(fresh[at : at + SALT_BYTES] for at in range(0, len(fresh), SALT_BYTES))


with suppress(AttributeError):  # platforms without fork
    # A forked process must not use the salts of its parent.
    os.register_at_fork(after_in_child=_SALTS.clear)
