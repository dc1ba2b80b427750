"""Counts of refusals, in memory until the writer's thread adds them to the database."""

from __future__ import annotations

import threading
from collections import Counter

from cookiegate.ledger.refusals import RefusalKey
from cookiegate.ledger.storage.store import Store

__all__ = ["RefusalCounter"]


class RefusalCounter:
    """
    Counts refusals.

    Args:
        store: The ledger's tables.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: Counter[RefusalKey] = Counter()
        self._lock = threading.Lock()

    def add(self, key: RefusalKey) -> None:
        """Count a refusal; this never waits for the database."""
        with self._lock:
            self._counts[key] += 1

    def flush(self) -> None:
        """Add the counts to the database; if that fails, they are kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            self._store.add_refusals(counts)
        except BaseException:
            # If only the answer was lost, they are added twice: statistics need no more than that.
            with self._lock:
                self._counts += counts
            raise
