"""Each code has an explanation, the same in the package and in the documentation."""

from pathlib import Path

from cookiegate.advice import ADVICE, DEMANDS
from cookiegate.cli.explanations import explanations
from docs.advice import COPY, PAGE, main


def test_each_code_has_an_explanation() -> None:
    assert explanations().keys() == {*ADVICE, *DEMANDS}
    assert all(len(text) > 80 for text in explanations().values())
    assert "](" not in "".join(explanations().values())


def test_the_copy_in_the_package_is_fresh(tmp_path: Path) -> None:
    assert main(["--check"]) == 0
    stale = tmp_path / "advice.md"
    stale.write_text("old")
    assert main(["--check"], stale) == 1
    assert main([], stale) == 0
    assert stale.read_bytes() == PAGE.read_bytes() == COPY.read_bytes()
