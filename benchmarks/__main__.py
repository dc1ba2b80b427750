"""The first four rows: what the gate costs a response, a cookie, and at a visitor's first sight."""

from __future__ import annotations

import argparse
import platform
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from cookiegate import Gate

from .rounds import Figure, Spread, Subject, Times, measure
from .subjects import (
    KEY,
    Floor,
    Forward,
    Handwritten,
    Loads,
    Reads,
    Requests,
    gated,
    registry,
    request_headers,
    site,
)


@dataclass(frozen=True)
class Row:
    """One line of the table: a ratio, its goal, and the two times it is made of."""

    what: str
    ratio: Spread
    goal: float
    at_least: bool
    ours: float
    theirs: float

    @property
    def is_met(self) -> bool:
        if self.at_least:
            return self.ratio.middle >= self.goal
        return self.ratio.middle <= self.goal


def row(
    what: str, times: Times, ours: Figure, theirs: Figure, goal: float, *, at_least: bool = False
) -> Row:
    """The ratio of two figures of the same rounds."""
    over, under = (theirs, ours) if at_least else (ours, theirs)
    return Row(
        what,
        Spread.of(times, lambda one: over(one) / under(one)),
        goal,
        at_least,
        Spread.of(times, ours).middle,
        Spread.of(times, theirs).middle,
    )


def slope(name: str) -> Figure:
    """What a response takes for each further cookie, from five to twenty."""
    return lambda times: (times[f"{name} 20"] - times[f"{name} 5"]) / 15


def no_cookie(rounds: int) -> list[Row]:
    gate = Gate(registry(), KEY)
    headers = request_headers(gate)
    times = measure(
        {
            "gate": Requests(gated(site, gate), headers, 0),
            "forward": Requests(Forward(site), headers, 0),
        },
        rounds=rounds,
        number=4000,
    )
    return [
        row(
            "a response without Set-Cookie / a forwarding wrapper",
            times,
            lambda one: one["gate"],
            lambda one: one["forward"],
            1.4,
        )
    ]


def cookies(rounds: int) -> list[Row]:
    gate = Gate(registry(), KEY)
    # A report that nobody hears is not made, so it is measured with a listener too.
    unheard = Gate(registry("report"), KEY)
    reporting = Gate(registry("report"), KEY, on_verdict=lambda verdict: None)
    headers = request_headers(gate)
    subjects: dict[str, Subject] = {}
    for count in (5, 20):
        subjects[f"gate {count}"] = Requests(gated(site, gate), headers, count)
        subjects[f"unheard {count}"] = Requests(gated(site, unheard), headers, count)
        subjects[f"reporting {count}"] = Requests(gated(site, reporting), headers, count)
        subjects[f"floor {count}"] = Requests(Floor(site, gate), headers, count)
    subjects["forward 20"] = Requests(Forward(site), headers, 20)
    subjects["handwritten 20"] = Requests(Handwritten(site, gate), headers, 20)
    times = measure(subjects, rounds=rounds, number=500)
    return [
        row("each further Set-Cookie / the floor's", times, slope("gate"), slope("floor"), 1.15),
        row(
            "the same, lifetimes reported, nobody listening",
            times,
            slope("unheard"),
            slope("floor"),
            1.25,
        ),
        row(
            "the same, lifetimes reported to a listener",
            times,
            slope("reporting"),
            slope("floor"),
            1.25,
        ),
        row(
            "20 Set-Cookie by http.cookies + itsdangerous / by the gate",
            times,
            lambda one: one["gate 20"] - one["forward 20"],
            lambda one: one["handwritten 20"] - one["forward 20"],
            30,
            at_least=True,
        ),
    ]


def first_sight(rounds: int) -> list[Row]:
    subjects: dict[str, Subject] = {"gate": Reads(Gate(registry(), KEY)), "loads": Loads()}
    times = measure(subjects, rounds=rounds, number=2000)
    return [
        row(
            "first sight of a visitor / itsdangerous' loads",
            times,
            lambda one: one["gate"],
            lambda one: one["loads"],
            0.35,
        )
    ]


def show(rows: list[Row]) -> None:
    console = Console()
    table = Table(
        title="What the gate costs",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column("what / against what", min_width=26)
    for heading in ("ratio", "90% within", "goal", "", "ours", "theirs"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in rows:
        table.add_row(
            one.what,
            f"{one.ratio.middle:.2f}",
            f"{one.ratio.low:.2f}–{one.ratio.high:.2f}",
            f"{'≥' if one.at_least else '≤'} {one.goal:g}",
            "[green]met[/]" if one.is_met else "[red]not met[/]",
            f"{one.ours / 1000:.2f}",
            f"{one.theirs / 1000:.2f}",
        )
    console.print(table)
    console.print(
        f"Python {platform.python_version()}, {platform.machine()}, "
        f"billogram.toml, half of the cookies stripped; "
        "times in microseconds.",
        highlight=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="turns for each subject")
    rounds = parser.parse_args().rounds
    show([*no_cookie(rounds), *cookies(rounds), *first_sight(rounds)])


if __name__ == "__main__":
    main()
