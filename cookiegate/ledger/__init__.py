"""Proof of consent (GDPR, article 7(1)): so far the hashes that hold it together."""
