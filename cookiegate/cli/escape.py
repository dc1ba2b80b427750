"""Escape text from outside before it reaches a terminal."""

from __future__ import annotations

__all__ = ["escape_control"]


def escape_control(text: str) -> str:
    r"""
    Return the text with backslashes and everything that is not printable escaped.

    Args:
        text: Any text, also from `bytes.decode(errors="surrogateescape")`.
    """
    return "".join(one if one.isprintable() and one != "\\" else _escape(one) for one in text)


def _escape(one: str) -> str:
    if "\udc80" <= one <= "\udcff":
        return f"\\x{ord(one) - 0xDC00:02x}"
    return one.encode("unicode_escape", "surrogatepass").decode("ascii")
