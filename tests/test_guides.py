"""The guides' console blocks print what the pages say, in an empty folder."""

from pathlib import Path

import pytest

from tests.consoleblocks import check_page

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("page", ["adopting.md", "commands.md", "ledger.md"])
def test_a_guides_blocks_run_as_printed(page: str, tmp_path: Path) -> None:
    check_page(DOCS / page, tmp_path)
