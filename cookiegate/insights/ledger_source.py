"""A ledger, read receipt by receipt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy.exc import DBAPIError

from cookiegate.ledger import LedgerError, Receipt
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.database import file_of, open_engine, require_current
from cookiegate.ledger.storage.store import Store

from .aggregate import Choices, Period, count_receipts

__all__ = ["read_ledger"]

# A void comes seconds after its grant, and on another day around midnight.
_MARGIN_SECONDS: Final = 86_400


def read_ledger(url: str, period: Period) -> Choices:
    """
    Count a ledger's receipts, one by one.

    Args:
        url: The database's.
        period: The days that are counted.

    Raises:
        LedgerError: There is no ledger, or it cannot be read. The text quotes no receipt.
    """
    file = file_of(url)
    if file is not None and not file.exists():
        raise LedgerError(f"there is no ledger in {str(file)!r}")
    engine = open_engine(url)
    try:
        require_current(engine)
        store = Store(engine)

        def find(id: str) -> Receipt | None:
            row = store.find(id)
            return None if row is None or row.body is None else load_receipt(row.body)

        return count_receipts(_receipts(store, period), find, period)
    except DBAPIError as error:
        # The first line of the driver's own: what follows quotes the statement.
        reason = str(error.orig).partition("\n")[0]
        raise LedgerError(f"the ledger cannot be read: {reason}") from None
    except msgspec.MsgspecError:
        raise LedgerError(
            "the ledger holds a receipt that this version of Cookiegate cannot read"
        ) from None
    finally:
        engine.dispose()


def _receipts(store: Store, period: Period) -> Iterator[Receipt]:
    end = period.end
    until = None if end is None else end + _MARGIN_SECONDS
    return map(load_receipt, store.in_time(since=period.start, until=until))
