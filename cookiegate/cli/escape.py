"""Text from elsewhere, fit for a terminal."""

from __future__ import annotations

__all__ = ["shown", "shown_bytes"]


def shown(text: str) -> str:
    """The text with everything escaped that could garble a terminal, backslashes included."""
    return "".join(one if one.isprintable() and one != "\\" else _escaped(one) for one in text)


def shown_bytes(raw: bytes) -> str:
    """The same for bytes: read as UTF-8, and escaped where they are not."""
    return shown(raw.decode("utf-8", "surrogateescape"))


def _escaped(one: str) -> str:
    if "\udc80" <= one <= "\udcff":
        # What stands for a byte that is no UTF-8.
        return f"\\x{ord(one) - 0xDC00:02x}"
    return one.encode("unicode_escape", "surrogatepass").decode("ascii")
