"""The page of the figures keeps what was not measured again."""

from benchmarks.figures import Row
from benchmarks.report import BEGIN, END, merged
from benchmarks.rounds import Spread

ABOUT = {"date": "2026-11-28", "python": "3.11.7", "machine": "x86_64, Linux, 2 cores"}
NAMES = {"The first": "first", "The second": "second", "The third": "third"}
PAGE = f"""# Performance

{BEGIN}
### Gone

| old |

### The first

| first |

### The third

| third |
{END}

## After
"""


def row(middle: float, *, goal: float) -> Row:
    return Row("one / another", Spread(middle - 0.01, middle, middle + 0.01), goal=goal)


def test_a_section_is_replaced_in_its_place_and_others_stay() -> None:
    page = merged(PAGE, {"The second": [row(1.5, goal=1.4)]}, NAMES, ABOUT)
    assert page.startswith(
        f"# Performance\n\n{BEGIN}\n### The first\n\n| first |\n\n### The second\n"
    )
    assert "`python -m benchmarks second`, on 2026-11-28 with Python 3.11.7" in page
    line = "| one / another | 1.500 | 1.490 to 1.510 | at most 1.4 | [not met](#profile) |"
    assert f"{line}\n\n### The third\n\n| third |\n{END}\n\n## After\n" in page


def test_a_section_that_is_measured_again_is_there_once() -> None:
    once = merged(PAGE, {"The second": [row(1.5, goal=1.4)]}, NAMES, ABOUT)
    again = merged(once, {"The second": [row(1.3, goal=1.4)]}, NAMES, ABOUT)
    assert again.count("### The second\n") == 1
    assert "| 1.300 | 1.290 to 1.310 | at most 1.4 | met |" in again
    assert "1.500" not in again


def test_sections_that_no_longer_exist_leave() -> None:
    assert "Gone" not in merged(PAGE, {}, NAMES, ABOUT)
