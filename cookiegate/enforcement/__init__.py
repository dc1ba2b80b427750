"""Enforcement: verdicts on cookies, and what they do to headers."""
