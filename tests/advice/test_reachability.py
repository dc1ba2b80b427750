"""A pattern is reachable if some name matches it and no better one."""

from collections.abc import Iterable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiegate import Registry, RegistryError
from cookiegate.advice.reachability import Reachability
from cookiegate.registry.errors import in_toml

SITE = "[site]\nname = 'S'\nlanguages = ['en']\n[categories.a]\n"


def registry_of(entries: Iterable[list[str]]) -> Registry:
    rows = (f"[[cookies]]\nname = {in_toml(names)}\ncategory = 'a'\n" for names in entries)
    return Registry.parse(SITE + "".join(rows))


def is_reachable(first: list[str], *others: str) -> bool:
    registry = registry_of([first, *([name] for name in others)])
    return Reachability(registry).is_reachable(registry.entries[0])


TEN = [f"t{digit}" for digit in range(10)]
STARS = [f"{name}*" for name in TEN]
HUNDRED = [f"t{number:02}" for number in range(100)]


@pytest.mark.parametrize(
    ("names", "others", "expected"),
    [
        (["t[0-9]"], TEN, False),
        (["t[0-9]"], TEN[:-1], True),
        (["t[0-9]", "u"], TEN, True),
        (["t[0-9]"], [], True),
        (["t[0-9][0-9]"], HUNDRED, False),
        (["t[0-9][0-9]"], HUNDRED[:-1], True),
        (["t[0-9][0-9]"], [f"{name}[0-9]" for name in TEN], False),
        (["t[0-9]+"], TEN, True),
        (["t[0-9]+"], STARS, False),
        (["t[0-9]+"], STARS[1:], True),
        (["t[0-9]+"], [*TEN, *(f"{name}[0-9]+" for name in TEN)], False),
        (["t*[0-9]"], STARS, True),
        (["t[0-9]*"], STARS, False),
        (["t[0-9]?"], STARS, False),
        (["t?[0-9]"], TEN, True),
        (["t*"], TEN, True),
        (["t"], TEN, True),
        (["t[0-9]x"], [f"{name}*" for name in TEN[1:]] + ["t0x"], False),
        (["id\\[0-9]"], TEN, True),
        (["t[0-9]", "t[0-9]+"], TEN, True),
    ],
)
def test_an_entry_is_reachable_by_a_name_that_no_other_entry_takes(
    names: list[str], others: list[str], expected: bool
) -> None:
    assert is_reachable(names, *others) is expected


def test_only_entries_of_its_kind_take_names() -> None:
    def rows(kind: str, *names: str) -> str:
        one = f"[[cookies]]\nname = '%s'\nkind = '{kind}'\ncategory = 'a'\n"
        return "".join(one % name for name in names)

    pixels = rows("pixel", "t[0-9]+", *TEN)
    registry = Registry.parse(SITE + pixels + rows("cookie", *STARS))
    assert Reachability(registry).is_reachable(registry.entries[0])
    registry = Registry.parse(SITE + pixels + rows("pixel", *STARS))
    assert not Reachability(registry).is_reachable(registry.entries[0])


def test_entries_with_the_same_name_take_no_names_from_each_other() -> None:
    rows = "".join(
        f"[[cookies]]\nname = 't[0-9]'\ncategory = 'a'\ndomain = '{domain}'\n"
        for domain in ("a.example", "b.example")
    )
    registry = Registry.parse(SITE + rows)
    reachability = Reachability(registry)
    assert all(map(reachability.is_reachable, registry.entries))


def test_a_pattern_counts_as_reachable_if_the_search_is_too_long() -> None:
    numbers = [f"t{number:04}" for number in range(10_000)]
    assert is_reachable(["t[0-9][0-9][0-9][0-9]"], *numbers)


PIECES = st.lists(st.sampled_from(["0", "1", "x", "[0-9]", "[0-9]+", "?", "*"]), max_size=3)
DIGITS = [str(digit) for digit in range(10)]
# Every name of up to four characters; "y" is in no pattern.
NAMES = [
    "t" + "".join(some) for size in range(4) for some in product([*DIGITS, "x", "y"], repeat=size)
]


@settings(max_examples=60, deadline=None)
@given(
    pattern=PIECES.map(lambda some: "t[0-9]" + "".join(some)),
    fans=st.lists(PIECES.map("".join), min_size=1, max_size=2),
    others=st.lists(PIECES.map(lambda some: "t" + "".join(some)), max_size=3),
)
def test_an_entry_found_by_a_name_is_reachable(
    pattern: str, fans: list[str], others: list[str]
) -> None:
    names = {pattern, *others, *(f"t{digit}{end}" for end in fans for digit in DIGITS)}
    try:
        registry = registry_of([[pattern], *([name] for name in sorted(names - {pattern}))])
    except RegistryError:
        return  # two patterns tie
    entry = registry.entries[0]
    is_reached = Reachability(registry).is_reachable(entry)
    if any(entry in registry.find(name) for name in NAMES):
        assert is_reached
    elif is_reached:
        # A longer name finds it.
        assert any(sign in pattern for sign in ("*", "+")) or len(pattern.replace("[0-9]", "0")) > 4
