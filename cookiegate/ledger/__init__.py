"""Proof of consent (GDPR, article 7(1)): a durable, tamper-evident receipt of each choice.

Requires the extra `ledger`: pip install 'cookiegate[ledger]'; PostgreSQL also requires the extra
`postgresql`. docs/ledger.md starts with what the ledger cannot prove.
"""

from typing import TYPE_CHECKING

try:
    import alembic as _alembic
    import cryptography as _cryptography
    import filelock as _filelock
    import sqlalchemy as _sqlalchemy
except ImportError as _error:
    raise ImportError(
        f"cookiegate.ledger needs {_error.name}: pip install 'cookiegate[ledger]'"
    ) from _error

from cookiegate.consent.choice import Presentation

from .errors import LedgerError
from .receipts import Receipt
from .recording.process import Health
from .recording.recorder import AsyncLedger, Ledger
from .storage.database import open_engine

if TYPE_CHECKING:
    from .audit.verify import verify

__all__ = [
    "AsyncLedger",
    "Health",
    "Ledger",
    "LedgerError",
    "Presentation",
    "Receipt",
    "open_engine",
    "verify",
]

del _alembic, _cryptography, _filelock, _sqlalchemy


def __getattr__(name: str) -> object:
    # Imported lazily: only verification loads the signature algorithms (40 ms).
    if name == "verify":
        from .audit.verify import verify

        return verify
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
