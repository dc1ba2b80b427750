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
def test_a_path_is_called_as_its_author_wrote_it(path: Path, key: str, table: str) -> None:
    assert label(path) == key
    assert heading(path) == table


def test_what_is_below_a_lost_value_is_lost_too() -> None:
    problem_list = ProblemList()
    assert not problem_list.is_lost(("a",))
    problem_list.lose(("a", "b"), "it is wrong", "write it right")
    problem_list.mark_lost(("c",))
    problem_list.add(("a", "b", "d"), "this only follows", "forget it")
    problem_list.add(("c",), "this is told elsewhere", "forget it")
    problem_list.add(("a",), "this is another matter", "write it right")
    assert [finding.what for finding in problem_list.found] == [
        "it is wrong",
        "this is another matter",
    ]
