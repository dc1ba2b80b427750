"""The ledger's exception."""

from cookiegate.errors import CookiegateError

__all__ = ["LedgerError"]


class LedgerError(CookiegateError):
    """The ledger, or a file about it, cannot be used; the message says what to do."""
