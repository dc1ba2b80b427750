"""Print the figures as a table, and write them as Markdown, JSON and plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Row
from benchmarks.goals import GOALS, with_goal
from benchmarks.instructions.cases import COUNTS, KINDS, name_of
from benchmarks.instructions.committed import Committed
from benchmarks.results import Result, counted, save
from benchmarks.sections import INSTRUCTIONS, TITLES
from benchmarks.variants import ROOT, VARIANTS, Variant

__all__ = ["PAGE", "page", "show", "write"]

DOCS = ROOT / "docs"
PAGE = DOCS / "performance.md"


def show(title: str, rows: Sequence[Row]) -> None:
    """Print one section as a table."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("measured / compared with", min_width=26)
    for heading in ("figure", "90% within", "goal", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in rows:
        table.add_row(one.what, *_cells(one))
    Console().print(table)


def write(results: Mapping[str, Result]) -> None:
    """Write the results into the JSON file, the page, and the plots."""
    save({name: results[name] for name in TITLES if name in results})
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), results, Committed.load()), "utf-8")
    _plots(results)


def page(text: str, results: Mapping[str, Result], committed: Committed) -> str:
    """
    Return docs/performance.md with these figures in place of the ones that it has.

    Args:
        text: The page.
        results: The results of the sections.
        committed: The numbers of instructions.
    """
    rows: dict[str, Mapping[Variant, list[Row]]] = {name: one.rows for name, one in results.items()}
    rows[INSTRUCTIONS] = counted(committed)
    blocks = {
        "goals": _goals(rows),
        "instructions": _instructions(committed),
        "figures": [line for name in TITLES if name in results for line in _section(name, results)],
    }
    for name, lines in blocks.items():
        begin, end = f"<!-- {name}: made by make bench -->", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        made = "\n".join(lines).strip("\n")
        text = f"{before}{begin}\n{made}\n{end}{after}"
    return text


def _goals(rows: Mapping[str, Mapping[Variant, list[Row]]]) -> list[str]:
    lines = ["| what | command | pure: goal | figure | | with C: goal | figure | |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for goal in GOALS:
        command = f"`python -m benchmarks {goal.section}`"
        found: dict[str, dict[Variant, Row]] = {}
        for variant, of_section in rows.get(goal.section, {}).items():
            for row in of_section:
                if goal.is_about(goal.section, row):
                    found.setdefault(row.what, {})[variant] = with_goal(goal.section, row, variant)
        for what, by_variant in (found or {goal.what.replace("*", "…"): {}}).items():
            cells = [what, command]
            for variant in VARIANTS:
                one = by_variant.get(variant)
                if one is None:
                    wanted = "at least" if goal.at_least else "at most"
                    cells += [f"{wanted} {goal.of(variant):g}", "not measured", ""]
                else:
                    figure, spread, wanted, _ = _cells(one)
                    spread = f" ({spread})" if one.figure.low < one.figure.high else ""
                    cells += [wanted, f"{figure}{spread}", _met(one)]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _instructions(committed: Committed) -> list[str]:
    lines = [f"Counted with {committed.build}."]
    for protocol in ("ASGI", "WSGI"):
        for variant, figures in committed.figures.items():
            lines += ["", f"### {protocol}, {variant}", ""]
            heads = [f"{count} Set-Cookie" for count in COUNTS]
            lines.append(f"| request | subject | {' | '.join(heads)} |")
            lines.append("|---|---|" + "---|" * len(COUNTS))
            for request, subject in KINDS:
                found = [figures.get(name_of(protocol, request, n, subject)) for n in COUNTS]
                cells = ["" if one is None else f"{one:.1f}" for one in found]
                lines.append(f"| {request} | {subject} | {' | '.join(cells)} |")
    return lines


def _section(name: str, results: Mapping[str, Result]) -> list[str]:
    result = results[name]
    variants = list(result.rows)
    lines = [
        "",
        f"### {TITLES[name]}",
        "",
        f"`python -m benchmarks {name}`, on {result.date} with Python {result.python} "
        f"({result.machine})",
        "",
        "| measured / compared with |"
        + "".join(f" {one} | 90 % within | goal | |" for one in variants),
        "|---|" + "---|---|---|---|" * len(variants),
    ]
    by_what: dict[str, dict[str, list[str]]] = {}
    for variant, rows in result.rows.items():
        for one in rows:
            row = with_goal(name, one, variant)
            by_what.setdefault(one.what, {})[variant] = [*_cells(row)[:3], _met(row)]
    for what, cells in by_what.items():
        parts = [cell for one in variants for cell in cells.get(one, [""] * 4)]
        lines.append(f"| {what} | {' | '.join(parts)} |")
    return lines


def _met(row: Row) -> str:
    return {True: "met", False: "[not met](#profile)", None: ""}[row.is_met]


def _cells(one: Row) -> list[str]:
    digits = 3 if one.unit in ("ratio", "part") and one.figure.middle < 2 else 2
    digits = 0 if one.figure.middle >= 1000 else 1 if one.unit == "k" else digits
    unit = "" if one.unit == "ratio" else f" {one.unit}"
    goal = ""
    if one.goal is not None:
        goal = f"{'at least' if one.at_least else 'at most'} {one.goal:g}{unit}"
    met = {True: "met", False: "not met", None: ""}[one.is_met]
    low, middle, high = (
        f"{value:.{digits}f}" for value in (one.figure.low, one.figure.middle, one.figure.high)
    )
    return [f"{middle}{unit}", f"{low} to {high}", goal, met]


def _plots(results: Mapping[str, Result]) -> None:
    # Imported lazily: only the plots need it.
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    # A fixed salt: two runs then differ only in their figures.
    mpl.rcParams.update({"svg.hashsalt": "cookiegate", "svg.fonttype": "none", "font.size": 9})
    for section in ("asgi", "wsgi"):
        if section not in results:
            continue
        series: dict[str, list[tuple[int, float]]] = {}
        for variant, rows in results[section].rows.items():
            for one in rows:
                where, _, who = one.what.partition(": ")
                _, visitor, cookies = where.split(", ")
                # What has no gate has no forms.
                if visitor == "returning" and (variant == "pure" or who == "gate"):
                    name = who if variant == "pure" else f"{who}, {variant}"
                    point = (int(cookies.split(" ")[0]), max(one.figure.middle, 0.01))
                    series.setdefault(name, []).append(point)
        figure, axes = plt.subplots(figsize=(7, 4))
        for who, points in series.items():
            axes.plot(*zip(*points, strict=True), marker="o", label=who)
        axes.set_yscale("log")
        axes.set_xlabel("Set-Cookie headers on the response")
        axes.set_ylabel("added to the bare application, µs")
        axes.set_title(f"{section.upper()}, a returning visitor")
        axes.grid(visible=True, alpha=0.3)
        axes.set_xticks(sorted({count for points in series.values() for count, _ in points}))
        # Beside the plot, where no line crosses it.
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
        path = DOCS / "images" / f"added-{section}.svg"
        figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
        plt.close(figure)
