"""Proof of consent (GDPR, article 7(1)): a receipt of each choice, durable and tamper-evident.

It needs the extra `ledger`: pip install 'cookiegate[ledger]'; PostgreSQL also the extra
`postgresql`. docs/ledger.md opens with what it cannot show.
"""

try:
    import alembic as _alembic
    import cryptography as _cryptography
    import filelock as _filelock
    import sqlalchemy as _sqlalchemy
except ImportError as error:
    raise ImportError(
        f"cookiegate.ledger needs {error.name}: pip install 'cookiegate[ledger]'"
    ) from error

from .receipts import Presentation, Receipt
from .recording.process import Health
from .recording.recorder import AsyncLedger, Ledger
from .storage.database import LedgerError

__all__ = ["AsyncLedger", "Health", "Ledger", "LedgerError", "Presentation", "Receipt"]

del _alembic, _cryptography, _filelock, _sqlalchemy
