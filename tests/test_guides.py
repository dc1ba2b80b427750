"""The console blocks of the guides print what the pages show, in an empty folder."""

from pathlib import Path

import pytest

from tests.consoleblocks import check_page

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("page", ["adopting.md", "commands.md", "ledger.md"])
def test_the_blocks_of_a_guide_print_what_it_shows(page: str, tmp_path: Path) -> None:
    check_page(DOCS / page, tmp_path)
