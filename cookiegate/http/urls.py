"""Paths as URLs have them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

__all__ = ["url_path"]

# What stands in a path as it is (RFC 3986, section 3.3).
_IN_PATHS: Final = "/:@!$&'()*+,;=~"


def url_path(path: str | bytes) -> bytes:
    """A decoded path as it stands in a URL; text is UTF-8 there."""
    return quote(path, safe=_IN_PATHS).encode("ascii")
