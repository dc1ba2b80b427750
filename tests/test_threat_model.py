"""docs/threat-model.md names tests that exist."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parent / "docs/threat-model.md").read_text(encoding="utf-8")
ROWS = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| may")
]
DEFINED = {
    name
    for path in HERE.rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
}
# What a row says that names no test: it is beyond the gate.
BEYOND = ("cannot tell", "never sees", "is part of the application", "believes the file")


@pytest.mark.parametrize("row", [row for row in ROWS if not row.startswith("| it may |")])
def test_each_row_names_tests_that_exist_or_says_what_the_gate_cannot_do(row: str) -> None:
    _, who, does, shown, _ = row.split("|")
    named = re.findall(r"`(test_\w+)`", shown)
    assert set(named) <= DEFINED
    assert named or does.strip().startswith(BEYOND), who


def test_there_are_rows_for_everybody() -> None:
    assert len(ROWS) > 40
    assert PAGE.count("\n## ") == 8
