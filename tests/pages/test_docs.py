"""Pages that name tests name such as exist."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["asking.md", "what-holds-what.md"])
def test_every_test_that_the_page_names_is_there(name: str) -> None:
    page = (TESTS.parent / "docs" / name).read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    there = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert named
    assert named <= there
