"""The group of commands. A command's module is imported when it is called, and not before."""

from __future__ import annotations

from importlib import import_module
from typing import Final, NamedTuple

import click
from click.shell_completion import CompletionItem

import cookiegate

__all__ = ["COMMANDS", "COMPLETE", "NAME", "cli"]

#: What the command is called, also where it is run by another name.
NAME: Final = "cookiegate"
#: In this variable a shell says what it wants to have completed.
COMPLETE: Final = "_COOKIEGATE_COMPLETE"


class _Place(NamedTuple):
    module: str
    attribute: str
    help: str


#: In the order in which a site needs them.
COMMANDS: Final = {
    "init": _Place("init", "init", "Write a first registry, and say how to put the gate in."),
    "keygen": _Place("keygen", "keygen", "Make a secret key."),
    "check": _Place("check", "check", "Find what is wrong in a registry, or could be better."),
    "report": _Place("report", "report", "Show what would have been stripped, where, how often."),
    "explain": _Place("explain", "explain", "Say what the gate does to one cookie, and why."),
    "policy": _Place("policy", "policy", "Print the cookie policy that the registry makes."),
    "ledger": _Place(
        "ledger.group", "ledger", "Prove consent: verify, sign, find and erase receipts."
    ),
    "insights": _Place("insights", "insights", "Show how visitors choose, in numbers."),
    "completion": _Place(
        "completion", "completion", "Print what makes a shell complete this command."
    ),
}


class _Group(click.Group):
    """Finds its commands in a table, so that asking for help imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        place = COMMANDS[cmd_name]
        command = getattr(import_module(_module(place)), place.attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=COMMANDS[name].help) for name in names]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def _module(place: _Place) -> str:
    return f"{__package__}.commands.{place.module}"


@click.group(
    NAME,
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 findings, 2 wrong usage. Each command takes --help.",
)
@click.version_option(cookiegate.__version__, message=f"{NAME} %(version)s")
def cli() -> None:
    """One file says what each cookie is for. These commands make, check and explain it."""
