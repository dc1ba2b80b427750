"""`cookiegate check`: what is wrong in a registry, and what could be better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cookiegate.cli.options import DEFAULT_REGISTRY, write_json

if TYPE_CHECKING:
    from cookiegate.cli.check_run import Checked

__all__ = ["check"]

_FORMATS = ("text", "json", "sarif", "github", "gitlab")


@click.command
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@click.option(
    "--production", is_flag=True, help="Demand what a site in production must not lack, too."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    help="text for people; json, sarif; github, gitlab for remarks beside a change.",
)
@click.option("--holds", is_flag=True, help="Say of each entry what holds it back.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("-v", "--verbose", is_flag=True, help="Print all, however much of one kind there is.")
def check(
    files: tuple[str, ...], production: bool, form: str, holds: bool, as_json: bool, verbose: bool
) -> None:
    """Find what is wrong in a registry, or could be better.

    FILE is cookiegate.toml if absent, or what COOKIEGATE_REGISTRY names; - is what is piped in,
    and cookiegate:starter a shipped file. Each finding begins with file and line. Advice can be
    silenced where it was considered, with the reason: write accepted.CODE = "..." into the table
    that it is about.

    The exit code is 1 when there is a problem, or advice that is not accepted.
    """
    import os

    checked = [
        _checked(file, production)
        for file in files or (os.environ.get("COOKIEGATE_REGISTRY") or DEFAULT_REGISTRY,)
    ]
    form = "json" if as_json else form
    if form == "text":
        import sys

        from rich.console import Console

        from cookiegate.cli.render.check_text import print_checked, print_holders

        console = Console() if sys.stdout.isatty() else None
        print_checked(checked, verbose=verbose, console=console)
        if holds:
            print_holders(checked)
    else:
        _write(checked, form, holds=holds)
    if any(finding.counts for one in checked for finding in one.findings):
        raise click.exceptions.Exit(1)


def _checked(file: str, production: bool) -> Checked:
    # Here, not above: `--help` needs none of it.
    from cookiegate.cli.check_run import check_file

    try:
        return check_file(file, production=production)
    except FileNotFoundError:
        raise click.UsageError(
            f"there is no file {file!r}; make one with: cookiegate init"
        ) from None
    except OSError as error:
        raise click.UsageError(f"{file!r} cannot be read: {error.strerror}") from None


def _write(checked: list[Checked], form: str, *, holds: bool) -> None:
    from cookiegate.cli.check_run import summary
    from cookiegate.cli.escape import shown
    from cookiegate.cli.render import check_formats

    if form == "json":
        write_json(check_formats.as_json(checked, holds=holds))
    elif form == "sarif":
        write_json(check_formats.as_sarif(checked))
    elif form == "gitlab":
        write_json(check_formats.as_gitlab(checked))
    else:
        for line in check_formats.as_github(checked):
            click.echo(line)
    # For whoever watches: what is above goes into a file, mostly.
    for one in checked:
        click.echo(f"{shown(one.file)}: {summary(one)}", err=True)
