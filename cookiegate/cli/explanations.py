"""The explanation of each code: what is wrong, by which source, and what to do."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["explanations"]

# The same text as docs/advice.md: `python -m docs.advice` copies it.
_PAGE: Final = Path(__file__).with_name("advice.md")
_SECTION: Final = re.compile(
    r"^## (?P<code>[a-z-]+)\n\n(?P<text>.*?)(?=^<a id|^# |\Z)", re.M | re.S
)
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@cache
def explanations() -> dict[str, str]:
    """Return the text of each code, without links."""
    page = _PAGE.read_text(encoding="utf-8")
    return {
        found["code"]: _LINK.sub(r"\1", found["text"]).strip() for found in _SECTION.finditer(page)
    }
