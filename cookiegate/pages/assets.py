"""
Styles and scripts, under names that change with their content, so browsers cache them.

The module and its types have fixed names, which a site's own code imports.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from .looks import LAYOUTS, Layout
from .messages import NO_SNIFF, PageResponse

__all__ = ["Assets"]

_FOLDER: Final = Path(__file__).with_name("static")
_CACHING: Final = (b"cache-control", b"public, max-age=31536000, immutable")
# Visitors get this in place of the source; `python -m tests.front_end.minify` makes it.
_MINIFIED: Final = ".min.js"
# Of a style sheet: comments, line ends, and spaces and semicolons that nothing depends on.
_NOT_NEEDED: Final = re.compile(
    rb"/\*.*?\*/\s*|(?<=[{};,])\s*\n\s*|;?\s*\n\s*(?=\})| (?=\{)|(?<=[a-z]:) ", re.DOTALL
)
_TYPES: Final = {
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "mjs": b"text/javascript; charset=utf-8",
    "mts": b"text/plain; charset=utf-8",
    "ts": b"text/plain; charset=utf-8",
}
# What a site's own code imports.
_FIXED: Final = (".mjs", ".mts", ".ts")
_FIXED_CACHING: Final = (b"cache-control", b"public, max-age=3600")
# The screens on which a banner of this layout is a bar.
_SCREENS: Final[dict[Layout, bytes]] = {
    "auto": b"screen and (max-width:40rem)",
    "bar": b"screen",
}


class Assets:
    """The files of `static/`, read once. The banner's style has a file for each layout."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._inline: dict[str, str] = {}
        self._responses: dict[str, PageResponse] = {}
        files = [path for path in _FOLDER.iterdir() if not path.name.endswith(_MINIFIED)]
        for path in files:
            if path.suffix in _FIXED:
                self._add(path.name, path.read_bytes(), _FIXED_CACHING)
        bodies = {path.name: _read(path) for path in files if path.suffix not in _FIXED}
        banner, bar, corner = (bodies.pop(f"{name}.css") for name in ("banner", "bar", "corner"))
        for layout in LAYOUTS:
            screens = _SCREENS.get(layout)
            only_bar = b"@media %b{%b}" % (screens, bar) if screens else b""
            bodies[f"banner-{layout}.css"] = banner + only_bar
            bodies[f"banner-{layout}-corner.css"] = banner + corner + only_bar
        # A site's own template may have the style without a layout.
        bodies["banner.css"] = banner
        for file, body in bodies.items():
            stem, suffix = file.rsplit(".", 1)
            # Scripts are left out: a page that is kept as proof must do nothing when opened.
            data = b64encode(body).decode() if suffix == "css" else ""
            self._inline[file] = f"data:text/{suffix};base64,{data}"
            self._names[file] = f"{stem}-{_digest(body)}.{suffix}"
            self._add(self._names[file], body, _CACHING)

    def _add(self, name: str, body: bytes, caching: tuple[bytes, bytes]) -> None:
        content_type = _TYPES[name.rsplit(".", 1)[1]]
        headers = ((b"content-type", content_type), caching, NO_SNIFF)
        self._responses[name] = PageResponse(status=200, headers=headers, body=body)

    def name(self, file: str) -> str:
        """Return the name under which a file is served."""
        return self._names[file]

    def with_texts(self, file: str, texts: Mapping[str, object]) -> tuple[str, PageResponse]:
        """
        Return a script with texts in the place of `TEXTS`: the digest of the result, and the file.

        Args:
            file: The script.
            texts: The texts.
        """
        found = self._responses[self._names[file]]
        body = found.body.replace(b"TEXTS", msgspec.json.encode(texts))
        return _digest(body), replace(found, body=body)

    def inline(self, file: str) -> str:
        """Return the file as a data URL (RFC 2397), for a page that loads no other file."""
        return self._inline[file]

    def find(self, name: str) -> PageResponse | None:
        """Return the file with this name; None if no file has it."""
        return self._responses.get(name)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]


def _read(path: Path) -> bytes:
    # What visitors get of a file.
    if path.suffix == ".js":
        return path.with_suffix(_MINIFIED).read_bytes()
    return _NOT_NEEDED.sub(b"", path.read_bytes())
