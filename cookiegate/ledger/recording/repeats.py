"""How often one grant was taken back: once by its visitor, and at will by who sends it again.

A signed cookie can be sent any number of times. What takes back is never refused, so without a
bound one cookie could fill the disk with receipts.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

__all__ = ["MOST_REPEATS", "Repeats"]

#: Receipts of one kind that replace one grant, in each process. A browser replaces its cookie with
#: the answer: two come from a double click, a few more from answers that were lost.
MOST_REPEATS: Final = 16
_MOST_GRANTS: Final = 10_000


class Repeats:
    """
    Counts the receipts that replace one grant.

    Args:
        grants: How many grants to remember, the last ones.
    """

    def __init__(self, grants: int = _MOST_GRANTS) -> None:
        self._most_grants = grants
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._lock = threading.Lock()

    def is_excess(self, closes: str, kind: str) -> bool:
        """
        Count a receipt, and return True if the ledger has enough that say the same.

        Args:
            closes: The id of the receipt that it replaces.
            kind: Its kind.
        """
        with self._lock:
            count = self._seen.pop((closes, kind), 0) + 1
            if len(self._seen) >= self._most_grants:
                self._seen.popitem(last=False)
            self._seen[closes, kind] = count
            return count > MOST_REPEATS
