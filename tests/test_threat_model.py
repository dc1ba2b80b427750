"""docs/threat-model.md names tests that exist."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs/threat-model.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!it may|they may)(.+) \| (.+) \|(.*)\|$", PAGE, re.MULTILINE)
DEFINED = {
    name
    for path in TESTS.rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
}
# How a row without tests begins: it states a limit of the gate.
LIMITS = ("cannot tell", "never sees")


@pytest.mark.parametrize(("threat", "answer", "tests"), ROWS)
def test_each_row_names_tests_that_exist_or_states_a_limit(
    threat: str, answer: str, tests: str
) -> None:
    named = re.findall(r"`(test_\w+)`", tests)
    assert set(named) <= DEFINED
    assert named or answer.startswith(LIMITS), threat


def test_the_page_covers_every_kind_of_attacker() -> None:
    assert len(ROWS) > 40
    assert PAGE.count("\n## ") == 8
