"""Times and sizes of the recording."""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["DEFAULT_LIMITS", "Limits"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Times and sizes that fit every site; tests use others."""

    #: Receipts in one commit.
    batch: int = 500
    #: How often the writer looks for other work: a spool to write, a database to reconnect to.
    rest_seconds: float = 0.5
    #: How often the writer finds out whether the database still takes receipts, if none arrive.
    ping_seconds: float = 30.0
    #: A commit that takes longer counts as failed for choices that must not wait.
    slow_seconds: float = 1.0
    #: How long a withdrawal waits for its commit before it goes into the spool.
    withdrawal_seconds: float = 0.25
    #: How long a measurement of the free disk space is used.
    space_seconds: float = 1.0
    #: Grants of failed commits for which the writer looks up later whether they are committed.
    uncertain: int = 10_000
    #: Pages that are remembered as stored in the database or the spool.
    pages: int = 1024


DEFAULT_LIMITS: Final = Limits()
