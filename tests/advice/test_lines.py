"""Lines are the same as those of the whole text, in every layout."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Registry
from cookiegate.advice.lines import LineIndex
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
    "Windows line ends": (TOP + ENTRY.format("a") + "[services.x]\nprovider = 'X'\n").replace(
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
def test_each_key_has_the_line_that_the_whole_text_gives_it(text: str) -> None:
    registry = Registry.parse(text)
    index, locator = LineIndex(text, registry.entries), LineLocator(text)
    document = tomllib.loads(text)
    # No advice is about the list of entries itself.
    asked = [path for path in paths(document) if path[:1] != ("cookies",) or is_entry(path)]
    assert len(asked) > 5
    assert [index.line(path) for path in asked] == [locator.line(path) for path in asked]


def test_a_byte_order_mark_is_not_part_of_a_key() -> None:
    text = "\ufeff" + TOP + ENTRY.format("a")
    index = LineIndex(text, Registry.parse(text).entries)
    assert index.line(("site", "name")) == 2
    assert index.line(("cookies", 0, "category")) == 8
