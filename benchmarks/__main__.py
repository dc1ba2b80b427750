"""Run the benchmarks. docs/performance.md has the results.

make bench                                      all sections, written into docs/
.venv/bin/python -m benchmarks goals scale      some sections, only printed
.venv/bin/python -m benchmarks instructions     count instructions, and renew the committed figures
"""

from __future__ import annotations

import argparse

from benchmarks import results
from benchmarks.goals import with_goal
from benchmarks.instructions.committed import renew
from benchmarks.report import show, write
from benchmarks.results import Result
from benchmarks.sections import INSTRUCTIONS, TITLES, measure


def main() -> None:
    """Measure the named sections, or all of them, with each form of the gate that is there."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(TITLES))
    parser.add_argument("--rounds", type=int, default=30, help="rounds for each subject")
    parser.add_argument("--write", action="store_true", help="write the results into docs/")
    given = parser.parse_args()
    names = given.sections or list(TITLES)
    if unknown := set(names) - set(TITLES):
        parser.error(f"no section {sorted(unknown)[0]!r}; there are {', '.join(TITLES)}")
    made = results.load()
    for name in names:
        if name == INSTRUCTIONS:
            found = results.counted(renew())
        else:
            found = measure(name, given.rounds)
            if given.write:
                made[name] = Result.of(found)
        for variant, rows in found.items():
            show(f"{TITLES[name]}, {variant}", [with_goal(name, one, variant) for one in rows])
        # After each section: one that fails later does not take the others with it.
        if given.write or name == INSTRUCTIONS:
            write(made)


if __name__ == "__main__":
    main()
