"""Mistakes by path, and how a path is called."""

import pytest

from cookiegate.registry.errors import Path
from cookiegate.registry.validation.problem_list import ProblemList, heading, label


@pytest.mark.parametrize(
    ("path", "key", "table"),
    [
        (("site",), "site", "the file"),
        (("site", "name"), "name", "[site]"),
        (("site", "languages", 2), "languages", "[site]"),
        (("ledger", "keep"), "keep", "[ledger]"),
        (("categories", "b"), "categories.b", "[categories]"),
        (("categories", "b-c_d", "title", "en"), "title.en", "[categories.b-c_d]"),
        (("categories", "ö", "mode"), "mode", "[categories.'ö']"),
        (("services", "a", "links", 0, "url"), "links.url", "[services.a]"),
        (("cookies", 3), "cookies", "[cookies]"),
        (("cookies", 3, "name", 1), "name", "[[cookies]]"),
        (("authorities", 0, "url"), "url", "[[authorities]]"),
    ],
)
def test_a_path_has_the_names_that_its_author_wrote(path: Path, key: str, table: str) -> None:
    assert label(path) == key
    assert heading(path) == table


def test_what_is_below_a_lost_value_is_lost_too() -> None:
    found = ProblemList()
    assert not found.is_lost(("a",))
    found.lose(("a", "b"), "it is wrong", "write it right")
    found.mark_lost(("c",))
    found.add(("a", "b", "d"), "this only follows", "forget it")
    found.add(("c",), "this is reported elsewhere", "forget it")
    found.add(("a",), "this is another matter", "write it right")
    assert [one.what for one in found.found] == [
        "it is wrong",
        "this is another matter",
    ]
