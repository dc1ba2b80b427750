"""How choices become receipts: recorder, writer, spool."""
