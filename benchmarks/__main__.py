"""Run the benchmarks. docs/performance.md has the results.

make bench                                        all sections, written into docs/
.venv/bin/python -m benchmarks goals scale        some sections, only printed
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from benchmarks import scale, sidebyside
from benchmarks.figures import Row
from benchmarks.report import show, write
from benchmarks.servers.instructions import instructions
from benchmarks.servers.rates import rates
from benchmarks.startup import startup


def _goals(rounds: int) -> list[Row]:
    return [*sidebyside.goals(rounds), *sidebyside.first_sight(rounds)]


def _peers(rounds: int) -> list[Row]:
    return [*sidebyside.peers(rounds), *sidebyside.scale_of_others(rounds)]


def _scale(rounds: int) -> list[Row]:
    return [
        *scale.verdicts(rounds),
        *scale.loading(rounds),
        *scale.memory(),
        *scale.crowd(),
    ]


SECTIONS: dict[str, tuple[str, Callable[[int], Sequence[Row]]]] = {
    "goals": ("The hot path", _goals),
    "asgi": ("Side by side, ASGI", sidebyside.by_visitor),
    "wsgi": ("Side by side, WSGI", sidebyside.wsgi),
    "peers": ("Hand-written code and other middleware", _peers),
    "scale": ("Scale", _scale),
    "startup": ("Start-up", startup),
    "servers": ("End to end, requests per second", rates),
    "servers-instructions": ("End to end, instructions", instructions),
}


def main() -> None:
    """Measure the named sections, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, default=30, help="rounds for each subject")
    parser.add_argument("--write", action="store_true", help="write the results into docs/")
    given = parser.parse_args()
    names = given.sections or list(SECTIONS)
    if unknown := set(names) - set(SECTIONS):
        parser.error(f"no section {sorted(unknown)[0]!r}; there are {', '.join(SECTIONS)}")
    found = {}
    for name in names:
        title, measure = SECTIONS[name]
        found[title] = measure(given.rounds)
        show(title, found[title])
    if given.write:
        called = {title: name for name, (title, _) in SECTIONS.items()}
        for path in write(found, called):
            print(path.name)


if __name__ == "__main__":
    main()
