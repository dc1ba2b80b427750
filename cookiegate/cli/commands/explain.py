"""`cookiegate explain`: which entry a cookie is, who lost, the verdict, and what would leave."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal

import click

from cookiegate.cli.options import (
    complete_category,
    complete_name,
    json_option,
    load_registry,
    registry_option,
    split_commas,
    write_json,
)

if TYPE_CHECKING:
    from cookiegate.consent.model import Status
    from cookiegate.http.signals import Signal

__all__ = ["explain"]

_STATUSES: Final = ("given", "missing", "expired", "invalid", "outdated")


@click.command
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
    help="How the choice is found: given, missing, expired, invalid or outdated.  "
    "[default: given with --consent, else missing]",
)
@click.option("--dnt", is_flag=True, help="The browser sends Do Not Track.")
@click.option("--gpc", is_flag=True, help="The browser sends Global Privacy Control.")
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
    help="List what would be expired where, if the browser still sent it.",
)
@click.option("--path", metavar="PATH", default="/", help="With --sweep: the request's path.")
@json_option
def explain(
    cookie: str | None,
    registry: str,
    consent: tuple[str, ...],
    status: Status | None,
    dnt: bool,
    gpc: bool,
    host: str | None,
    mode: Literal["enforce", "report"] | None,
    sweep: bool,
    path: str,
    as_json: bool,
) -> None:
    """Say what the gate does to one cookie, and why.

    COOKIE is a header, as in 'Set-Cookie: a=1; Path=/' (the first word may be left out), or a
    name, which stands for the plainest header: name=1; Path=/. The verdict is that of the code
    which enforces. It is no finding: the exit code is 0 whenever there is an answer.

    With --sweep COOKIE is a name, or may be left out for all that the registry has.
    """
    # Here, not above: completing and `--help` need none of it.
    from secrets import token_urlsafe

    from cookiegate import Gate
    from cookiegate.explain import explain as explain_header
    from cookiegate.explain import header_of, visitor

    if cookie is None and not sweep:
        raise click.UsageError("say which cookie: a name or a header, or give --sweep")
    if consent and status in ("missing", "invalid"):
        raise click.UsageError(
            f"--consent says what the visitor chose, and with --status {status} there is no choice "
            "to be read; leave one of them out"
        )
    loaded = load_registry(registry, as_json=as_json)
    signals: list[Signal] = ["dnt"] if dnt else []
    if gpc:
        signals.append("gpc")
    try:
        # Any key will do: the visitor's cookie is written here and read here.
        gate = Gate(loaded, token_urlsafe(32), mode=mode)
        granted = split_commas(consent)
        now = gate.clock()
        seen = visitor(
            gate,
            granted=granted,
            status=status or ("given" if granted else "missing"),
            signals=signals,
            now=now,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if sweep:
        from cookiegate.cli.render.sweep import print_sweep

        print_sweep(gate, seen, host=host, path=path, name=cookie, as_json=as_json)
        return
    header = header_of(gate, os.fsencode(cookie or ""), seen, now=now)
    explanation = explain_header(gate, header, seen, host=host, now=now)
    if as_json:
        from cookiegate.cli.render.explain import as_json as to_json

        write_json(to_json(explanation, loaded))
    else:
        from cookiegate.cli.console import print_rows
        from cookiegate.cli.render.explain import rows

        print_rows(rows(explanation, loaded))
