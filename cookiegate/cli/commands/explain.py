"""`cookiegate explain`: the verdict about one cookie, and the reasons for it."""

from __future__ import annotations

import os
import secrets
from typing import Final, Literal

import click

from cookiegate import Gate
from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import print_rows
from cookiegate.cli.options import (
    FC,
    complete_category,
    complete_name,
    json_option,
    load_registry,
    registry_option,
    split_commas,
    write_json,
)
from cookiegate.cli.render.explain import explanation_rows, to_json
from cookiegate.cli.render.sweep import print_sweep
from cookiegate.consent.model import Status
from cookiegate.explain import explain as explain_header
from cookiegate.explain import header_of, visitor
from cookiegate.http.signals import SIGNAL_TABLE

__all__ = ["explain"]

_STATUSES: Final = ("given", "missing", "expired", "invalid", "outdated")


def _signal_options(command: FC) -> FC:
    for one in reversed(SIGNAL_TABLE):
        help = f"The browser sends {one.title}."
        command = click.option(f"--{one.id}", one.id, is_flag=True, help=help)(command)
    return command


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate explain _ga",
        "cookiegate explain 'Set-Cookie: _ga=1; Max-Age=86400' --consent analysis",
        "cookiegate explain --sweep --host www.example.com",
    ],
)
@click.argument("cookie", metavar="[COOKIE]", required=False, shell_complete=complete_name)
@registry_option
@click.option(
    "--consent",
    metavar="CATEGORY",
    multiple=True,
    shell_complete=complete_category,
    help="A category that the visitor chose. May be repeated, or hold several with commas.",
)
@click.option(
    "--status",
    metavar="WORD",
    type=click.Choice(_STATUSES),
    help="The state of the choice: given, missing, expired, invalid or outdated.  "
    "[default: given with --consent, else missing]",
)
@_signal_options
@click.option("--host", metavar="NAME", help="The request's host.")
@click.option(
    "--mode",
    metavar="MODE",
    type=click.Choice(["enforce", "report"]),
    help="The gate's mode: enforce or report.  [default: the registry's]",
)
@click.option(
    "--sweep",
    is_flag=True,
    help="List the cookies that would be deleted if the browser still sent them.",
)
@click.option("--path", metavar="PATH", default="/", help="With --sweep: the request's path.")
@json_option
def explain(
    cookie: str | None,
    registry: str,
    consent: tuple[str, ...],
    status: Status | None,
    host: str | None,
    mode: Literal["enforce", "report"] | None,
    sweep: bool,
    path: str,
    as_json: bool,
    **signals: bool,
) -> None:
    """Explain what the gate does with a cookie, and why.

    COOKIE is a header, as in 'Set-Cookie: a=1; Path=/' (the first word is optional), or a name,
    short for the header name=1; Path=/. The verdict comes from the code that enforces it. It is
    not a finding: the exit code is 0.

    With --sweep, COOKIE is a name, or left out for every cookie of the registry.
    """
    if cookie is None and not sweep:
        raise click.UsageError("write a cookie, as a name or a header, or --sweep")
    if consent and status in ("missing", "invalid"):
        raise click.UsageError(
            f"with --status {status} the visitor has no valid choice, so --consent makes no sense; "
            "leave one of them out"
        )
    loaded = load_registry(registry, as_json=as_json)
    # The visitor's cookie is both written and read here, so any key will do.
    gate = Gate(loaded, secrets.token_urlsafe(32), mode=mode)
    try:
        granted = split_commas(consent)
        now = gate.clock()
        consent_state = visitor(
            gate,
            granted=granted,
            status=status or ("given" if granted else "missing"),
            signals=[one.id for one in SIGNAL_TABLE if signals[one.id]],
            now=now,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if sweep:
        print_sweep(gate, consent_state, host=host, path=path, name=cookie, as_json=as_json)
        return
    header = header_of(gate, os.fsencode(cookie or ""), consent_state, now=now)
    explanation = explain_header(gate, header, consent_state, host=host, now=now)
    if as_json:
        write_json(to_json(explanation, loaded))
    else:
        print_rows(explanation_rows(explanation, loaded))
