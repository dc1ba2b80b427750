"""Styles and script, under names that change with their content, so browsers cache them."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from typing import Final

from .messages import NO_SNIFF, PageResponse

__all__ = ["Assets"]

_FOLDER: Final = Path(__file__).with_name("static")
_CACHING: Final = (b"cache-control", b"public, max-age=31536000, immutable")
# Visitors get this in place of the source; `python -m tests.front_end.minify` makes it.
_MINIFIED: Final = ".min.js"
# Comments of a style sheet, and line ends where nothing depends on them.
_NOT_NEEDED: Final = re.compile(rb"/\*.*?\*/\s*|(?<=[{};,])\s+", re.DOTALL)
_TYPES: Final = {".css": b"text/css; charset=utf-8", ".js": b"text/javascript; charset=utf-8"}


class Assets:
    """The files of `static/`, read once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._inline: dict[str, str] = {}
        self._responses: dict[str, PageResponse] = {}
        for path in sorted(_FOLDER.iterdir()):
            if path.name.endswith(_MINIFIED):
                continue
            if path.suffix == ".js":
                body = path.with_name(path.stem + _MINIFIED).read_bytes()
            else:
                body = _NOT_NEEDED.sub(b"", path.read_bytes())
            digest = hashlib.sha256(body).hexdigest()[:12]
            name = f"{path.stem}-{digest}{path.suffix}"
            # Scripts are left out: a page that is kept as proof must do nothing when opened.
            data = b64encode(body).decode() if path.suffix == ".css" else ""
            self._inline[path.name] = f"data:text/{path.suffix[1:]};base64,{data}"
            self._names[path.name] = name
            headers = ((b"content-type", _TYPES[path.suffix]), _CACHING, NO_SNIFF)
            self._responses[name] = PageResponse(status=200, headers=headers, body=body)

    def name(self, file: str) -> str:
        """Return the name under which a file is served."""
        return self._names[file]

    def inline(self, file: str) -> str:
        """Return the file as a data URL (RFC 2397), for a page that loads no other file."""
        return self._inline[file]

    def find(self, name: str) -> PageResponse | None:
        """Return the file with this name; None if no file has it."""
        return self._responses.get(name)
