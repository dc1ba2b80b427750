"""Registry.candidates lists all entries that match, in the order of the look-up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cookiegate.registry import Registry
from cookiegate.registry.candidates import candidates
from cookiegate.registry.patterns import parse_pattern

from .test_patterns import NAMES, WRITTEN, numbers_of
from .texts import parse


def registry(*names: str) -> Registry:
    rows = "".join(f"[[cookies]]\nname = '{name}'\ncategory = 'essential'\n" for name in names)
    return parse(rows)


def written(found: Registry, name: bytes | str) -> list[str]:
    return [one.pattern.text for one in found.candidates(name)]


def test_the_best_comes_first_and_the_others_in_their_rank() -> None:
    found = registry("_ga*", "_gid", "_ga_*", "_ga_1", "_ga_*1")
    assert written(found, "_ga_1") == ["_ga_1", "_ga_*1", "_ga_*", "_ga*"]
    assert written(found, "_ga_2") == ["_ga_*", "_ga*"]
    assert written(found, "_GA") == []


def test_an_entry_is_listed_once_with_its_best_name() -> None:
    found = parse("[[cookies]]\nname = ['sid*', 'sid-[0-9]', 'sid-1']\ncategory = 'essential'\n")
    assert written(found, "sid-1") == ["sid-1"]
    assert written(found, "sid-2") == ["sid-[0-9]"]
    assert written(found, "sid-x") == ["sid*"]


def test_entries_of_another_kind_are_not_candidates() -> None:
    found = parse("[[cookies]]\nname = 'theme'\nkind = 'local_storage'\ncategory = 'essential'\n")
    assert written(found, "theme") == []
    assert [one.pattern.text for one in found.candidates("theme", "local_storage")] == ["theme"]


@pytest.mark.parametrize("name", ["", b"", "x" * 5000])
def test_no_pattern_matches_an_empty_or_too_long_name(name: bytes | str) -> None:
    assert written(registry("abc*", "xxx*"), name) == []


def test_an_invalid_byte_of_utf_8_is_one_character() -> None:
    assert written(registry("abc?"), b"abc\xff") == ["abc?"]


@given(st.lists(WRITTEN, max_size=6, unique=True), NAMES)
def test_the_first_candidates_are_what_a_look_up_finds(texts: list[str], name: str) -> None:
    (blank,) = registry("blank").entries
    entries = [replace(blank, names=(text,), line=line) for line, text in enumerate(texts)]
    found = candidates(entries, name)
    best = [one.entry for one in found if one.precedence == found[0].precedence]
    assert best == [entries[number] for number in numbers_of(map(parse_pattern, texts)).find(name)]
