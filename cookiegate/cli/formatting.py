"""Numbers and times as text for people."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["format_time", "plural"]


def plural(count: int, word: str, words: str = "") -> str:
    """Return a count with its noun: "1 receipt", "2,000 receipts"."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"


def format_time(seconds: int) -> str:
    """Return a time in Unix seconds as text in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        # A forged receipt may hold any number.
        return f"{seconds} seconds, which is not a valid time"
