"""The results, as a table on the terminal and in docs/ledger.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Row, at
from benchmarks.rounds import Spread, Times

__all__ = ["GOAL", "Case", "show", "show_server", "write"]

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
BEGIN, END = "<!-- figures: made by make bench-ledger -->", "<!-- end of figures -->"
#: The goal: this part of the bare database's receipts per second.
GOAL = 0.8
WIDTH = 160
HEADINGS = (
    "database",
    "choosers",
    "receipts/s",
    "in a commit",
    "p50 ms",
    "p99 ms",
    "database alone",
    "without one",
    "CPU µs",
    "ratio",
    "90 % within",
    "",
)


@dataclass
class Case:
    """A number of choosers of one kind, in one database."""

    database: str
    load: str
    choosers: int
    times: Times = field(default_factory=list)

    def cells(self) -> list[str]:
        """Return its row of the table."""
        middle = {key: Spread.of(self.times, at(key), draws=20).middle for key in self.times[0]}
        ratio = Spread.of(self.times, lambda one: one["ledger"] / one["database"])
        return [
            self.database,
            f"{self.choosers} {self.load}" if self.choosers > 1 else f"1 {self.load[:-1]}",
            f"{middle['ledger']:,.0f}",
            f"{middle['batch']:.1f}",
            f"{middle['p50']:.2f}",
            f"{middle['p99']:.2f}",
            f"{middle['database']:,.0f}",
            f"{middle['nowhere']:,.0f}",
            f"{middle['ledger cpu']:.0f} / {middle['database cpu']:.0f}",
            f"{ratio.middle:.2f}",
            f"{ratio.low:.2f} to {ratio.high:.2f}",
            _verdict(ratio),
        ]


def _verdict(ratio: Spread) -> str:
    # With the goal inside of the interval, the result is open.
    if ratio.low >= GOAL:
        return "met"
    return "not met" if ratio.high < GOAL else "open"


def show(cases: Sequence[Case]) -> None:
    """Print the table."""
    table = Table(title=f"The ledger, goal: {GOAL:g} of the database", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if number < 2 else "right", no_wrap=True)
    for case in cases:
        table.add_row(*case.cells())
    # Wide enough for the whole table, also without a terminal.
    Console(width=max(WIDTH, Console().width)).print(table)


def show_server(rows: Sequence[Row]) -> None:
    """Print the results of the server."""
    for one in rows:
        print(_server_line(one))


def write(
    cases: Sequence[Case], server: Sequence[Row], *, sync: float, busy: float, seconds: float
) -> str:
    """
    Write all results into docs/ledger.md.

    Args:
        cases: The results of the loads.
        server: The results of the server.
        busy: The load average at the start.
        sync: The time to write a page to the disk and sync it, in milliseconds.
        seconds: The duration of the run.

    Returns:
        The name of the page.
    """
    machine = f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores"
    lines = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} "
        f"({machine}; a page is on the disk within {sync:.2f} ms; "
        f"load average {busy:.1f} before the first turn), "
        f"in {seconds / 60:.1f} minutes: `make bench-ledger`",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
        *(f"| {' | '.join(case.cells())} |" for case in cases),
        "",
        *(f"* {_server_line(one)}" for one in server),
    ]
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text("\n".join([f"{before}{BEGIN}", *lines, f"{END}{after}"]), encoding="utf-8")
    return PAGE.name


def _server_line(one: Row) -> str:
    digits = 0 if one.unit == "1/s" else 3
    unit = "" if one.unit == "ratio" else f" {one.unit}"
    low, middle, high = (
        f"{value:,.{digits}f}" for value in (one.figure.low, one.figure.middle, one.figure.high)
    )
    return f"{one.what}: {middle}{unit} ({low} to {high})"
