"""What operators and auditors do: checkpoints, proofs, verification, erasure."""
