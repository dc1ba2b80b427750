"""Print the figures as a table, and write them as Markdown, JSON and plots."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Row

__all__ = ["merged", "show", "write"]

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- figures: made by make bench -->", "<!-- end of figures -->"


def show(title: str, rows: Sequence[Row]) -> None:
    """Print one section as a table."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("measured / compared with", min_width=26)
    for heading in ("figure", "90% within", "goal", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in rows:
        table.add_row(one.what, *_cells(one))
    Console().print(table)


def write(sections: Mapping[str, Sequence[Row]], names: Mapping[str, str]) -> list[Path]:
    """
    Write the sections into docs/performance.md, the JSON file, and the plots.

    What these have of other sections stays.

    Args:
        sections: The rows of each section that was measured, by its title.
        names: The names on the command line, by title, of all sections there are, in order.

    Returns:
        The files that were written.
    """
    about = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
    }
    page = DOCS / "performance.md"
    page.write_text(merged(page.read_text(encoding="utf-8"), sections, names, about), "utf-8")
    data = DOCS / "performance.json"
    body: dict[str, Any] = json.loads(data.read_text(encoding="utf-8"))
    for title, rows in sections.items():
        body[title] = {"about": about, "rows": [_facts(one) for one in rows]}
    body = {title: body[title] for title in names if title in body}
    data.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [page, data, *_plots(sections)]


def merged(
    text: str,
    sections: Mapping[str, Sequence[Row]],
    names: Mapping[str, str],
    about: Mapping[str, str],
) -> str:
    """Return the page with these sections in place of what it had of them: see `write`."""
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    parts = {part.partition("\n")[0]: f"### {part.strip()}" for part in old.split("\n### ")[1:]}
    for title, rows in sections.items():
        lines = [
            f"### {title}",
            "",
            f"`python -m benchmarks {names[title]}`, on {about['date']} "
            f"with Python {about['python']} ({about['machine']})",
            "",
            "| measured / compared with | figure | 90 % within | goal | |",
            "|---|---|---|---|---|",
        ]
        for one in rows:
            *figures, met = _cells(one)
            link = f"[{met}](#profile)" if one.is_met is False else met
            lines.append(f"| {one.what} | {' | '.join(figures)} | {link} |")
        parts[title] = "\n".join(lines)
    made = "\n\n".join(parts[title] for title in names if title in parts)
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def _cells(one: Row) -> list[str]:
    digits = 3 if one.unit in ("ratio", "part") and one.figure.middle < 2 else 2
    digits = 0 if one.figure.middle >= 1000 else digits
    unit = "" if one.unit == "ratio" else f" {one.unit}"
    goal = ""
    if one.goal is not None:
        goal = f"{'at least' if one.at_least else 'at most'} {one.goal:g}{unit}"
    met = {True: "met", False: "not met", None: ""}[one.is_met]
    low, middle, high = (
        f"{value:.{digits}f}" for value in (one.figure.low, one.figure.middle, one.figure.high)
    )
    return [f"{middle}{unit}", f"{low} to {high}", goal, met]


def _facts(one: Row) -> dict[str, Any]:
    return {
        "what": one.what,
        "unit": one.unit,
        "figure": one.figure.middle,
        "low": one.figure.low,
        "high": one.figure.high,
        "goal": one.goal,
        "at_least": one.at_least,
        "met": one.is_met,
        "ours_us": one.ours,
        "theirs_us": one.theirs,
    }


def _plots(sections: Mapping[str, Sequence[Row]]) -> list[Path]:
    # Imported lazily: only the plots need it.
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    # A fixed salt: two runs then differ only in their figures.
    mpl.rcParams.update({"svg.hashsalt": "cookiegate", "svg.fonttype": "none", "font.size": 9})
    made = []
    for title, name, wanted in (
        ("Side by side, ASGI", "added-asgi", "ASGI, returning"),
        ("Side by side, WSGI", "added-wsgi", "WSGI, returning"),
    ):
        rows = [one for one in sections.get(title, ()) if one.what.startswith(wanted)]
        if not rows:
            continue
        series: dict[str, list[tuple[int, float]]] = {}
        for one in rows:
            where, _, who = one.what.partition(": ")
            count = int(where.split(", ")[2].split(" ")[0])
            series.setdefault(who, []).append((count, max(one.figure.middle, 0.01)))
        figure, axes = plt.subplots(figsize=(7, 4))
        for who, points in series.items():
            axes.plot(*zip(*points, strict=True), marker="o", label=who)
        axes.set_yscale("log")
        axes.set_xlabel("Set-Cookie headers on the response")
        axes.set_ylabel("added to the bare application, µs")
        axes.set_title(f"{wanted.partition(',')[0]}, a returning visitor")
        axes.grid(visible=True, alpha=0.3)
        axes.set_xticks(sorted({count for points in series.values() for count, _ in points}))
        # Beside the plot, where no line crosses it.
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
        path = DOCS / "images" / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
        plt.close(figure)
        made.append(path)
    return made
