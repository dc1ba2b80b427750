"""The ledger's database: tables, dialects, hash chain."""
