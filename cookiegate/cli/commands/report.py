"""`cookiegate report`: what was or would be stripped, where and how often."""

from __future__ import annotations

import click

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.options import (
    json_option,
    load_optional_registry,
    load_registry,
    reading_counts,
    registry_option,
    write_json,
)
from cookiegate.cli.render.report import print_report, to_json
from cookiegate.cli.scaffold.snippets import COUNTS_FILE
from cookiegate.registry import Registry
from cookiegate.reports.current import judge_now
from cookiegate.reports.known_cookies import KnownCookies
from cookiegate.reports.propose import as_toml, propose
from cookiegate.reports.sqlite import CountsFile, StoredRow

__all__ = ["report"]


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate report",
        "cookiegate report --propose >> cookiegate.toml",
        "cookiegate report --json /srv/shop/cookiegate-report.db",
    ],
)
@click.argument("file", default=COUNTS_FILE, envvar="COOKIEGATE_REPORT", type=click.Path())
@click.option("--all", "everything", is_flag=True, help="Also show cookies that need no attention.")
@click.option(
    "--propose", "with_proposals", is_flag=True, help="Print an entry for each unknown cookie."
)
@registry_option
@json_option
def report(file: str, everything: bool, with_proposals: bool, registry: str, as_json: bool) -> None:
    """Show what was or would be stripped, where and how often.

    FILE is what Counts writes on a running site, in report mode or enforced. The default is what
    COOKIEGATE_REPORT names, else cookiegate-report.db. To start again from zero, delete it.

    Counts are judged by the registry as it is now; without one, they are shown as counted.

    The exit code is 1 if something needs to be fixed: an unknown cookie, one that outlives its
    declared lifetime, or one without a name.
    """
    with reading_counts(file):
        rows = CountsFile(file).read()
    if with_proposals:
        _print_proposals(rows, load_registry(registry, as_json=as_json), as_json=as_json)
        return
    judged = judge_now(rows, load_optional_registry(registry, as_json=as_json))
    if as_json:
        write_json(to_json(judged, everything=everything))
    else:
        print_report(judged, file, everything=everything)
    if any(one.needs_fixing for one in judged):
        raise click.exceptions.Exit(1)


def _print_proposals(rows: list[StoredRow], registry: Registry, *, as_json: bool) -> None:
    proposals = propose(rows, registry, KnownCookies().find)
    if as_json:
        names = [one.name for one in proposals]
        write_json({"toml": as_toml(proposals, registry), "names": names})
    elif proposals:
        click.echo(as_toml(proposals, registry), nl=False)
    elif rows:
        click.echo("Nothing to propose: the registry has every cookie that was seen.", err=True)
    else:
        click.echo("Nothing to propose: no cookies were seen yet.", err=True)
