"""Where the ledger keeps receipts: tables, databases, the hash chain."""
