"""What operators and auditors do with receipts: checkpoints, proofs, verification, erasure."""
