"""Lines are those that reading the whole text gives, however the file is laid out."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Registry
from cookiegate.advice.lines import Places
from cookiegate.registry.validation.line_locator import LineLocator
from tests.registry.texts import FULL, TOP

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "registry.md").read_text(encoding="utf-8")
ENTRY = '[[cookies]]\nname = "{}"\ncategory = "essential"\n'

TEXTS = {
    "billogram": (ROOT / "registry" / "billogram.toml").read_text(encoding="utf-8"),
    "starter": (ROOT / "registry" / "starter.toml").read_text(encoding="utf-8"),
    "full": FULL,
    "every key": next(
        text for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "[co" in text
    ),
    "no entry": TOP,
    "tables between entries": (
        ENTRY.format("a")
        + "[services.x]\nprovider = 'X'\n"
        + ENTRY.format("b")
        + "floor.secure = true\n"
        + ENTRY.format("c")
        + "[cookies.purpose]\nen = 'c'\n"
        + TOP
        + "[[authorities]]\nname = 'A'\n"
        + ENTRY.format("d")
        + "[services.y]\nprovider = 'Y'\nsources = [\n  'https://a.example',\n]\n"
    ),
    "texts that look like tables": (
        TOP
        + ENTRY.format("a")
        + "purpose.en = '''\n[services.x]\n[[cookies]]\n'''\n"
        + ENTRY.format("b")
        + 'purpose.en = [\n"""\n[x]""",\n]\n[services.z]\nprovider = "Z"\n'
    ),
    "inline": TOP.replace(
        "[site]", "cookies = [\n{ name = 'a', category = 'essential' },\n]\n[site]"
    ),
    "last line open": TOP + "[[cookies]]\nname = 'a'\ncategory = 'essential'",
    "ends of Windows": (TOP + ENTRY.format("a") + "[services.x]\nprovider = 'X'\n").replace(
        "\n", "\r\n"
    ),
    "indented": TOP + "  [[ cookies ]]\n  name = 'a'\n  category = 'essential'\n\t[services.x]\n",
}


def paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield above
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, one in inner:
        yield from paths(one, (*above, key))
    yield (*above, "no such key")


def is_entry(path: tuple[str | int, ...]) -> bool:
    return len(path) > 1 and isinstance(path[1], int)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_key_stands_where_reading_the_whole_text_finds_it(text: str) -> None:
    registry = Registry.parse(text)
    places, positions = Places(text, registry.entries), LineLocator(text)
    document = tomllib.loads(text)
    # Nobody asks about the list of entries itself.
    asked = [path for path in paths(document) if path[:1] != ("cookies",) or is_entry(path)]
    assert len(asked) > 5
    assert [places.line(path) for path in asked] == [positions.line(path) for path in asked]


def test_a_byte_order_mark_is_no_part_of_a_key() -> None:
    text = "\ufeff" + TOP + ENTRY.format("a")
    places = Places(text, Registry.parse(text).entries)
    assert places.line(("site", "name")) == 2
    assert places.line(("cookies", 0, "category")) == 8
