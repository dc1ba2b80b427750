"""Print insights as tables for people, or return them for machines."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from cookiegate.cli.console import make_table, print_prose, print_table
from cookiegate.cli.escape import escape_control
from cookiegate.insights.sections import Column, Insights, Section, count_text
from cookiegate.insights.wording import NOTHING, more_text, period_text, rule_text, small_text

__all__ = ["print_insights", "to_json"]


def print_insights(insights: Insights) -> None:
    """Print each section as a table."""
    threshold = insights.threshold
    print_prose([f"{period_text(insights)} {rule_text(threshold)}"])
    if small := small_text(insights):
        print_prose(["", small])
    for section in (insights.totals, *insights.sections):
        print_prose(["", section.title.upper()])
        if section.is_empty:
            print_prose([NOTHING])
        else:
            _print_section(section, threshold)
        if section.more:
            print_prose([more_text(section)])
        if section.text:
            print_prose([section.text])
    if insights.not_known:
        print_prose(["", "NOT KNOWN", *insights.not_known])


def to_json(insights: Insights) -> dict[str, Any]:
    """Return the insights for JSON, as docs/commands.md describes it."""
    threshold = insights.threshold
    totals = insights.totals
    return {
        "site": insights.site or None,
        "since": insights.since,
        "until": insights.until,
        "threshold": threshold,
        "totals": {row.id: _value(row.counts[0], threshold) for row in totals.rows},
        "tables": {section.id: _rows(section, threshold) for section in insights.sections},
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
                column.id: _value(count, threshold, column)
                for column, count in zip(section.columns, row.counts, strict=True)
            },
        }
        for row in section.rows
    ]


def _value(count: int | None, threshold: int, column: Column | None = None) -> int | str | None:
    if count is None:
        return "left out" if column is not None and column.missing == "left out" else None
    return count if count or threshold == 1 else count_text(count, threshold)


def _print_section(section: Section, threshold: int) -> None:
    table = make_table()
    table.add_column(section.row_title.lower(), overflow="fold")
    for column in section.columns:
        table.add_column(column.title.lower(), justify="right")
    for row in section.rows:
        counts = [
            count_text(count, threshold, column.missing or "not known")
            for column, count in zip(section.columns, row.counts, strict=True)
        ]
        table.add_row(Text(escape_control(row.title), "bold"), *counts)
    print_table(table)
