"""Paths in URLs."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

__all__ = ["url_path"]

# Characters that need no percent-encoding in a path (RFC 3986, section 3.3).
_IN_PATHS: Final = "/:@!$&'()*+,;=~"


def url_path(path: str | bytes) -> bytes:
    """Return a decoded path as a URL writes it; text, surrogates included, is encoded as UTF-8."""
    raw = path.encode("utf-8", "surrogatepass") if isinstance(path, str) else path
    return quote(raw, safe=_IN_PATHS).encode("ascii")
