"""The group of commands. Each command's module is imported only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from importlib import import_module
from typing import Any, Final, NamedTuple

import click
from click.shell_completion import CompletionItem

import cookiegate
from cookiegate.errors import CookiegateError

from .errors import CommandError, require_extra

__all__ = ["COMMANDS", "COMPLETE", "NAME", "CommandGroup", "CommandSpec", "cli"]

#: The command's name, also when it is run in another way.
NAME: Final = "cookiegate"
#: The environment variable in which a shell asks for completions.
COMPLETE: Final = "_COOKIEGATE_COMPLETE"


class CommandSpec(NamedTuple):
    """Where a command is defined, and its line of help."""

    #: A module in `commands`, which has the command under the command's name.
    module: str
    help: str
    #: The extra that the module needs.
    extra: str = ""

    def load(self, name: str) -> click.Command:
        """
        Import the command's module and return the command.

        Raises:
            UsageError: The extra is not installed.
        """
        path = f"{__package__}.commands.{self.module}"
        feature = f"{NAME} {self.module.partition('.')[0]}"
        guard = require_extra(self.extra, feature) if self.extra else nullcontext()
        with guard:
            command: click.Command = getattr(import_module(path), name)
        return command


#: In the order in which a site needs them.
COMMANDS: Final = {
    "init": CommandSpec("init", "Write a first registry and show how to install the gate."),
    "keygen": CommandSpec("keygen", "Print a new secret key."),
    "check": CommandSpec("check", "Find errors and possible improvements in a registry."),
    "report": CommandSpec("report", "Show what was or would be stripped, where and how often."),
    "explain": CommandSpec("explain", "Explain what the gate does with a cookie, and why."),
    "policy": CommandSpec("policy", "Print the cookie policy generated from the registry."),
    "texts": CommandSpec("texts.texts", "Translate the pages into other languages."),
    "ledger": CommandSpec("ledger.ledger", "Verify and sign the ledger, find and erase receipts."),
    "insights": CommandSpec("insights", "Show statistics about visitors' choices."),
    "completion": CommandSpec("completion", "Print the completion script for a shell."),
}


class CommandGroup(click.Group):
    """A group that finds its commands in a table, so that help and completion import none."""

    def __init__(self, *args: Any, specs: Mapping[str, CommandSpec], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._specs = specs

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._specs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        spec = self._specs.get(cmd_name)
        return None if spec is None else spec.load(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self._specs and not name.startswith("-") and not ctx.resilient_parsing:
            from cookiegate.registry.errors import did_you_mean, quoted

            known = did_you_mean(name, self._specs)
            ctx.fail(f"there is no command {quoted(name)}; {known}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CookiegateError as error:
            raise CommandError(str(error)) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, spec.help) for name, spec in self._specs.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        commands = [
            CompletionItem(name, help=spec.help)
            for name, spec in self._specs.items()
            if name.startswith(incomplete)
        ]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    NAME,
    cls=CommandGroup,
    specs=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success, 1 findings, 2 wrong usage. Every command has --help.",
)
@click.version_option(cookiegate.__version__, message=f"{NAME} %(version)s")
def cli() -> None:
    """Create, check and explain the registry, the file that says what each cookie is for."""
