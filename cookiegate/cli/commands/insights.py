"""`cookiegate insights`: statistics about visitors' choices."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import note_written
from cookiegate.cli.errors import require_extra
from cookiegate.cli.files import FileKind, mark_page, open_output
from cookiegate.cli.options import (
    DAY,
    json_option,
    load_optional_registry,
    reading_counts,
    registry_option,
    write_json,
)
from cookiegate.cli.render.insights import print_insights, to_json
from cookiegate.cli.scaffold.snippets import COUNTS_FILE
from cookiegate.insights import BannerCounts, ChoiceCounts, CookieCounts, Period
from cookiegate.insights.aggregate import count_banners, count_cookies
from cookiegate.insights.sections import build_insights
from cookiegate.insights.steps import STEP_UNITS, StepUnit
from cookiegate.registry import Registry
from cookiegate.reports.sqlite import CountsFile

__all__ = ["insights"]


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate insights --ledger sqlite:///consent.db",
        "cookiegate insights --since 2026-11-01 --until 2026-11-30 --html insights.html",
        "cookiegate insights --by week --json",
    ],
)
@click.option(
    "--ledger",
    metavar="URL",
    envvar="COOKIEGATE_LEDGER",
    help="The ledger's database, as COOKIEGATE_LEDGER: sqlite:///consent.db",
)
@click.option(
    "--report",
    metavar="FILE",
    envvar="COOKIEGATE_REPORT",
    help=f"The file of Counts and Banners, as COOKIEGATE_REPORT.  [default: {COUNTS_FILE}]",
)
@click.option("--since", metavar="DAY", type=DAY, help="The first day (UTC): 2026-11-01")
@click.option("--until", metavar="DAY", type=DAY, help="The last day (UTC).")
@click.option(
    "--threshold",
    metavar="N",
    type=click.IntRange(min=1, max=1_000_000),
    default=10,
    help="Suppress counts below N; 1 suppresses nothing.  [default: 10]",
)
@click.option(
    "--by",
    type=click.Choice(STEP_UNITS),
    help="The steps in which time is shown.  [default: the shortest that leaves enough in each]",
)
@click.option("--html", metavar="FILE", help="Write an HTML page with charts to a file.")
@registry_option
@json_option
def insights(
    ledger: str | None,
    report: str | None,
    since: datetime | None,
    until: datetime | None,
    threshold: int,
    by: StepUnit | None,
    html: str | None,
    registry: str,
    as_json: bool,
) -> None:
    """Show statistics about visitors' choices that reveal nothing about any visitor.

    Reads the ledger, the file of counts, or both. Counts are rounded down to a multiple of the
    threshold, and smaller ones cannot be computed from what is shown.
    """
    if threshold == 2:
        # "Under 2" would reveal a count of 1.
        raise click.UsageError("a threshold of 2 hides nothing; write 3 or more, or 1 for none")
    first, last = since and since.date(), until and until.date()
    if first and last and last < first:
        raise click.UsageError(f"--until {last} is before --since {first}")
    period = Period(since=first, until=last)
    loaded = load_optional_registry(registry, as_json=as_json)  # for titles
    choices = None if ledger is None else _read_ledger(ledger, period)
    banners, cookies = _read_counts(report, period)
    if choices is None and cookies is None:
        raise click.UsageError(
            "there is nothing to read; write --ledger URL, --report FILE, or both"
        )
    result = build_insights(
        choices,
        banners,
        cookies,
        period=period,
        threshold=threshold,
        unit=by,
        site="" if loaded is None else loaded.site.name,
        titles={} if loaded is None else _titles(loaded),
    )
    if html is not None:
        with require_extra("insights", "--html"):
            from cookiegate.insights.page import render_page
        page = mark_page(render_page(result))
        with open_output(html, FileKind.PAGE, private=False) as file:
            file.write(page)
        note_written(html)
    if as_json:
        write_json(to_json(result))
    elif html is None:
        print_insights(result)


def _titles(registry: Registry) -> dict[str, str]:
    # The output is in English.
    languages = ("en", *registry.site.languages)
    return {
        one.id: next(filter(None, map(one.title.get, languages)), one.id)
        for one in registry.categories.values()
    }


def _read_ledger(url: str, period: Period) -> ChoiceCounts:
    with require_extra("insights", "--ledger"):
        from cookiegate.insights.ledger_source import read_ledger
    return read_ledger(url, period)


def _read_counts(
    path: str | None, period: Period
) -> tuple[BannerCounts | None, CookieCounts | None]:
    if path is None and not Path(COUNTS_FILE).exists():
        return None, None
    path = path or COUNTS_FILE
    file = CountsFile(path)
    with reading_counts(path):
        rows, cookies = file.read_banners(), count_cookies(file.read())
    return None if rows is None else count_banners(rows, period), cookies
