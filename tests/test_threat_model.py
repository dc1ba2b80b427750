"""docs/threat-model.md: each row names tests that are run, or states a limit and what to do."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

# One process collects the tests for all of these.
pytestmark = pytest.mark.xdist_group("threat_model")

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
ROWS = re.findall(r"^\| (?!it may|they may)(.+) \| (.+) \|(.*)\|$", PAGE, re.MULTILINE)
# How a limit begins. A colon separates what Cookiegate does not prevent from what to do.
LIMITS = ("cannot ", "never sees ", "relies on ")
ACTORS = (
    *("defect in the application", "third party's application", "hostile visitor", "flooder"),
    *("script of a third party", "injected markup", "sibling host", "another site", "caches"),
    *("own browser", "proxy", "database that fails", "ledger's database", "local user"),
    *("operators", "command line", "insights"),
)
# Sees each test before options or missing programs take it away.
COLLECT = """
import json, sys
import pytest

items = []

class Plugin:
    def pytest_itemcollected(self, item):
        case = item.callspec.id if hasattr(item, "callspec") else ""
        items.append((item.originalname, case, [mark.name for mark in item.iter_markers()]))

code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *sys.argv[2:]], [Plugin()])
with open(sys.argv[1], "w") as file:
    json.dump([code, items], file)
"""


class Named(NamedTuple):
    """A test as the page names it."""

    name: str
    #: What follows in parentheses: the target of the Makefile that runs it, or some of its cases.
    note: str


class Collected(NamedTuple):
    """A test as pytest collects it."""

    name: str
    case: str
    marks: list[str]


def named_in(tests: str) -> list[Named]:
    return [Named(*found) for found in re.findall(r"`(test_\w+)`(?: \(([^)]*)\))?", tests)]


NAMED = sorted({one for _, _, tests in ROWS for one in named_in(tests)})


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> list[Collected]:
    """What pytest collects in the files that define a test of the page."""
    names = {one.name for one in NAMED}
    files = [
        str(path)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if names & set(re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8")))
    ]
    output = tmp_path_factory.mktemp("collected") / "items.json"
    ended = subprocess.run(
        [sys.executable, "-c", COLLECT, output, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert output.exists(), ended.stderr
    code, items = json.loads(output.read_text(encoding="utf-8"))
    assert code == pytest.ExitCode.OK, ended.stdout
    return [Collected(*item) for item in items]


@pytest.mark.parametrize(("threat", "answer", "tests"), ROWS)
def test_each_row_names_its_tests_or_states_a_limit_and_what_to_do(
    threat: str, answer: str, tests: str
) -> None:
    if answer.startswith(LIMITS):
        assert re.search(r": \w|: `", answer), threat
    else:
        assert named_in(tests), threat


@pytest.mark.slow
@pytest.mark.parametrize("named", NAMED, ids=lambda named: named.name)
def test_each_test_of_the_page_is_run_with_the_cases_that_the_page_names(
    collected: list[Collected], named: Named
) -> None:
    found = [one for one in collected if one.name == named.name]
    assert found
    assert [one for one in found if {"skip", "skipif", "xfail"} & set(one.marks)] == []
    # Some of a test's cases may be left to a target of their own.
    if all("long" in one.marks for one in found):
        target = re.fullmatch(r"`make ([\w-]+)`", named.note)
        assert target, "not in make test, and the page does not say where"
        recipe = re.search(rf"^{target[1]}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
        assert recipe
        assert "-m long" in recipe[1]
    else:
        cases = re.findall(r'"([^"]+)"', named.note)
        assert bool(cases) is bool(named.note)
        missing = [case for case in cases if not any(case in one.case for one in found)]
        assert missing == []


def test_the_page_covers_every_actor() -> None:
    headings = " ".join(SECTIONS).lower()
    assert [actor for actor in ACTORS if actor not in headings] == []
    assert PAGE.count("\n| it may |") + PAGE.count("\n| they may |") == len(SECTIONS)


def test_the_security_policy_names_how_each_limit_begins() -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    listed = ", ".join(f'"{limit.strip()}"' for limit in LIMITS)
    assert f"({listed})" in policy
