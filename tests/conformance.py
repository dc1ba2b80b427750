"""Unusual Set-Cookie values, and what real browsers stored for each.

`data/browsers.jsonl` holds runs of Chromium 156 and Firefox 153 ESR: for each header the names
that some browser stored, and how long Chromium kept them. Headers are latin-1 text, one character
for each byte.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Registry

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/browsers.jsonl").read_text().splitlines()
]

HEAD = """
[site]
name = "s"
languages = ["en"]
[policy]
unknown = "strip"
[categories.essential]
required = true
[categories.optional]
[[cookies]]
name = "another"
category = "optional"
"""


def each(rows: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row["id"] for row in rows])


def header_of(row: dict[str, Any]) -> bytes:
    header: str = row["header"]
    return header.encode("latin-1")


def names_of(row: dict[str, Any]) -> set[bytes]:
    return {name.encode("latin-1") for name in row["names"]}


def is_registrable(name: bytes) -> bool:
    """Return whether a registry can hold the name: UTF-8, not empty, no control characters."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and not any(character < " " or character == "\x7f" for character in text)


def registry_with(names: set[bytes], category: str, *, unknown: str = "strip") -> Registry:
    """Return a registry with the names that one can hold, all in one category."""
    entries = HEAD.replace('"strip"', f'"{unknown}"')
    for name in filter(is_registrable, names):
        text = "".join("\\" + one if one in "\\*?" else one for one in name.decode())
        if len(name) > 1024:
            text = text[:100] + "*"
        quoted = json.dumps(text, ensure_ascii=False)
        entries += f"[[cookies]]\nname = {quoted}\ncategory = '{category}'\n"
    return Registry.parse(entries)
