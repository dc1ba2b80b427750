"""`cookiegate completion`: the completion script for a shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.group import COMPLETE, NAME, cli

__all__ = ["completion"]

_SHELLS = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}


@click.command(
    cls=ExampleCommand,
    examples=[
        'eval "$(cookiegate completion bash)"  # in ~/.bashrc',
        'eval "$(cookiegate completion zsh)"   # in ~/.zshrc',
        "cookiegate completion fish > ~/.config/fish/completions/cookiegate.fish",
    ],
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> None:
    """Print the script that completes commands, options, categories and cookie names."""
    click.echo(_SHELLS[shell](cli, {}, NAME, COMPLETE).source())
