"""The commands below `cookiegate ledger`."""
