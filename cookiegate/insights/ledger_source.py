"""Choices from a ledger, read receipt by receipt."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from sqlalchemy.exc import DBAPIError

from cookiegate.ledger import LedgerError, Receipt
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.database import open_engine, require_current, require_file
from cookiegate.ledger.storage.store import Store

from .aggregate import ChoiceCounts, Period, count_receipts

__all__ = ["read_ledger"]

# A void follows its grant within seconds, which may be on the next day.
_MARGIN_SECONDS: Final = 86_400


def read_ledger(url: str, period: Period) -> ChoiceCounts:
    """
    Count a ledger's receipts, and add the refusals that it has only counted.

    Args:
        url: The database's URL.
        period: The days to count.

    Raises:
        LedgerError: There is no ledger, or it cannot be read. The text quotes no receipt.
    """
    require_file(url)
    engine = open_engine(url)
    try:
        require_current(engine, creates=False)
        store = Store(engine)

        def find(id: str) -> Receipt | None:
            row = store.find(id)
            return None if row is None or row.body is None else load_receipt(row.body)

        until = None if period.end is None else period.end + _MARGIN_SECONDS
        with closing(store.bodies(since=period.start, until=until)) as rows:
            counts = count_receipts(map(load_receipt, rows), find, period)
        for key, count in store.refusals(since=period.start, until=period.end):
            counts.add_refusals(key, count)
        return counts
    except DBAPIError as error:
        # The lines after the first may quote the statement with its values.
        reason = str(error.orig).partition("\n")[0]
        raise LedgerError(f"the ledger cannot be read: {reason}") from None
    except ValueError:  # msgspec's, or invalid UTF-8
        raise LedgerError(
            "the ledger holds a receipt that this version of Cookiegate cannot read"
        ) from None
    finally:
        engine.dispose()
