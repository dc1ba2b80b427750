"""Which patterns can match: told from names that are tried one by one."""

from collections.abc import Iterable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiegate import Registry, RegistryError
from cookiegate.advice.reachability import Reach
from cookiegate.registry.errors import in_toml

SITE = "[site]\nname = 'S'\nlanguages = ['en']\n[categories.a]\n"


def registry_of(entries: Iterable[list[str]]) -> Registry:
    rows = (f"[[cookies]]\nname = {in_toml(names)}\ncategory = 'a'\n" for names in entries)
    return Registry.parse(SITE + "".join(rows))


def reached(first: list[str], *others: str) -> bool:
    registry = registry_of([first, *([name] for name in others)])
    return Reach(registry).is_reached(registry.entries[0])


TEN = [f"t{digit}" for digit in range(10)]
STARS = [f"{name}*" for name in TEN]
HUNDRED = [f"t{number:02}" for number in range(100)]


@pytest.mark.parametrize(
    ("names", "others", "is_reached"),
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
def test_an_entry_is_reached_by_what_nothing_else_takes(
    names: list[str], others: list[str], is_reached: bool
) -> None:
    assert reached(names, *others) is is_reached


def test_only_entries_of_its_kind_take_names_away() -> None:
    def rows(kind: str, *names: str) -> str:
        one = f"[[cookies]]\nname = '%s'\nkind = '{kind}'\ncategory = 'a'\n"
        return "".join(one % name for name in names)

    pixels = rows("pixel", "t[0-9]+", *TEN)
    registry = Registry.parse(SITE + pixels + rows("cookie", *STARS))
    assert Reach(registry).is_reached(registry.entries[0])
    registry = Registry.parse(SITE + pixels + rows("pixel", *STARS))
    assert not Reach(registry).is_reached(registry.entries[0])


def test_one_name_of_several_entries_takes_nothing_from_either() -> None:
    rows = "".join(
        f"[[cookies]]\nname = 't[0-9]'\ncategory = 'a'\ndomain = '{domain}'\n"
        for domain in ("a.example", "b.example")
    )
    registry = Registry.parse(SITE + rows)
    reach = Reach(registry)
    assert all(map(reach.is_reached, registry.entries))


def test_what_is_too_long_to_find_out_is_taken_to_be_reached() -> None:
    numbers = [f"t{number:04}" for number in range(10_000)]
    assert reached(["t[0-9][0-9][0-9][0-9]"], *numbers)


PIECES = st.lists(st.sampled_from(["0", "1", "x", "[0-9]", "[0-9]+", "?", "*"]), max_size=3)
DIGITS = [str(digit) for digit in range(10)]
# Every name of up to four characters, of which "y" is in no pattern.
NAMES = [
    "t" + "".join(some) for size in range(4) for some in product([*DIGITS, "x", "y"], repeat=size)
]


@settings(max_examples=60, deadline=None)
@given(
    pattern=PIECES.map(lambda some: "t[0-9]" + "".join(some)),
    fans=st.lists(PIECES.map("".join), min_size=1, max_size=2),
    others=st.lists(PIECES.map(lambda some: "t" + "".join(some)), max_size=3),
)
def test_whatever_a_name_finds_is_reached(pattern: str, fans: list[str], others: list[str]) -> None:
    names = {pattern, *others, *(f"t{digit}{end}" for end in fans for digit in DIGITS)}
    try:
        registry = registry_of([[pattern], *([name] for name in sorted(names - {pattern}))])
    except RegistryError:
        return  # two of them tie
    entry = registry.entries[0]
    is_reached = Reach(registry).is_reached(entry)
    if any(entry in registry.find(name) for name in NAMES):
        assert is_reached
    elif is_reached:
        # Then by a longer name.
        assert any(sign in pattern for sign in ("*", "+")) or len(pattern.replace("[0-9]", "0")) > 4
