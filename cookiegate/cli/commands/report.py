"""`cookiegate report`: what would have been stripped, where, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cookiegate.cli.options import json_option, load_registry, registry_option, write_json
from cookiegate.cli.scaffold.snippets import COUNTS_FILE

if TYPE_CHECKING:
    from cookiegate.reports.sqlite import StoredRow

__all__ = ["report"]


@click.command
@click.argument(
    "file",
    default=COUNTS_FILE,
    envvar="COOKIEGATE_REPORT",
    type=click.Path(),
)
@click.option("--all", "everything", is_flag=True, help="Show what is as it should be, too.")
@click.option(
    "--propose", is_flag=True, help="Print a ready entry for each cookie that the registry lacks."
)
@registry_option
@json_option
def report(file: str, everything: bool, propose: bool, registry: str, as_json: bool) -> None:
    """Show what would have been stripped, where, and how often.

    FILE is what Counts writes, as COOKIEGATE_REPORT; cookiegate-report.db if absent. It is made by
    a site whose gate counts, in report mode or in earnest. Remove it to begin anew.

    The exit code is 1 where there is something to mend: a cookie that the registry lacks, one that
    outlives its declared time, one without a name.
    """
    rows = _read(file)
    if propose:
        _propose(rows, registry, as_json=as_json)
        return
    from cookiegate.cli.render.report import is_to_mend, print_report, to_json

    if as_json:
        write_json(to_json(rows, everything=everything))
    else:
        print_report(rows, file, everything=everything)
    if any(map(is_to_mend, rows)):
        raise click.exceptions.Exit(1)


def _read(file: str) -> list[StoredRow]:
    # Here, not above: `--help` needs none of it.
    from cookiegate.reports.sqlite import CountsFile, ReportFileError

    try:
        return CountsFile(file).read()
    except FileNotFoundError:
        raise click.UsageError(
            f"there is no file {file!r}; let a gate count into it: "
            f'Gate(..., on_verdict=Counts("{COUNTS_FILE}"))'
        ) from None
    except (OSError, ReportFileError) as error:
        raise click.UsageError(str(error)) from None


def _propose(rows: list[StoredRow], path: str, *, as_json: bool) -> None:
    from cookiegate.reports.known_cookies import KnownCookies
    from cookiegate.reports.propose import as_toml, propose

    registry = load_registry(path, as_json=as_json)
    found = propose(rows, registry, KnownCookies(registry).find)
    if as_json:
        write_json({"toml": as_toml(found, registry), "names": [one.name for one in found]})
    elif found:
        click.echo(as_toml(found, registry), nl=False)
    else:
        click.echo("Nothing to propose: every cookie that was seen is in the registry.", err=True)
