"""What proof costs: the ledger against the database that it writes to, in the same run."""
