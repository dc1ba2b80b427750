"""Where a visitor is sent back to after a choice: a path of this site, signed into the form."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from cookiegate.consent.signing import TokenSigner

__all__ = ["is_local", "sign_path", "unsign_path"]

_MAX_BYTES: Final = 2048


def is_local(path: str) -> bool:
    """
    Whether a path leads to this site and nowhere else, as browsers read it.

    They take a backslash for a slash and leave tabs and line ends out (URL Standard, section 4.4),
    so that `/\\t/evil.example` is `//evil.example`, another site.
    """
    if len(path) > _MAX_BYTES or not path.startswith("/"):
        return False
    # Once decoded and once more: a proxy on the way may decode it too.
    for text in (path, unquote(path), unquote(unquote(path))):
        if text.startswith("//") or "\\" in text:
            return False
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
            return False
    return path.isascii()


def sign_path(signer: TokenSigner, path: str) -> str:
    """The signed path, for a form's hidden field; "" where it is none of this site."""
    return signer.sign(path) if is_local(path) else ""


def unsign_path(signer: TokenSigner, sealed: str) -> str | None:
    """The path that the server itself signed; None for anything else."""
    if len(sealed) > _MAX_BYTES + 128:
        return None
    opened = signer.unsign(sealed.encode("utf-8", "replace"))
    if opened is None:
        return None
    path = opened.decode("utf-8", "replace")
    return path if is_local(path) else None
