"""The path to which a choice returns the visitor: on this site, and the page that sent the form."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from cookiegate.consent.signing import TokenSigner

from .messages import PageRequest

__all__ = ["is_local", "referring_path", "sign_path", "unsign_path"]

_MAX_BYTES: Final = 2048


def is_local(path: str) -> bool:
    """
    Return True if browsers read a path as one of this site.

    They take a backslash for a slash and drop tabs and line ends (URL Standard, section 4.4), so
    `/\\t/evil.example` is `//evil.example`, another site.
    """
    if len(path) > _MAX_BYTES or not path.startswith("/"):
        return False
    # Also decoded once and twice: a proxy on the way may decode it.
    for text in (path, unquote(path), unquote(unquote(path))):
        if text.startswith("//") or "\\" in text:
            return False
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
            return False
    return path.isascii()


def sign_path(signer: TokenSigner, path: str) -> str:
    """Return the signed path, for a form's hidden field; "" if it is not local."""
    return signer.sign(path) if is_local(path) else ""


def unsign_path(signer: TokenSigner, signed: str) -> str | None:
    """Return the path that the server signed; None for anything else."""
    if len(signed) > _MAX_BYTES + 128:
        return None
    raw = signer.unsign(signed.encode("utf-8", "replace"))
    path = "" if raw is None else raw.decode("utf-8", "replace")
    return path if is_local(path) else None


def referring_path(request: PageRequest) -> str | None:
    """
    Return path and query of the page that sent a form; None if the browser does not say.

    Args:
        request: A request whose sender is known to be this site.
    """
    referer = (request.header(b"referer") or b"").decode("latin-1")
    host = (request.header(b"host") or b"").decode("latin-1")
    try:
        found = urlsplit(referer)
    except ValueError:
        return None
    path = f"{found.path}?{found.query}" if found.query else found.path
    return path if found.netloc == host and is_local(path) else None
