"""`cookiegate check`: find errors and possible improvements in a registry."""

from __future__ import annotations

import os

import click

from cookiegate.cli.check_run import RULES, CheckedFile, check_file
from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import make_console, print_prose
from cookiegate.cli.escape import escape_control
from cookiegate.cli.explanations import explanations
from cookiegate.cli.options import DEFAULT_REGISTRY, reading_registry, write_json
from cookiegate.cli.render import check_formats
from cookiegate.cli.render.check_text import print_checked, print_coverage
from cookiegate.registry.errors import did_you_mean, quoted

__all__ = ["check"]


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate check",
        "cookiegate check --production --format github cookiegate.toml",
        "cookiegate check --explain early-refusal",
    ],
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@click.option("--production", is_flag=True, help="Apply the stricter rules for production.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "gitlab"]),
    default="text",
    help="text for people; json, sarif; github, gitlab to annotate a change.",
)
@click.option("--holds", is_flag=True, help="Also print what holds back each entry.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--explain", metavar="CODE", help="Explain a code of advice, and check nothing.")
@click.option("-v", "--verbose", is_flag=True, help="Print every finding, however many there are.")
def check(
    files: tuple[str, ...],
    production: bool,
    form: str,
    holds: bool,
    as_json: bool,
    explain: str | None,
    verbose: bool,
) -> None:
    """Find errors and possible improvements in a registry.

    FILE is a path, "-" for standard input, or a shipped file such as cookiegate:starter. The
    default is what COOKIEGATE_REGISTRY names, else cookiegate.toml. Each finding begins with its
    file and line. To accept a piece of advice, write the reason into the table that it is about:
    accepted.CODE = "..."

    The exit code is 1 if there is a problem, or advice that is not accepted.
    """
    if explain is not None:
        _print_explanation(explain)
        return
    default = os.environ.get("COOKIEGATE_REGISTRY") or DEFAULT_REGISTRY
    checked = []
    for file in files or (default,):
        with reading_registry(file):
            checked.append(check_file(file, production=production))
    if as_json or form != "text":
        _print_for_machines(checked, "json" if as_json else form, holds=holds)
    else:
        print_checked(checked, make_console(), verbose=verbose)
        if holds:
            print_coverage(checked)
    if any(finding.counts for one in checked for finding in one.findings):
        raise click.exceptions.Exit(1)


def _print_explanation(code: str) -> None:
    texts = explanations()
    if code not in texts:
        raise click.UsageError(f"there is no code {quoted(code)}; {did_you_mean(code, texts)}")
    print_prose([RULES[code] + ".", "", *texts[code].splitlines()])


def _print_for_machines(checked: list[CheckedFile], form: str, *, holds: bool) -> None:
    if form == "json":
        write_json(check_formats.as_json(checked, holds=holds))
    elif form == "sarif":
        write_json(check_formats.as_sarif(checked))
    elif form == "gitlab":
        write_json(check_formats.as_gitlab(checked))
    else:
        for line in check_formats.as_github(checked):
            click.echo(line)
    # Standard output mostly goes into a file.
    for one in checked:
        click.echo(f"{escape_control(one.file)}: {one.summary}", err=True)
