"""Numbers and times as text for people."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["format_time", "plural"]


def plural(count: int, word: str, words: str = "") -> str:
    """Return a count with its noun: "1 receipt", "2,000 receipts"."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"


def format_time(moment: int, *, seconds: bool = True) -> str:
    """Return a time in Unix seconds as text in UTC, to the second or to the minute."""
    form = "%Y-%m-%d %H:%M:%S UTC" if seconds else "%Y-%m-%d %H:%M UTC"
    try:
        return datetime.fromtimestamp(moment, UTC).strftime(form)
    except (ValueError, OverflowError, OSError):
        # A forged receipt may hold any number.
        return f"{moment} seconds, which is not a valid time"
