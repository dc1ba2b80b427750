"""The cost of the ledger compared with that of its database, in the same run."""
