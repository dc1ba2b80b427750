"""Print insights as tables for people, or return them for machines."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from cookiegate.cli.console import make_table, print_prose, print_rows, print_table
from cookiegate.cli.escape import escape_control
from cookiegate.insights.sections import Column, Insights, Section, cell_text, count_text
from cookiegate.insights.shares import Share
from cookiegate.insights.wording import (
    definitions,
    empty_text,
    more_text,
    needs_text,
    period_text,
    rule_text,
    small_text,
)

__all__ = ["print_insights", "to_json"]


def print_insights(insights: Insights) -> None:
    """Print each section as a table."""
    threshold = insights.threshold
    print_prose([f"{period_text(insights)} {rule_text(threshold)}"])
    if small := small_text(insights):
        print_prose(["", small])
    else:
        _print_shares(insights)
        for section in (*insights.over_time, insights.totals, *insights.sections):
            _print_section(section, threshold)
        if empty := empty_text(insights):
            print_prose(["", empty])
        print_prose(["", "HOW THIS IS COUNTED"])
        print_rows((term, text, "") for term, text in definitions(insights))
    if insights.not_known:
        print_prose(["", "NOT KNOWN", *insights.not_known])


def to_json(insights: Insights) -> dict[str, Any]:
    """Return the insights for JSON, as docs/commands.md describes it."""
    threshold = insights.threshold
    return {
        "site": insights.site or None,
        "since": insights.since,
        "until": insights.until,
        "by": insights.unit,
        "withdrawals_by": insights.withdrawal_unit,
        "threshold": threshold,
        "totals": {row.id: _value(row.cells[0], threshold) for row in insights.totals.rows},
        "shares": {
            group.id: {
                "of": _value(group.of, threshold),
                **{
                    id: None if group.shares is None else _value(group.shares[number], threshold)
                    for number, id in enumerate(group.titles)
                },
            }
            for group in insights.shares
        },
        "tables": {section.id: _rows(section, threshold) for section in insights.all_sections},
        "not_known": list(insights.not_known),
    }


def _rows(section: Section, threshold: int) -> list[dict[str, Any]] | None:
    if section.is_empty:
        return None
    return [
        {
            "row": row.id,
            "title": row.title,
            **{
                column.id: _value(cell, threshold, column)
                for column, cell in zip(section.columns, row.cells, strict=True)
            },
        }
        for row in section.rows
    ]


def _value(
    cell: int | Share | None, threshold: int, column: Column | None = None
) -> float | str | None:
    if cell is None:
        return "left out" if column is not None and column.missing == "left out" else None
    if isinstance(cell, Share):
        return cell.value
    return cell if cell or threshold == 1 else count_text(cell, threshold)


def _print_shares(insights: Insights) -> None:
    threshold = insights.threshold
    if not insights.shares:
        return
    print_prose(["", "SHARES"])
    table = make_table(header=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for group in insights.shares:
        pairs = zip(group.titles.values(), group.shares or (), strict=False)
        text = ", ".join(f"{title.lower()} {share.text}" for title, share in pairs)
        count = count_text(group.of, threshold, "left out")
        table.add_row(Text(group.title, "bold"), count, text or needs_text(group, threshold))
    print_table(table)


def _print_section(section: Section, threshold: int) -> None:
    if section.is_empty:
        return
    print_prose(["", section.title.upper()])
    table = make_table()
    table.add_column(section.row_title.lower(), overflow="fold")
    for column in section.columns:
        table.add_column(column.title.lower(), justify="right")
    for row in section.rows:
        cells = [
            cell_text(cell, threshold, column)
            for column, cell in zip(section.columns, row.cells, strict=True)
        ]
        table.add_row(Text(escape_control(row.title), "bold"), *cells)
    print_table(table)
    if section.more:
        print_prose([more_text(section)])
    if section.text:
        print_prose([section.text])
