"""The page of the figures."""

from benchmarks import results
from benchmarks.figures import Row
from benchmarks.goals import GOALS
from benchmarks.instructions.cases import CASES
from benchmarks.instructions.committed import Committed
from benchmarks.report import PAGE, page
from benchmarks.results import Result
from benchmarks.rounds import Spread
from benchmarks.variants import Variant

NOTHING = Committed("CPython 3.11.7", "3.11", {"pure": {}})
BLOCKS = ("goals", "instructions", "figures")
EMPTY = "\n".join(
    f"before {name}\n<!-- {name}: made by make bench -->\nold\n<!-- end of {name} -->"
    for name in BLOCKS
)
RATE = "gunicorn, Flask page, 6 cookies sent: requests/s of processor time with the gate / without"


def row(what: str, middle: float) -> Row:
    return Row(what, Spread(middle - 0.01, middle, middle + 0.01))


def result(pure: list[Row], with_c: list[Row]) -> Result:
    rows: dict[Variant, list[Row]] = {"pure": pure, "with C": with_c}
    return Result("2026-11-28", "3.11.7", "x86_64, Linux, 2 cores", rows)


def test_the_page_has_the_committed_figures() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, results.load(), Committed.load()) == text


def test_figures_are_replaced_and_other_text_stays() -> None:
    made = page(EMPTY, {}, NOTHING)
    assert all(f"before {name}\n<!-- {name}: made" in made for name in BLOCKS)
    assert "old" not in made
    assert page(made, {}, NOTHING) == made


def test_a_section_has_both_forms_of_the_gate_side_by_side() -> None:
    what = "no Set-Cookie / a forwarding wrapper"
    made = page(EMPTY, {"goals": result([row(what, 1.9)], [row(what, 1.3)])}, NOTHING)
    pure = "1.900 | 1.890 to 1.910 | at most 1.8 | [not met](#profile)"
    assert f"| {what} | {pure} | 1.300 | 1.290 to 1.310 | at most 1.4 | met |" in made
    assert "`python -m benchmarks goals`, on 2026-11-28 with Python 3.11.7" in made


def test_the_table_of_goals_has_goal_figure_and_command_for_both_forms() -> None:
    made = page(EMPTY, {"servers": result([row(RATE, 0.985)], [row(RATE, 0.985)])}, NOTHING)
    pure = "at least 0.98 | 0.985 (0.975 to 0.995) | met"
    with_c = "at least 0.99 | 0.985 (0.975 to 0.995) | [not met](#profile)"
    assert f"| {RATE} | `python -m benchmarks servers` | {pure} | {with_c} |" in made


def test_a_goal_without_a_figure_is_not_measured() -> None:
    made = page(EMPTY, {}, NOTHING)
    line = "| first sight of a consent / itsdangerous' loads | `python -m benchmarks goals` "
    assert f"{line}| at most 0.4 | not measured |  | at most 0.35 | not measured |  |" in made


def test_each_goal_of_instructions_has_a_case() -> None:
    assert {goal.what for goal in GOALS if goal.section == "instructions"} <= CASES.keys()
