"""`cookiegate insights`: how visitors choose, in numbers that tell of nobody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cookiegate.cli.options import (
    DEFAULT_REGISTRY,
    json_option,
    load_registry,
    registry_option,
    write_json,
)
from cookiegate.cli.scaffold.snippets import COUNTS_FILE

if TYPE_CHECKING:
    from cookiegate.insights import BannerCounts, ChoiceCounts, CookieCounts, Period
    from cookiegate.registry import Registry

__all__ = ["insights"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command
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
    help=f"What Counts and Banners write, as COOKIEGATE_REPORT.  [default: {COUNTS_FILE}, if any]",
)
@click.option("--since", metavar="DAY", type=_DAY, help="The first day (UTC): 2026-11-01")
@click.option("--until", metavar="DAY", type=_DAY, help="The last day (UTC).")
@click.option(
    "--threshold",
    metavar="N",
    type=click.IntRange(min=1, max=1_000_000),
    default=10,
    help="Suppress counts below N; 1 suppresses nothing.  [default: 10]",
)
@click.option("--html", metavar="FILE", help="Write it as one page, with charts.")
@registry_option
@json_option
def insights(
    ledger: str | None,
    report: str | None,
    since: datetime | None,
    until: datetime | None,
    threshold: int,
    html: str | None,
    registry: str,
    as_json: bool,
) -> None:
    """Show how visitors choose, in numbers that tell of nobody.

    Read are the ledger and the file of counts, or one of them; what the other would say is not
    known then. Counts are rounded down to a multiple of the threshold, and no smaller one can be
    worked out.
    """
    if threshold == 2:
        # "Under 2" of something that was seen is 1.
        raise click.UsageError("a threshold of 2 hides nothing; write 3 or more, or 1 for none")
    # Here, not above: `--help` needs none of it.
    from cookiegate.cli.render.insights import print_insights, to_json
    from cookiegate.insights import Period
    from cookiegate.insights.sections import build_insights

    first, last = since and since.date(), until and until.date()
    if first and last and last < first:
        raise click.UsageError(f"--until {last} is before --since {first}")
    period = Period(since=first, until=last)
    loaded = _load(registry, as_json=as_json)
    choices = None if ledger is None else _read_ledger(ledger, period)
    banners, cookies = _read_counts(report, period)
    if choices is None and cookies is None:
        raise click.UsageError(
            "there is nothing to read; write --ledger URL, --report FILE, or both"
        )
    found = build_insights(
        choices,
        banners,
        cookies,
        period=period,
        threshold=threshold,
        site="" if loaded is None else loaded.site.name,
        titles={} if loaded is None else _titles(loaded),
    )
    if html is not None:
        try:
            from cookiegate.insights.page import render_page
        except ImportError as error:
            raise click.UsageError(
                f"--html needs {error.name}: pip install 'cookiegate[insights]'"
            ) from None
        try:
            Path(html).write_text(render_page(found), encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"{html!r} cannot be written: {error.strerror}") from None
    if as_json:
        write_json(to_json(found))
    elif html is None:
        print_insights(found)


def _load(path: str, *, as_json: bool) -> Registry | None:
    # For words alone: without the usual file there are fewer.
    if path == DEFAULT_REGISTRY and not Path(path).exists():
        return None
    return load_registry(path, as_json=as_json)


def _titles(registry: Registry) -> dict[str, str]:
    # The page is in English.
    languages = ("en", *registry.site.languages)
    return {
        one.id: next(filter(None, map(one.title.get, languages)), one.id)
        for one in registry.categories.values()
    }


def _read_ledger(url: str, period: Period) -> ChoiceCounts:
    try:
        from cookiegate.insights.ledger_source import read_ledger
        from cookiegate.ledger import LedgerError
    except ImportError as error:
        raise click.UsageError(
            f"--ledger needs {error.name}: pip install 'cookiegate[insights]'"
        ) from None
    try:
        return read_ledger(url, period)
    except LedgerError as error:
        raise click.UsageError(str(error)) from None


def _read_counts(
    path: str | None, period: Period
) -> tuple[BannerCounts | None, CookieCounts | None]:
    from cookiegate.insights.aggregate import count_banners, count_cookies
    from cookiegate.reports.sqlite import CountsFile, ReportFileError

    if path is None:
        if not Path(COUNTS_FILE).exists():
            return None, None
        path = COUNTS_FILE
    file = CountsFile(path)
    try:
        rows, cookies = file.read_banners(), count_cookies(file.read())
    except (OSError, ReportFileError) as error:
        raise click.UsageError(str(error)) from None
    return None if rows is None else count_banners(rows, period), cookies
